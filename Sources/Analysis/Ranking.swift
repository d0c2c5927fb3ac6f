internal import Kernels
public import Networks
internal import TensorCore

/// The values by which a layer's activations are ordered.
///
/// After a function that saturates, such as ReLU6, a sigmoid or a quantization, strong
/// activations are all equal, and only the values before it distinguish them. Increasing
/// functions keep the order of their inputs, and the maximum of a window stays the maximum,
/// so the order of a max pool after a ReLU6 is that of the same pool without it.
struct Ranking {
  /// The node whose values decide: the input of the first saturating function.
  let node: String
  /// The operations that bring those values to the layer's own positions.
  let rearrangements: [any Operation]

  /// The values for each of the layer's activations.
  func values(in recording: Recording) -> Tensor {
    rearrangements.reduce(recording[node]) { $1.infer([$0], parameters: []) }
  }
}

extension Network {
  /// The nodes that a run must keep to show the strongest activations of some layers: the layers
  /// themselves, and those whose values rank saturated activations.
  public func nodes(toRank layers: [String]) -> [String] {
    layers + layers.compactMap { ranking(of: $0)?.node }
  }

  /// What to order a layer's activations by; nil if by their own values.
  ///
  /// Goes back over functions that keep the order, one input after the other, up to the first
  /// that may not: a convolution, a sum of two layers, batch norm, swish.
  func ranking(of layer: String) -> Ranking? {
    var (current, rearrangements) = (layer, [any Operation]())
    var ranking: Ranking?
    while let node = graph[current], let step = orderKeeping(node) {
      // Values can be rearranged again only if they have the same layout.
      if step.rearranges, !hasPicturesFirst(node.name) || !hasPicturesFirst(step.input) { break }
      if step.rearranges { rearrangements.insert(node.operation, at: 0) }
      current = step.input
      if step.saturates { ranking = Ranking(node: current, rearrangements: rearrangements) }
    }
    return ranking
  }

  /// Whether the units of a layer are 0, or close to it, if nothing activates them, that is, after
  /// an activation function. Sums, such as class scores, have no such resting value.
  func restsAtZero(_ layer: String) -> Bool {
    var current = layer
    while let node = graph[current], let input = node.inputs.first {
      switch node.operation {
      case let activation as Activation:
        return ![.hyperbolicTangent, .softsign, .negation, .logarithm].contains(activation.function)
      case is PReLU, is Softmax: return true
      case is MaxPool, is AveragePool, is AdaptiveAveragePool, is GlobalPool, is Flatten,
        is Reshape,
        is Transpose, is Dropout, is Concatenate, is LocalResponseNormalization, is Quantize,
        is Dequantize:
        if isRectifier(node) { return true }
        current = input
      default: return false
      }
    }
    return false
  }

  private struct Step {
    let input: String
    var saturates = false
    var rearranges = false
  }

  /// Nil for a node that may change the order of its input.
  private func orderKeeping(_ node: Graph.Node) -> Step? {
    guard let input = node.inputs.first else { return nil }
    switch node.operation {
    case let activation as Activation:
      guard activation.function.isIncreasing else { return nil }
      return Step(input: input, saturates: activation.function.saturates)
    case is MaxPool, is Flatten, is Reshape: return Step(input: input, rearranges: true)
    case let pool as GlobalPool:
      return pool.pools == .maximum ? Step(input: input, rearranges: true) : nil
    case is Dropout: return Step(input: input)
    case is Quantize, is Dequantize:
      guard let scale = constant(node.inputs[1]), scale > 0 else { return nil }
      return Step(input: input, saturates: node.operation is Quantize)
    case let arithmetic as Arithmetic: return orderKeeping(node, arithmetic.function)
    default: return nil
    }
  }

  /// For a layer and one number, as exporters write a hard sigmoid or a clip.
  private func orderKeeping(_ node: Graph.Node, _ function: ArithmeticFunction) -> Step? {
    guard node.inputs.count == 2 else { return nil }
    let numbers = node.inputs.map { constant($0) }
    guard let layer = numbers.firstIndex(where: { $0 == nil }), let number = numbers[1 - layer],
      shapes[node.inputs[layer]] == shapes[node.name]
    else { return nil }
    let input = node.inputs[layer]
    switch function {
    case .add: return Step(input: input)
    case .subtract where layer == 0: return Step(input: input)
    case .multiply where number > 0: return Step(input: input)
    case .divide where layer == 0 && number > 0: return Step(input: input)
    case .minimum: return Step(input: input, saturates: true)
    case .maximum: return Step(input: input)
    default: return nil
    }
  }

  /// The number that a constant node outputs; nil for any other node.
  private func constant(_ name: String) -> Float? {
    guard let node = graph[name], node.operation is Constant,
      let tensor = parameters[node.parameters[0]], tensor.count == 1
    else { return nil }
    return tensor.scalar
  }
}

extension ActivationFunction {
  /// Whether a greater input never gives a smaller output.
  fileprivate var isIncreasing: Bool {
    switch self {
    case .rectifier, .logistic, .hyperbolicTangent, .softplus, .softsign, .clip, .exponential,
      .floor, .ceiling, .rounding, .errorFunction:
      true
    case .leakyRectifier(let parameter), .elu(let parameter), .celu(let parameter):
      parameter >= 0
    case .selu(let alpha, let gamma): alpha >= 0 && gamma >= 0
    case .hardSigmoid(let alpha, _): alpha >= 0
    case .hardSwish, .swish, .gelu, .tanhGelu, .mish, .logarithm, .squareRoot, .absolute, .negation,
      .reciprocal, .not:
      false
    }
  }

  /// Whether different large inputs give the same output, exactly or in the precision of `Float`.
  fileprivate var saturates: Bool {
    switch self {
    case .logistic, .hyperbolicTangent, .hardSigmoid, .softsign, .floor, .ceiling, .rounding,
      .errorFunction:
      true
    case .clip(_, let upper): upper < .greatestFiniteMagnitude
    default: false
    }
  }
}
