public import TensorCore

/// Updates weights with gradients, and stores the moments of the gradients.
///
/// The definitions are PyTorch's, so that a recipe means the same in both: momentum *v ← μ·v + g*,
/// *w ← w − η·v* (Sutskever et al., "On the importance of initialization and momentum in deep
/// learning", 2013, but with the rate outside *v*); Adam (Kingma and Ba, 2015, algorithm 1); AdamW
/// (Loshchilov and Hutter, 2019, algorithm 2).
public struct Optimizer: Sendable {
  public let settings: OptimizerSettings
  /// The number of updates so far.
  public private(set) var steps = 0
  /// Kept between steps: moments of the gradients, by role and parameter, for example
  /// `momentum.conv1.weight`.
  public private(set) var state: [String: Tensor] = [:]
  /// For parameters that were frozen at first: the number of updates before their own first one,
  /// from which Adam counts.
  public private(set) var lateStarts: [String: Int] = [:]

  public init(_ settings: OptimizerSettings) { self.settings = settings }

  /// Continues where another optimizer with the same settings stopped.
  public init(
    _ settings: OptimizerSettings, after steps: Int, with state: [String: Tensor],
    lateStarts: [String: Int] = [:]
  ) {
    self.settings = settings
    self.steps = steps
    self.state = state
    self.lateStarts = lateStarts
  }

  /// Moves every parameter that has a gradient one step against it.
  ///
  /// Uniquely referenced tensors are changed in place.
  ///
  /// - Parameter gradients: By parameter name, with the parameters' shapes.
  public mutating func update(
    _ parameters: inout [String: Tensor], along gradients: [String: Tensor], learningRate: Double
  ) {
    beginStep()
    for (name, gradient) in gradients {
      guard var weights = parameters.removeValue(forKey: name) else {
        preconditionFailure("a gradient of '\(name)', which is no parameter")
      }
      move(&weights, named: name, along: gradient, learningRate: learningRate)
      parameters[name] = weights
    }
  }

  /// Counts a step whose parameters are then updated one by one.
  mutating func beginStep() { steps += 1 }

  mutating func move(
    _ weights: inout Tensor, named name: String, along gradient: Tensor, learningRate: Double
  ) {
    precondition(
      weights.shape == gradient.shape,
      "parameter '\(name)' is \(weights.shape), its gradient \(gradient.shape)")
    let gradient = gradient.arranged(as: weights.layout)
    let decay = settings.decayBiases || weights.shape.rank > 1 ? settings.weightDecay : 0
    switch settings.name {
    case .sgd where settings.momentum == 0:
      weights.withUnsafeMutableElements { weights in
        gradient.withUnsafeElements {
          descend(weights, along: $0, rate: Float(learningRate), decay: Float(decay))
        }
      }
    case .sgd:
      var momentum = takeState("momentum.\(name)", like: weights)
      weights.withUnsafeMutableElements { weights in
        momentum.withUnsafeMutableElements { momentum in
          gradient.withUnsafeElements {
            descend(
              weights, along: $0, momentum: momentum, keeping: Float(settings.momentum),
              nesterov: settings.nesterov, rate: Float(learningRate), decay: Float(decay))
          }
        }
      }
      state["momentum.\(name)"] = momentum
    case .adam, .adamw:
      if steps > 1, state["mean.\(name)"] == nil { lateStarts[name] = steps - 1 }
      var mean = takeState("mean.\(name)", like: weights)
      var square = takeState("square.\(name)", like: weights)
      let step = AdamStep(
        settings, number: steps - (lateStarts[name] ?? 0), learningRate: learningRate, decay: decay)
      weights.withUnsafeMutableElements { weights in
        mean.withUnsafeMutableElements { mean in
          square.withUnsafeMutableElements { square in
            gradient.withUnsafeElements {
              step.move(weights, along: $0, mean: mean, square: square)
            }
          }
        }
      }
      state["mean.\(name)"] = mean
      state["square.\(name)"] = square
    }
  }

