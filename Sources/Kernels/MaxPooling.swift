internal import OneDNN
public import TensorCore

/// Where each maximum came from: its cell of the window, as oneDNN leaves it.
public struct Switches: Sendable {
  let workspace: Tensor
  let bytesPerSwitch: Int
  let shape: Shape
  /// Whether the definition's loop chose them, and not oneDNN.
  var isPlain = false

  /// For every output, in row-major order, the index of its maximum within the window, counted
  /// row by row: 0 is the window's first cell.
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

  /// Reads cells by the output's place in memory, channels last.
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

/// The greatest value of each window. Padding never wins; of equals the first does, and NaN before
/// any number.
public func maxPool(_ images: Tensor, _ geometry: PoolingGeometry) -> (Tensor, Switches) {
  let shape = geometry.fittingShape(for: images.shape)
  let description = geometry.description(.maximum, images.shape)
  // oneDNN passes over NaN, and finds the least finite number where all are −∞.
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

/// The greatest value of each window, when nothing goes back.
public func maxPoolWithoutSwitches(_ images: Tensor, _ geometry: PoolingGeometry) -> Tensor {
  let description = geometry.description(.maximum, images.shape)
  guard images.isFinite, let primitive = primitiveIfOffered(.pooling(description, .inference))
  else { return plainMaxPool(images, geometry).0 }
  let output = pool(images, primitive, geometry.fittingShape(for: images.shape))
  if let magnitude = images.knownMagnitude { output.noteMagnitude(magnitude) }
  return output
}

/// Puts each value of `gradient` where its window's maximum was: the derivative, and Zeiler and
/// Fergus's unpooling (2014, section 2.1).
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

/// Max pooling by its definition, for windows that oneDNN refuses and for what is not finite.
private func plainMaxPool(
  _ images: Tensor, _ geometry: PoolingGeometry
) -> (Tensor, Switches) {
  let shape = geometry.fittingShape(for: images.shape)
  let taps = geometry.taps(images.shape)
  let channels = shape[1]
  // None yet: what comes first is taken whatever it is.
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
  // Bit for bit as oneDNN keeps them.
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
