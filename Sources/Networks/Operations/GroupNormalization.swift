internal import Kernels
public import TensorCore

/// Standardizes each picture's channels in groups of adjacent ones (Wu and He 2018), with
/// parameters `[scale, shift]`, each `[C]`.
public struct GroupNormalization: Operation {
  public let groups: Int
  public let epsilon: Float

  public init(groups: Int, epsilon: Float = 1e-5) {
    (self.groups, self.epsilon) = (groups, epsilon)
  }

  public var kind: String { "group norm" }
  public var pullbackReads: PullbackReads { .inputs }

  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach { .everything }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let images = try imagesWithChannels(inputs, parameters)
    guard groups >= 1, images[1] % groups == 0 else {
      throw OperationError("\(images[1]) channels cannot be divided into \(groups) groups")
    }
    return images
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(
      inputShapes: inputs.map(\.shape),
      output: normalizeGroups(
        inputs[0], groups: groups, scale: parameters[0], shift: parameters[1], epsilon: epsilon))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [
      groupNormalizationGradients(
        of: gradient, at: evaluation.keptInputs[0], groups: groups, scale: parameters[0],
        epsilon: epsilon
      ).images
    ]
  }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    let result = groupNormalizationGradients(
      of: gradient, at: evaluation.keptInputs[0], groups: groups, scale: parameters[0],
      epsilon: epsilon)
    return [result.scale, result.shift]
  }
}

/// Standardizes each channel of each picture (Ulyanov et al. 2016), with parameters
/// `[scale, shift]`, each `[C]`.
public struct InstanceNormalization: Operation {
  public let epsilon: Float

  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  public var kind: String { "instance norm" }
  public var pullbackReads: PullbackReads { .inputs }

  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach { .everything }

  /// One group per channel.
  private func groups(_ images: Shape) -> GroupNormalization {
    GroupNormalization(groups: images[1], epsilon: epsilon)
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape { try imagesWithChannels(inputs, parameters) }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    groups(inputs[0].shape).evaluate(inputs, parameters: parameters, mode: mode)
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    groups(evaluation.inputShapes[0]).pullback(
      gradient, through: evaluation, parameters: parameters)
  }

  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] {
    groups(evaluation.inputShapes[0]).parameterGradients(
      gradient, through: evaluation, parameters: parameters)
  }
}

extension Operation {
  /// `[N, C, …]` with a scale and a shift for each channel.
  fileprivate func imagesWithChannels(
    _ inputs: [Shape], _ parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let images = try single(inputs)
    guard parameters.count == 2 else {
      throw OperationError("takes scale and shift, not \(parameters.count) tensors")
    }
    for parameter in parameters where images.rank < 2 || parameter != [images[1]] {
      throw OperationError("a parameter of \(parameter) does not fit images \(images)")
    }
    return images
  }
}
