internal import OneDNN
public import TensorCore

/// The mean of each window.
///
/// - Parameter countsPadding: Whether the padding's zeros count as elements. Cells that only exist
///   because of ceiling mode never count, as in PyTorch.
public func averagePool(
  _ images: Tensor, _ geometry: PoolingGeometry, countsPadding: Bool
) -> Tensor {
  let plan = AveragingPlan(
    images.shape, geometry, countsPadding: countsPadding, images.precision)
  guard let description = plan.description,
    let primitive = primitiveIfOffered(.pooling(description, .inference))
  else {
    return weigh(plainWindowSums(images, geometry), by: plan.shares)
  }
  let output = pool(images, primitive, geometry.fittingShape(for: images.shape))
  if let corrections = plan.corrections { return weigh(output, by: corrections) }
  // Before they are divided, sums may overflow.
  let area = Float(geometry.window.reduce(1, *))
  if let magnitude = images.knownMagnitude, LayerBound(magnitude * area).isSafe {
    output.noteMagnitude(magnitude)
  }
  return output
}

/// Distributes each value of `gradient` evenly over its window.
public func averagePoolInputGradient(
  of gradient: Tensor, imageShape: Shape, _ geometry: PoolingGeometry, countsPadding: Bool
) -> Tensor {
  // Overlapping windows add up at a position, which needs Floats.
  let plan = AveragingPlan(imageShape, geometry, countsPadding: countsPadding, .float32)
  guard let description = plan.description,
    let primitive = primitiveIfOffered(.pooling(description, .backward))
  else {
    return plainWindowSumsGradient(of: weigh(gradient, by: plan.shares), imageShape, geometry)
  }
  let gradient = plan.corrections.map { weigh(gradient, by: $0) } ?? gradient
  return Tensor(shape: imageShape, layout: .channelsLast) { output in
    gradient.arranged(as: .channelsLast).withReadPointer {
      primitive.run([(.destinationGradient, $0), (.sourceGradient, output)])
    }
  }
}

/// How to average: with oneDNN, corrected by a factor for each position `[H', W']` if its divisor
/// is not the requested one, or by the definition.
private struct AveragingPlan {
  /// Nil if a window has no element inside the picture; oneDNN leaves its mean undefined.
  let description: PoolingDescription?
  let corrections: [Float]?
  /// `1 / divisor` at each position.
  let shares: [Float]

  init(
    _ images: Shape, _ geometry: PoolingGeometry, countsPadding: Bool, _ precision: Precision
  ) {
    let moves = geometry.moves
    let output = geometry.fittingShape(for: images).spatial
    func counts(padded: Bool) -> [[Int]] {
      output.indices.map { axis in
        let end = images.spatial[axis] + (padded ? moves.paddingAfter[axis] : 0)
        return moves.cells(
          in: (padded ? -moves.paddingBefore[axis] : 0)..<end, along: axis, output: output[axis],
          window: geometry.window[axis])
      }
    }
    let inside = counts(padded: false)
    let counted = countsPadding ? counts(padded: true) : inside
    shares = product(counted.map { $0.map { 1 / Float(max($0, 1)) } })

    guard !inside.contains(where: { $0.contains(0) }) else {
      (description, corrections) = (nil, nil)
      return
    }
    var plan = geometry.description(.averageWithoutPadding, images, precision)
    if counted == inside {
      corrections = nil
    } else if zip(counted, geometry.window).allSatisfy({ axis in
      axis.0.allSatisfy { $0 == axis.1 }
    }) {
      plan.kind = .averageWithPadding
      corrections = nil
    } else {
      corrections = product(
        zip(inside, counted).map { zip($0, $1).map { Float($0) / Float($1) } })
    }
    description = plan
  }
}

/// The outer product of factors along the axes, in row-major order.
private func product(_ axes: [[Float]]) -> [Float] {
  axes.reduce([1]) { table, axis in table.flatMap { x in axis.map { x * $0 } } }
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

/// The sum of each window by its definition.
func plainWindowSums(_ images: Tensor, _ geometry: PoolingGeometry) -> Tensor {
  let shape = geometry.fittingShape(for: images.shape)
  let taps = geometry.taps(images.shape)
  let channels = shape[1]
  return Tensor(
    shape: shape, layout: .channelsLast,
    filledBy: { output in
      output.initialize(repeating: 0, count: shape.elementCount)
      images.arranged(as: .channelsLast).withReadPointer { images in
        for image in 0..<shape[0] {
          taps.forEach { place, _, pixel in
            let target = (image * taps.outputCount + place) * channels
            let source = (image * taps.inputCount + pixel) * channels
            for channel in 0..<channels { output[target + channel] += images[source + channel] }
          }
        }
      }
    })
}

/// Adds to every cell of a window the window's value of `gradient`.
func plainWindowSumsGradient(
  of gradient: Tensor, _ imageShape: Shape, _ geometry: PoolingGeometry
) -> Tensor {
  let taps = geometry.taps(imageShape)
  let channels = imageShape[1]
  return Tensor(
    shape: imageShape, layout: .channelsLast,
    filledBy: { output in
      output.initialize(repeating: 0, count: imageShape.elementCount)
      gradient.arranged(as: .channelsLast).withReadPointer { gradient in
        for image in 0..<imageShape[0] {
          taps.forEach { place, _, pixel in
            let source = (image * taps.outputCount + place) * channels
            let target = (image * taps.inputCount + pixel) * channels
            for channel in 0..<channels { output[target + channel] += gradient[source + channel] }
          }
        }
      }
    })
}
