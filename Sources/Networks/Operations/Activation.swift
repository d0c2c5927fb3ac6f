public import Kernels
public import TensorCore

/// A function applied to every element.
public struct Activation: Operation {
  public let function: ActivationFunction

  public init(_ function: ActivationFunction) { self.function = function }

  public static let relu = Activation(.rectifier)
  public static let sigmoid = Activation(.logistic)
  public static let tanh = Activation(.hyperbolicTangent)

  public var kind: String { function.word }

  public var pullbackReads: PullbackReads {
    switch function.derivativeSource {
    case .input: .inputs
    case .output: .output
    case .nothing: []
    }
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    for parameter in function.parameters where !parameter.isFinite {
      throw OperationError("a \(kind) with the parameter \(parameter) is not a function")
    }
    return try single(inputs)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let input = inputs.removeLast()
    return Evaluation(inputShapes: [input.shape], output: activate(input, function))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let point: Tensor
    switch function.derivativeSource {
    case .input: point = evaluation.keptInputs[0]
    case .output: point = evaluation.keptOutput
    case .nothing: point = Tensor(shape: [0], [])
    }
    return [activationGradient(of: consume gradient, at: point, function)]
  }
}

extension ActivationFunction {
  fileprivate var word: String {
    switch self {
    case .rectifier: "ReLU"
    case .leakyRectifier: "leaky ReLU"
    case .logistic: "sigmoid"
    case .hyperbolicTangent: "tanh"
    case .elu: "ELU"
    case .selu: "SELU"
    case .celu: "CELU"
    case .hardSigmoid: "hard sigmoid"
    case .hardSwish: "hard swish"
    case .swish: "swish"
    case .softplus: "softplus"
    case .softsign: "softsign"
    case .gelu, .tanhGelu: "GELU"
    case .mish: "Mish"
    case .clip(0, 6): "ReLU6"
    case .clip: "clip"
    case .exponential: "exponential"
    case .logarithm: "logarithm"
    case .squareRoot: "square root"
    case .absolute: "absolute value"
    case .negation: "negation"
    case .reciprocal: "reciprocal"
    case .floor: "floor"
    case .ceiling: "ceiling"
    case .rounding: "rounding"
    case .errorFunction: "error function"
    case .not: "not"
    }
  }
}
