internal import OneDNN
public import TensorCore

/// What a layer with weights is run for.
public enum LayerPass: Sendable, Hashable {
  case forward, inputGradient, weightGradient

  fileprivate var weighted: WeightedPass {
    switch self {
    case .forward: .forward(bias: true, Finish())
    case .inputGradient: .inputGradient
    case .weightGradient: .weightGradient(bias: true)
    }
  }
}

/// The memory that oneDNN needs temporarily for one pass of a convolution, in bytes; 0 if another
/// kernel runs it.
public func convolutionScratchpadBytes(
  images: Shape, filters: Shape, output: Shape, geometry: WindowGeometry, groups: Int,
  _ pass: LayerPass
) -> Int {
  scratchpadBytes(
    .convolution(
      ConvolutionDescription(images, filters, output, geometry, groups), pass.weighted))
}

/// The same for an inner product of `[rows, inputs]` and `[outputs, inputs]`.
public func innerProductScratchpadBytes(
  rows: Int, inputs: Int, outputs: Int, _ pass: LayerPass
) -> Int {
  scratchpadBytes(
    .innerProduct(
      InnerProductDescription(batch: rows, inputs: inputs, outputs: outputs), pass.weighted))
}

private func scratchpadBytes(_ description: PrimitiveDescription) -> Int {
  isOffered(description) ? (try? description.scratchpadBytes()) ?? 0 : 0
}
