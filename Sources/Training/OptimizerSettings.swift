/// The optimizer and its constants.
public struct OptimizerSettings: Sendable, Hashable, Encodable {
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// Stochastic gradient descent, with momentum if that is above 0.
    case sgd
    case adam
    /// Adam with weight decay decoupled from the gradient.
    case adamw
  }

  public var name: Method
  /// The highest rate of the schedule.
  public var learningRate: Double
  public var momentum: Double
  public var nesterov: Bool
  public var weightDecay: Double
  /// Whether one-dimensional tensors decay too: biases, and the scale and shift of batch norm.
  public var decayBiases: Bool
  /// The decay rates of Adam's moving averages of gradients and of their squares.
  public var betas: [Double]
  /// Keeps Adam from dividing by zero.
  public var epsilon: Double

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, learningRate, momentum, nesterov, weightDecay, decayBiases, betas, epsilon
  }

  public init(
    name: Method = .sgd, learningRate: Double = 0.01, momentum: Double = 0.9,
    nesterov: Bool = false, weightDecay: Double = 0, decayBiases: Bool = true,
    betas: [Double] = [0.9, 0.999], epsilon: Double = 1e-8
  ) {
    self.name = name
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.decayBiases = decayBiases
    self.betas = betas
    self.epsilon = epsilon
  }
}
