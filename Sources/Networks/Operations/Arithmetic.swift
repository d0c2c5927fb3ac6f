public import Kernels
public import TensorCore

/// Sums, products and so on of its inputs, element by element, broadcast as in NumPy.
public struct Arithmetic: Operation {
  public let function: ArithmeticFunction

  public init(_ function: ArithmeticFunction) { self.function = function }

  public var kind: String { function.rawValue }

  public var pullbackReads: PullbackReads {
    switch function {
    case .add, .subtract, .mean: []
    case .multiply, .divide: .inputs
    case .power, .minimum, .maximum: [.inputs, .output]
    }
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    guard !inputs.isEmpty else { throw OperationError("has no inputs") }
    guard function.takesMany || inputs.count == 2 else {
      throw OperationError("takes two inputs, not \(inputs.count)")
    }
    return try broadcast(inputs)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shapes = inputs.map(\.shape)
    let count = inputs.count
    // Removed from the array, so that the first is uniquely referenced.
    var result = inputs.removeFirst()
    while !inputs.isEmpty {
      result = combine(consume result, inputs.removeFirst(), function == .mean ? .add : function)
    }
    if function == .mean { result = combine(consume result, .number(1 / Float(count)), .multiply) }
    return Evaluation(inputShapes: shapes, output: result)
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let shapes = evaluation.inputShapes
    let contributions = contributions(gradient, through: evaluation)
    return zip(contributions, shapes).map { sum($0, to: $1) }
  }

  /// The gradients of the inputs, before summing over the axes along which those are broadcast.
  private func contributions(_ gradient: Tensor, through evaluation: Evaluation) -> [Tensor] {
    let count = evaluation.inputShapes.count
    switch function {
    case .add: return Array(repeating: gradient, count: count)
    case .mean:
      return Array(
        repeating: combine(gradient, .number(1 / Float(count)), .multiply), count: count)
    case .subtract: return [gradient, activate(gradient, .negation)]
    case .multiply:
      let inputs = evaluation.keptInputs
      return inputs.indices.map { index in
        inputs.indices.filter { $0 != index }.reduce(gradient) {
          combine($0, inputs[$1], .multiply)
        }
      }
    case .divide:
      let (a, b) = (evaluation.keptInputs[0], evaluation.keptInputs[1])
      let atFirst = combine(gradient, b, .divide)
      let ratio = combine(a, b, .divide)
      return [atFirst, activate(combine(atFirst, ratio, .multiply), .negation)]
    case .power: return powerContributions(gradient, through: evaluation)
    case .minimum, .maximum: return extremeContributions(gradient, through: evaluation)
    }
  }

  /// `∂(aᵇ) = b aᵇ⁻¹ ∂a + aᵇ log a ∂b`, with 0 for an undefined logarithm.
  private func powerContributions(
    _ gradient: Tensor, through evaluation: Evaluation
  ) -> [Tensor] {
    let (base, exponent) = (evaluation.keptInputs[0], evaluation.keptInputs[1])
    let lower = combine(exponent, .number(1), .subtract)
    let atBase = combine(exponent, combine(base, lower, .power), .multiply)
    let logarithm = activate(base.map { $0 > 0 ? $0 : 1 }, .logarithm)
    let atExponent = combine(evaluation.keptOutput, logarithm, .multiply)
    return [combine(gradient, atBase, .multiply), combine(gradient, atExponent, .multiply)]
  }

  /// Distributed equally among the inputs that attain the extreme.
  private func extremeContributions(
    _ gradient: Tensor, through evaluation: Evaluation
  ) -> [Tensor] {
    let attaining = evaluation.keptInputs.map { compare(evaluation.keptOutput, $0, .equal) }
    let sharers = attaining.dropFirst().reduce(attaining[0]) { combine($0, $1, .add) }
    let share = combine(gradient, sharers, .divide)
    return attaining.map { combine(share, $0, .multiply) }
  }
}

extension Tensor {
  /// A scalar, because it broadcasts to any shape.
  static func number(_ value: Float) -> Tensor { Tensor(shape: [], repeating: value) }
}
