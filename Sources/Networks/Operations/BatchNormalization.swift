internal import Foundation
internal import Kernels
public import TensorCore

/// `γ (x − mean) / √(variance + ε) + β` for each channel (Ioffe and Szegedy 2015), with
/// parameters `[γ, β, running mean, running variance]`, each `[C]`.
///
/// In training mode, mean and variance are the batch's, and the running ones are updated with
/// `momentum`; the running variance is unbiased, as in PyTorch.
public struct BatchNormalization: Operation {
  public let epsilon: Float
  public let momentum: Float

  public init(epsilon: Float = 1e-5, momentum: Float = 0.1) {
    (self.epsilon, self.momentum) = (epsilon, momentum)
  }

  public var kind: String { "batch norm" }
  // With the batch's statistics, the gradient depends on every input.
  public var pullbackReads: PullbackReads { .inputs }
  // The running statistics are constants.
  public var inferencePullbackReads: PullbackReads { [] }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let images = try single(inputs)
    guard parameters.count == 4 else {
      throw OperationError("takes scale, shift, mean and variance, not \(parameters.count)")
    }
    for parameter in parameters where images.rank < 2 || parameter != [images[1]] {
      throw OperationError("a parameter of \(parameter) does not fit images \(images)")
    }
    return images
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let images = inputs[0]
    switch mode {
    case .inference:
      return Evaluation(
        inputShapes: [images.shape],
        output: batchNormalize(
          images, scale: parameters[0], shift: parameters[1], mean: parameters[2],
          variance: parameters[3], epsilon: epsilon))
    case .training:
      let (output, mean, variance) = batchNormalizeByBatch(
        images, scale: parameters[0], shift: parameters[1], epsilon: epsilon)
      return Evaluation(
        inputShapes: [images.shape], output: output,
        saved: .batchStatistics(mean: mean, variance: variance))
    }
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    guard case .batchStatistics(let mean, let variance) = evaluation.saved else {
      let (scale, variance) = (parameters[0].elements, parameters[3].elements)
      return [
        scaleChannels(gradient, by: scale.indices.map { scale[$0] / sqrt(variance[$0] + epsilon) })
      ]
    }
    return [
      batchNormalizationGradients(
        of: gradient, images: evaluation.keptInputs[0], scale: parameters[0],
        shift: parameters[1], mean: mean, variance: variance, epsilon: epsilon
      ).images
    ]
  }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    guard case .batchStatistics(let mean, let variance) = evaluation.saved else {
      return frozenGradients(gradient, evaluation.keptInputs[0], parameters)
    }
    let result = batchNormalizationGradients(
      of: gradient, images: evaluation.keptInputs[0], scale: parameters[0], shift: parameters[1],
      mean: mean, variance: variance, epsilon: epsilon)
    return [result.scale, result.shift, nil, nil]
  }

  /// With the running statistics: `Σ g x̂` and `Σ g`.
  private func frozenGradients(
    _ gradient: Tensor, _ images: Tensor, _ parameters: [Tensor]
  ) -> [Tensor?] {
    let (mean, variance) = (parameters[2].elements, parameters[3].elements)
    let channels = mean.count
    var (scale, shift) = (
      [Float](repeating: 0, count: channels), [Float](repeating: 0, count: channels)
    )
    gradient.arranged(as: .channelsLast).withUnsafeElements { g in
      images.arranged(as: .channelsLast).withUnsafeElements { x in
        for index in 0..<g.count {
          let channel = index % channels
          shift[channel] += g[index]
          scale[channel] +=
            g[index] * (x[index] - mean[channel]) / sqrt(variance[channel] + epsilon)
        }
      }
    }
    return [Tensor(shape: [channels], scale), Tensor(shape: [channels], shift), nil, nil]
  }

  public func measuredParameters(
    after evaluation: Evaluation, parameters: [Tensor]
  ) -> [Int: Tensor] {
    guard case .batchStatistics(let mean, let variance) = evaluation.saved else { return [:] }
    let shape = evaluation.inputShapes[0]
    let count = Float(shape.elementCount / max(shape[1], 1))
    let unbiased = count / max(count - 1, 1)
    let momentum = momentum
    return [
      2: parameters[2].zip(mean) { (1 - momentum) * $0 + momentum * $1 },
      3: parameters[3].zip(variance) { (1 - momentum) * $0 + momentum * unbiased * $1 },
    ]
  }
}
