public import Kernels
public import TensorCore

/// ReLU, sigmoid or hyperbolic tangent of every element.
public struct Activation: Operation {
  public let function: ActivationFunction

  public init(_ function: ActivationFunction) { self.function = function }

  public static let relu = Activation(.rectifier)
  public static let sigmoid = Activation(.logistic)
  public static let tanh = Activation(.hyperbolicTangent)

  public var kind: String {
    switch function {
    case .rectifier: "ReLU"
    case .logistic: "sigmoid"
    case .hyperbolicTangent: "tanh"
    }
  }

  public var pullbackReads: PullbackReads { .output }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape { try single(inputs) }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let input = inputs.removeLast()
    return Evaluation(inputShapes: [input.shape], output: activate(input, function))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    [activationGradient(of: consume gradient, output: evaluation.keptOutput, function)]
  }
}

/// `eˣ / Σ eˣ` over the channels.
public struct Softmax: Operation {
  public init() {}

  public var kind: String { "softmax" }
  public var pullbackReads: PullbackReads { .output }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape { try single(inputs) }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    Evaluation(inputShapes: inputs.map(\.shape), output: softmax(inputs[0]))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { [softmaxGradient(of: gradient, output: evaluation.keptOutput)] }
}
