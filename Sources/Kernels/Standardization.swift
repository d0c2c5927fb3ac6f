public import TensorCore

/// `(x − mean) / √(variance + ε) · scale + shift`, with mean and variance over some axes.
///
/// - Parameter scale: Broadcasts to `x`, like `shift`.
public func standardize(
  _ tensor: Tensor, over axes: [Int], scale: Tensor, shift: Tensor?, epsilon: Float
) -> Tensor {
  let scaled = combine(
    standardized(tensor, over: axes, epsilon: epsilon).values, scale, .multiply)
  guard let shift else { return scaled }
  return combine(scaled, shift, .add)
}

/// The gradients of ``standardize(_:over:scale:shift:epsilon:)``, through mean and variance.
///
/// - Returns: The gradients of scale and shift have the shape of `scale`.
public func standardizationGradients(
  of gradient: Tensor, at tensor: Tensor, over axes: [Int], scale: Tensor, epsilon: Float
) -> (input: Tensor, scale: Tensor, shift: Tensor) {
  let (values, inverseDeviations) = standardized(tensor, over: axes, epsilon: epsilon)
  let weighted = combine(gradient, scale, .multiply)
  // ∂x = (g − mean(g) − x̂ · mean(g x̂)) / deviation, where g includes the scale.
  let mean = reduceAxes(axes, of: weighted, by: .mean)
  let slope = reduceAxes(axes, of: combine(weighted, values, .multiply), by: .mean)
  let centered = combine(weighted, mean, .subtract)
  let input = combine(
    combine(centered, combine(values, slope, .multiply), .subtract), inverseDeviations, .multiply)
  return (
    input, sum(combine(gradient, values, .multiply), to: scale.shape),
    sum(gradient, to: scale.shape)
  )
}

private func standardized(
  _ tensor: Tensor, over axes: [Int], epsilon: Float
) -> (values: Tensor, inverseDeviations: Tensor) {
  let centered = combine(tensor, reduceAxes(axes, of: tensor, by: .mean), .subtract)
  let count = Float(axes.reduce(1) { $0 * tensor.shape[$1] })
  let inverse = reduceAxes(axes, of: centered, by: .sumOfSquares).map {
    1 / ($0 / count + epsilon).squareRoot()
  }
  return (combine(centered, inverse, .multiply), inverse)
}

/// Standardizes each picture's channels in groups of adjacent ones (Wu and He 2018); instance
/// normalization if there are as many groups as channels (Ulyanov et al. 2016).
///
/// - Parameters:
///   - scale: `[C]`, like `shift`.
///   - groups: Must divide the channels of `[N, C, …]`.
public func normalizeGroups(
  _ images: Tensor, groups: Int, scale: Tensor, shift: Tensor, epsilon: Float
) -> Tensor {
  let view = GroupView(images.shape, images.layout, groups: groups)
  return standardize(
    images.memory(as: view.shape), over: view.axes, scale: scale.memory(as: view.channels),
    shift: shift.memory(as: view.channels), epsilon: epsilon
  ).memory(as: images.shape, images.layout)
}

/// The gradients of ``normalizeGroups(_:groups:scale:shift:epsilon:)``.
public func groupNormalizationGradients(
  of gradient: Tensor, at images: Tensor, groups: Int, scale: Tensor, epsilon: Float
) -> (images: Tensor, scale: Tensor, shift: Tensor) {
  let view = GroupView(images.shape, images.layout, groups: groups)
  let result = standardizationGradients(
    of: gradient.arranged(as: images.layout).memory(as: view.shape),
    at: images.memory(as: view.shape), over: view.axes, scale: scale.memory(as: view.channels),
    epsilon: epsilon)
  return (
    result.input.memory(as: images.shape, images.layout),
    result.scale.reshaped(to: scale.shape), result.shift.reshaped(to: scale.shape)
  )
}

/// `[N, C, …]` in memory, with the groups as a separate axis.
private struct GroupView {
  /// The axes over which a group is standardized.
  let axes: [Int]
  let shape: Shape
  let channels: Shape

  init(_ images: Shape, _ layout: Layout, groups: Int) {
    let (n, size) = (images[0], images[1] / max(groups, 1))
    let positions = images.spatial.reduce(1, *)
    if layout == .channelsLast, images.rank > 2 {
      (shape, axes, channels) = ([n, positions, groups, size], [1, 3], [groups, size])
    } else {
      (shape, axes, channels) = ([n, groups, size, positions], [2, 3], [groups, size, 1])
    }
  }
}
