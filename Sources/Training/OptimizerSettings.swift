/// The optimizer and its constants.
public struct OptimizerSettings: Sendable, Hashable, Encodable {
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// Stochastic gradient descent, with momentum if that is above 0.
    case sgd
    case adam
    /// Adam with weight decay decoupled from the gradient.
    case adamw

    /// The rate to begin with if nothing is known of the network: for Adam that of Kingma and Ba,
    /// "Adam: A method for stochastic optimization", 2015, algorithm 1, which Loshchilov and Hutter,
    /// "Decoupled weight decay regularization", 2019, algorithm 2, keep; nil for SGD, whose rate
    /// depends on the recipe.
    public var usualRate: Double? {
      switch self {
      case .sgd: nil
      case .adam, .adamw: 0.001
      }
    }
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
  /// The greatest norm of all gradients together: greater ones are scaled down to it (Pascanu et
  /// al., "On the difficulty of training recurrent neural networks", 2013, algorithm 1); 0 for no
  /// limit.
  public var clipNorm: Double
  /// The greatest root mean square of a convolution's filter: after each step, greater filters are
  /// scaled down to it (Zeiler and Fergus, 2014, section 3, with 0.1); 0 for no limit.
  public var filterRadius: Double
  /// The decay of a moving average of the weights, which is then what is tested and written; 0 for
  /// no average.
  public var averageDecay: Double

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, learningRate, momentum, nesterov, weightDecay, decayBiases, betas, epsilon
    case clipNorm, filterRadius, averageDecay
  }

  public init(
    name: Method = .sgd, learningRate: Double = 0.01, momentum: Double = 0.9,
    nesterov: Bool = false, weightDecay: Double = 0, decayBiases: Bool = true,
    betas: [Double] = [0.9, 0.999], epsilon: Double = 1e-8,
    clipNorm: Double = 0, filterRadius: Double = 0, averageDecay: Double = 0
  ) {
    self.name = name
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.decayBiases = decayBiases
    self.betas = betas
    self.epsilon = epsilon
    self.clipNorm = clipNorm
    self.filterRadius = filterRadius
    self.averageDecay = averageDecay
  }
}