  /// Takes a moment out of the state, so that it is uniquely referenced while it is changed.
  private mutating func takeState(_ key: String, like weights: Tensor) -> Tensor {
    let kept = state.removeValue(forKey: key)
    guard let kept else {
      return Tensor(shape: weights.shape, layout: weights.layout, repeating: 0)
    }
    precondition(
      kept.shape == weights.shape, "'\(key)' is \(kept.shape), its parameter \(weights.shape)")
    return kept.arranged(as: weights.layout)
  }
}

/// *w ← w − η·(g + λ·w)*.
private func descend(
  _ weights: UnsafeMutableBufferPointer<Float>, along gradient: UnsafeBufferPointer<Float>,
  rate: Float, decay: Float
) {
  for index in 0..<weights.count {
    weights[index] -= rate * (gradient[index] + decay * weights[index])
  }
}

/// *v ← μ·v + (g + λ·w)*, then *w ← w − η·v*, or Nesterov's *w ← w − η·(g + λ·w + μ·v)*.
private func descend(
  _ weights: UnsafeMutableBufferPointer<Float>, along gradient: UnsafeBufferPointer<Float>,
  momentum: UnsafeMutableBufferPointer<Float>, keeping: Float, nesterov: Bool, rate: Float,
  decay: Float
) {
  // Two loops, to avoid a branch for every element.
  if nesterov {
    for index in 0..<weights.count {
      let slope = gradient[index] + decay * weights[index]
      let velocity = keeping * momentum[index] + slope
      momentum[index] = velocity
      weights[index] -= rate * (slope + keeping * velocity)
    }
  } else {
    for index in 0..<weights.count {
      let velocity = keeping * momentum[index] + (gradient[index] + decay * weights[index])
      momentum[index] = velocity
      weights[index] -= rate * velocity
    }
  }
}

/// The constants of one step of Adam or AdamW.
private struct AdamStep {
  let firstBeta: Float
  let secondBeta: Float
  // 1 − β, subtracted before rounding: 1 − Float(0.999) has a relative error of 5 · 10⁻⁵.
  let firstRest: Float
  let secondRest: Float
  let epsilon: Float
  /// The fraction of the weights that remains: AdamW's decay.
  let shrink: Float
  /// What is added to the gradient per weight: Adam's decay.
  let decay: Float
  /// *η / (1 − β₁ᵗ)*.
  let rate: Float
  /// *1 / √(1 − β₂ᵗ)*.
  let squareCorrection: Float

  init(_ settings: OptimizerSettings, number: Int, learningRate: Double, decay: Double) {
    let betas = (settings.betas[0], settings.betas[1])
    (firstBeta, secondBeta) = (Float(betas.0), Float(betas.1))
    (firstRest, secondRest) = (Float(1 - betas.0), Float(1 - betas.1))
    epsilon = Float(settings.epsilon)
    let isDecoupled = settings.name == .adamw
    shrink = isDecoupled ? Float(1 - learningRate * decay) : 1
    self.decay = isDecoupled ? 0 : Float(decay)
    rate = Float(learningRate / (1 - power(betas.0, number)))
    squareCorrection = Float(1 / (1 - power(betas.1, number)).squareRoot())
  }

  func move(
    _ weights: UnsafeMutableBufferPointer<Float>, along gradient: UnsafeBufferPointer<Float>,
    mean: UnsafeMutableBufferPointer<Float>, square: UnsafeMutableBufferPointer<Float>
  ) {
    for index in 0..<weights.count {
      let slope = gradient[index] + decay * weights[index]
      let first = firstBeta * mean[index] + firstRest * slope
      let second = secondBeta * square[index] + secondRest * slope * slope
      mean[index] = first
      square[index] = second
      let move = rate * first / (second.squareRoot() * squareCorrection + epsilon)
      weights[index] = shrink * weights[index] - move
    }
  }
}

/// By repeated squaring: gives the same bits on every system, unlike the C library's `pow`.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
