internal import OneDNN
public import TensorCore

/// The position of each maximum: its cell of the window, as oneDNN stores it.
public struct Switches: Sendable {
  let workspace: Tensor
  let bytesPerSwitch: Int
  let shape: Shape
  /// Whether they come from the plain loop, not from oneDNN.
  var isPlain = false

  /// The memory that they take.
  package var byteCount: Int { shape.elementCount * bytesPerSwitch }

  /// For every output, in row-major order, the index of its maximum within the window, counted row
  /// by row from the first cell at 0.
  public var windowIndices: [Int] {
    let (n, c) = (shape[0], shape[1])
    let positions = shape.spatial.reduce(1, *)
    var indices = [Int](repeating: 0, count: shape.elementCount)
    withCells { cell in
      for image in 0..<n {
        for position in 0..<positions {
          for channel in 0..<c {
            indices[(image * c + channel) * positions + position] =
              cell((image * positions + position) * c + channel)
          }
        }
      }
    }
    return indices
  }

  /// Reads cells by the output's position in memory, channels last.
  func withCells(_ body: ((Int) -> Int) -> Void) {
    workspace.withUnsafeElements { elements in
      let bytes = UnsafeRawBufferPointer(elements)
      body { place in
        bytesPerSwitch == 1
          ? Int(bytes[place]) : Int(bytes.load(fromByteOffset: 4 * place, as: Int32.self))
      }
    }
  }
}

/// The maximum of each window. Padding is never the maximum; of equal values the first one is, and
/// NaN takes precedence over any number.
public func maxPool(_ images: Tensor, _ geometry: PoolingGeometry) -> (Tensor, Switches) {
  // The backward pass adds up what overlapping windows send to a position, which needs Floats.
  guard images.precision == .float32 else {
    let (output, switches) = maxPool(images.converted(to: .float32), geometry)
    return (output.converted(to: images.precision), switches)
  }
  let shape = geometry.fittingShape(for: images.shape)
  let description = geometry.description(.maximum, images.shape)
  // oneDNN ignores NaN, and returns the least finite number if all values are −∞.
  guard images.isFinite, let primitive = primitiveIfOffered(.pooling(description, .training)) else {
    return plainMaxPool(images, geometry)
  }
  let bytes = primitive.bytes(of: .workspace)
  var output: Tensor?
  let workspace = Tensor(shape: [floats(bytes)], layout: .rowMajor) { workspace in
    output = Tensor(shape: shape, layout: .channelsLast) { output in
      images.arranged(as: .channelsLast).withReadPointer {
        primitive.run([(.source, $0), (.destination, output), (.workspace, workspace)])
      }
    }
  }
  let switches = Switches(
    workspace: workspace, bytesPerSwitch: bytes >= 4 * shape.elementCount ? 4 : 1, shape: shape)
  if let magnitude = images.knownMagnitude { output?.noteMagnitude(magnitude) }
  return (output ?? images, switches)
}

/// The maximum of each window, if no backward pass follows.
public func maxPoolWithoutSwitches(_ images: Tensor, _ geometry: PoolingGeometry) -> Tensor {
  let description = geometry.description(.maximum, images.shape, images.precision)
  guard images.isFinite, let primitive = primitiveIfOffered(.pooling(description, .inference))
  else { return plainMaxPool(images, geometry).0 }
  let output = pool(images, primitive, geometry.fittingShape(for: images.shape))
  if let magnitude = images.knownMagnitude { output.noteMagnitude(magnitude) }
  return output
}

/// Puts each value of `gradient` at the position of its window's maximum: the derivative, and
/// Zeiler and Fergus's unpooling (2014, section 2.1).
public func maxPoolInputGradient(
  of gradient: Tensor, switches: Switches, imageShape: Shape, _ geometry: PoolingGeometry
) -> Tensor {
  guard !switches.isPlain,
    let primitive = primitiveIfOffered(
      .pooling(geometry.description(.maximum, imageShape), .backward))
  else {
    return plainMaxPoolGradient(of: gradient, switches, imageShape, geometry)
  }
  return Tensor(shape: imageShape, layout: .channelsLast) { output in
    gradient.arranged(as: .channelsLast).withReadPointer { gradient in
      switches.workspace.withReadPointer {
        primitive.run([
          (.destinationGradient, gradient), (.workspace, $0), (.sourceGradient, output),
        ])
      }
    }
  }
}

/// Max pooling by its definition, for windows that oneDNN rejects and for non-finite values.
private func plainMaxPool(
  _ images: Tensor, _ geometry: PoolingGeometry
) -> (Tensor, Switches) {
  let shape = geometry.fittingShape(for: images.shape)
  let taps = geometry.taps(images.shape)
  let channels = shape[1]
  // None yet: the first value is taken whatever it is.
  var cells = [Int32](repeating: -1, count: shape.elementCount)
  let output = Tensor(
    shape: shape, layout: .channelsLast,
    filledBy: { output in
      output.initialize(repeating: -.infinity, count: shape.elementCount)
      images.arranged(as: .channelsLast).withReadPointer { images in
        for image in 0..<shape[0] {
          taps.forEach { place, cell, pixel in
            let target = (image * taps.outputCount + place) * channels
            let source = (image * taps.inputCount + pixel) * channels
            for channel in 0..<channels {
              let (value, held) = (images[source + channel], output[target + channel])
              guard value > held || value.isNaN && !held.isNaN || cells[target + channel] < 0
              else { continue }
              output[target + channel] = value
              cells[target + channel] = Int32(truncatingIfNeeded: cell)
            }
          }
        }
      }
    })
  // In exactly the format that oneDNN uses.
  let workspace = Tensor(
    shape: [cells.count], cells.map { Float(bitPattern: UInt32(bitPattern: $0)) })
  return (output, Switches(workspace: workspace, bytesPerSwitch: 4, shape: shape, isPlain: true))
}

private func plainMaxPoolGradient(
  of gradient: Tensor, _ switches: Switches, _ imageShape: Shape, _ geometry: PoolingGeometry
) -> Tensor {
  let taps = geometry.taps(imageShape)
  let channels = imageShape[1]
  return Tensor(
    shape: imageShape, layout: .channelsLast,
    filledBy: { output in
      output.initialize(repeating: 0, count: imageShape.elementCount)
      gradient.arranged(as: .channelsLast).withReadPointer { gradient in
        switches.withCells { chosen in
          for image in 0..<imageShape[0] {
            taps.forEach { place, cell, pixel in
              let source = (image * taps.outputCount + place) * channels
              let target = (image * taps.inputCount + pixel) * channels
              for channel in 0..<channels where chosen(source + channel) == cell {
                output[target + channel] += gradient[source + channel]
              }
            }
          }
        }
      }
    })
}
