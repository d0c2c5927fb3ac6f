public import Networks
public import TensorCore

/// The picture that maximizes a class score.
public struct ClassModelFinding: Sendable {
  public let classIndex: Int
  /// `[1, C, H, W]`, in the network's input units; add the training mean to show it.
  public let image: Tensor
  /// The class score, at the start and after each step.
  public let scores: [Float]
  /// The class's probability of the last picture; nil if the network does not have one.
  public let probability: Float?
  /// What makes the score a probability.
  public let function: ProbabilityFunction
  /// Whether no step had a gradient to follow, so that the picture is random.
  public let isUnguided: Bool
  /// The step, from 0, before which the score or its gradient was not finite; nil where they
  /// always were. The picture then stays as it was, and shows nothing.
  public let stoppedAt: Int?
}

/// Class model visualization (Simonyan, Vedaldi and Zisserman 2014, section 2): from the zero
/// image, gradient ascent on `S_c(I) − λ‖I‖²`, S_c before
/// a final softmax or sigmoid.
///
/// Departs from the paper where it is silent: each step has a fixed root mean square, so that one
/// rate suits every network, and falls linearly to a tenth; if the gradient is zero, as it is
/// while a network's first layer is silent, the step goes in a random direction; `shift` moves
/// the picture by at most that many pixels before each step (Mordvintsev et al. 2015), and 0 leaves
/// it where it is, as in the paper.
public struct ClassModelAnalysis: Sendable {
  public var steps = 200
  /// The first step's root mean square, in units of `contrast`.
  public var rate: Float = 0.02
  /// What the picture is measured in, as many of the network's input units: 1 for standardized
  /// inputs, a photograph's deviation for a network that takes grey levels as they are. λ weighs
  /// the picture so measured.
  public var contrast: Float = 1
  /// λ.
  public var penalty: Float = 1e-3
  /// In pixels each way; nil for a sixteenth of the picture's shorter side.
  public var shift: Int?
  public var seed: UInt64 = 0

  public init() {}

  /// By how many pixels pictures are moved on this network.
  public func shift(on network: Network) -> Int {
    shift ?? (network.graph.inputShape.extents.dropFirst().min() ?? 0) / 16
  }

  /// Gradient ascent on any objective, as described above.
  func optimization(of objective: any Objective, on network: Network) -> PictureOptimization {
    var ascent = NormalizedAscent(rate: rate)
    (ascent.unit, ascent.penalty) = (contrast, penalty)
    return PictureOptimization(
      of: objective, in: PixelParameterization(network.graph.inputShape),
      under: [RandomShift(reach: shift(on: network))], by: ascent, steps: steps, seed: seed)
  }

  /// Optimizes several classes in one batch.
  ///
  /// - Parameter progress: Called after each step with the number of steps done.
  public func run(
    on network: Network, classes: [Int], progress: (Int) -> Void = { _ in }
  ) -> [ClassModelFinding] {
    let found = optimization(of: ClassScoreObjective(classes, of: network), on: network)
      .run(on: network, identities: classes, progress: progress)
    let function = network.probabilityFunction
    let predictions = Prediction.all(from: found.recording.scores, by: function)
    return classes.indices.map { row in
      let course = found.courses[row]
      return ClassModelFinding(
        classIndex: classes[row], image: found.pictures.rows(row..<(row + 1)),
        scores: course.values, probability: predictions[row][classes[row]]?.probability,
        function: function,
        isUnguided: course.isUnguided, stoppedAt: course.stoppedAt)
    }
  }
}
