internal import OneDNN
public import TensorCore

/// A pooling window and how it moves.
public struct PoolingGeometry: Sendable, Hashable, Codable {
  public var window: [Int]
  public var moves: WindowGeometry
  /// Round the output's extent up, so that the last rows and columns are always covered.
  public var ceiling: Bool

  public init(window: [Int], moves: WindowGeometry, ceiling: Bool = false) {
    (self.window, self.moves, self.ceiling) = (window, moves, ceiling)
  }

  /// A square window on pictures.
  public init(window: Int, stride: Int, padding: Int = 0, ceiling: Bool = false) {
    self.init(
      window: [window, window], moves: WindowGeometry(stride: stride, padding: padding),
      ceiling: ceiling)
  }

  public func outputShape(for images: Shape) -> Shape? {
    moves.outputExtents(images.spatial, window: window, ceiling: ceiling)
      .map { Shape([images[0], images[1]] + $0) }
  }
}

/// Where each maximum came from, as oneDNN leaves it.
public struct Switches: Sendable {
  let workspace: Tensor
  let bytesPerSwitch: Int
  let shape: Shape

  /// For every output, in row-major order, the index of its maximum within the window, counted
  /// row by row: 0 is the window's first cell.
  public var windowIndices: [Int] {
    let (n, c) = (shape[0], shape[1])
    let positions = shape.spatial.reduce(1, *)
    var indices = [Int](repeating: 0, count: shape.elementCount)
    workspace.withUnsafeElements { raw in
      let bytes = UnsafeRawBufferPointer(raw)
      for image in 0..<n {
        for position in 0..<positions {
          for channel in 0..<c {
            let from = (image * positions + position) * c + channel
            let value =
              bytesPerSwitch == 1
              ? Int(bytes[from]) : Int(bytes.load(fromByteOffset: 4 * from, as: Int32.self))
            indices[(image * c + channel) * positions + position] = value
          }
        }
      }
    }
    return indices
  }
}

/// The greatest value of each window. Padding never wins; of equals the first does.
public func maxPool(_ images: Tensor, _ geometry: PoolingGeometry) -> (Tensor, Switches) {
  let description = description(.maximum, images.shape, geometry)
  let primitive = primitive(.pooling(description, .training))
  let shape = Shape(description.destination)
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
  return (output ?? images, switches)
}

/// The greatest value of each window, when nothing goes back.
public func maxPoolWithoutSwitches(_ images: Tensor, _ geometry: PoolingGeometry) -> Tensor {
  pool(images, description(.maximum, images.shape, geometry))
}

/// Puts each value of `gradient` where its window's maximum was: the derivative, and Zeiler and
/// Fergus's unpooling (2014, section 2.1).
public func maxPoolInputGradient(
  of gradient: Tensor, switches: Switches, imageShape: Shape, _ geometry: PoolingGeometry
) -> Tensor {
  let primitive = primitive(.pooling(description(.maximum, imageShape, geometry), .backward))
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

/// The mean of each window.
///
/// - Parameter countsPadding: Whether zeros of the padding count as elements. Cells that only
///   the ceiling mode adds never do, as in PyTorch.
public func averagePool(
  _ images: Tensor, _ geometry: PoolingGeometry, countsPadding: Bool
) -> Tensor {
  let plan = averagingPlan(images.shape, geometry, countsPadding: countsPadding)
  let output = pool(images, plan.description)
  return plan.weights.map { weigh(output, by: $0) } ?? output
}

/// Spreads each value of `gradient` evenly over its window.
public func averagePoolInputGradient(
  of gradient: Tensor, imageShape: Shape, _ geometry: PoolingGeometry, countsPadding: Bool
) -> Tensor {
  let plan = averagingPlan(imageShape, geometry, countsPadding: countsPadding)
  let gradient = plan.weights.map { weigh(gradient, by: $0) } ?? gradient
  let primitive = primitive(.pooling(plan.description, .backward))
  return Tensor(shape: imageShape, layout: .channelsLast) { output in
    gradient.arranged(as: .channelsLast).withReadPointer {
      primitive.run([(.destinationGradient, $0), (.sourceGradient, output)])
    }
  }
}

private func pool(_ images: Tensor, _ description: PoolingDescription) -> Tensor {
  let primitive = primitive(.pooling(description, .inference))
  return Tensor(shape: Shape(description.destination), layout: .channelsLast) { output in
    images.arranged(as: .channelsLast).withReadPointer {
      primitive.run([(.source, $0), (.destination, output)])
    }
  }
}

/// How to average: by oneDNN alone, or, where its divisor is not the asked one, with a factor
/// for each position `[H', W']`.
private func averagingPlan(
  _ images: Shape, _ geometry: PoolingGeometry, countsPadding: Bool
) -> (description: PoolingDescription, weights: [Float]?) {
  var plan = description(.averageWithoutPadding, images, geometry)
  let moves = geometry.moves
  guard countsPadding else { return (plan, nil) }
  let overhangs = plan.paddingAfter.indices.contains {
    plan.paddingAfter[$0] > moves.paddingAfter[$0]
  }
  guard overhangs else {
    plan.kind = .averageWithPadding
    return (plan, nil)
  }
  // elements inside the picture / elements inside the picture and its declared padding
  let output = Array(plan.destination.dropFirst(2))
  let axes = output.indices.map { axis in
    (0..<output[axis]).map { index -> Float in
      let start = index * moves.stride[axis] - moves.paddingBefore[axis]
      let end = start + geometry.window[axis]
      let inside = min(end, images.spatial[axis]) - max(start, 0)
      return Float(inside)
        / Float(min(end, images.spatial[axis] + moves.paddingAfter[axis]) - start)
    }
  }
  return (plan, axes.reduce([1]) { table, axis in table.flatMap { x in axis.map { x * $0 } } })
}

private func weigh(_ tensor: Tensor, by weights: [Float]) -> Tensor {
  let channels = tensor.shape[1]
  return tensor.arranged(as: .channelsLast).withUnsafeElements { source in
    Tensor(shape: tensor.shape, layout: .channelsLast) { target in
      for index in 0..<target.count {
        target[index] = source[index] * weights[index / channels % weights.count]
      }
    }
  }
}

private func description(
  _ kind: PoolingDescription.Kind, _ images: Shape, _ geometry: PoolingGeometry
) -> PoolingDescription {
  guard let output = geometry.outputShape(for: images) else {
    preconditionFailure("windows of \(geometry.window) do not fit into \(images)")
  }
  return PoolingDescription(
    kind: kind, source: images.extents, destination: output.extents, window: geometry.window,
    stride: geometry.moves.stride, paddingBefore: geometry.moves.paddingBefore,
    paddingAfter: geometry.moves.reachAfter(
      images.spatial, window: geometry.window, output: output.spatial))
}
