public import TensorCore

/// The transpose of a convolution as an operation of its own: from `[N, C, H, W]` and
/// `[C, K / groups, R, S]` filters to `[N, K, H', W']`.
///
/// - Parameters:
///   - bias: `[K]`.
///   - extents: `[H', W']`, over which windows yield `[H, W]`.
public func convolveTransposed(
  _ images: Tensor, with filters: Tensor, bias: Tensor? = nil, to extents: [Int],
  geometry: WindowGeometry, groups: Int = 1
) -> Tensor {
  let shape = Shape([images.shape[0], filters.shape[1] * groups] + extents)
  let output = convolutionInputGradient(
    of: images, with: filters, imageShape: shape, geometry: geometry, groups: groups)
  return bias.map { addToChannels(output, $0) } ?? output
}

/// Propagates `[N, K, H', W']` back to `[N, C, H, W]`: the convolution itself.
public func transposedConvolutionInputGradient(
  of gradient: Tensor, with filters: Tensor, imageShape: Shape, geometry: WindowGeometry,
  groups: Int = 1
) -> Tensor {
  convolve(gradient, with: filters, to: imageShape, geometry: geometry, groups: groups)
}

/// The gradient with respect to the filters, and to the bias if there is one.
public func transposedConvolutionFilterGradient(
  of gradient: Tensor, images: Tensor, filterShape: Shape, hasBias: Bool,
  geometry: WindowGeometry, groups: Int = 1
) -> (filters: Tensor, bias: Tensor?) {
  let (filters, _) = convolutionFilterGradient(
    of: images, images: gradient, filterShape: filterShape, hasBias: false, geometry: geometry,
    groups: groups)
  return (filters, hasBias ? channelSums(gradient) : nil)
}
