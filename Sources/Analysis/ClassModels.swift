public import Networks
public import TensorCore

/// The picture that maximizes a class score.
public struct ClassModelFinding: Sendable {
  public let classIndex: Int
  /// `[1, C, H, W]`, in the network's input units; add the training mean to show it.
  public let image: Tensor
  /// The class score before softmax, at the start and after each step.
  public let scores: [Float]
  /// The class's softmax probability of the last picture.
  public let probability: Float
  /// Whether no step had a gradient to follow, so that the picture is random.
  public let isUnguided: Bool
  /// The step, from 0, before which the score or its gradient was not finite; nil where they
  /// always were. The picture then stays as it was, and shows nothing.
  public let stoppedAt: Int?
}

/// Class model visualization (Simonyan, Vedaldi and Zisserman 2014, section 2): from the zero
/// image, gradient ascent on `S_c(I) − λ‖I‖²`, S_c before softmax.
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

  /// The deviation of a random step if the gradient is zero, in units of `contrast`.
  private static let nudge: Float = 0.2

  public init() {}

  /// By how many pixels pictures are moved on this network.
  public func shift(on network: Network) -> Int {
    shift ?? (network.graph.inputShape.extents.dropFirst().min() ?? 0) / 16
  }

  /// Optimizes several classes in one batch.
  ///
  /// - Parameter progress: Called after each step with the number of steps done.
  public func run(
    on network: Network, classes: [Int], progress: (Int) -> Void = { _ in }
  ) -> [ClassModelFinding] {
    let shape = network.graph.inputShape.extents
    var images = Tensor(shape: Shape([classes.count] + shape), layout: .channelsLast, repeating: 0)
    var generator = SeededGenerator(seed: seed)
    let reach = shift(on: network)
    var history = classes.map { _ in [Float]() }
    var guided = classes.map { _ in false }
    var stopped = [Int?](repeating: nil, count: classes.count)
    for step in 0..<steps where stopped.contains(nil) {
      let offset =
        reach > 0 ? (0..<2).map { _ in Int.random(in: -reach...reach, using: &generator) } : [0, 0]
      let recording = network.record(
        rolled(images, by: offset), keeping: .forGradient())
      note(recording.scores, classes, &history)
      let gradient = rolled(
        recording.propagateScores(of: classes, by: .gradient), by: offset.map { -$0 })
      for row in classes.indices where stopped[row] == nil {
        let isFinite =
          gradient.rows(row..<(row + 1)).isFinite && history[row].last?.isFinite ?? false
        if !isFinite { stopped[row] = step }
      }
      let progressShare = Float(step) / Float(max(steps - 1, 1))
      ascend(
        &images, &guided, along: gradient, rows: classes.indices.filter { stopped[$0] == nil },
        rate: rate * (1 - 0.9 * progressShare),
        // Each class has random numbers of its own, so that its neighbours in the batch do not
        // change it.
        randomness: classes.map { SeededGenerator(seed: seed, path: step, $0) })
      progress(step + 1)
    }
    let recording = network.record(images, keeping: .only([]))
    note(recording.scores, classes, &history)
    let predictions = Prediction.all(from: recording.scores)
    for row in classes.indices where stopped[row] == nil && !(history[row].last?.isFinite ?? false)
    {
      stopped[row] = steps
    }
    return classes.indices.map { row in
      ClassModelFinding(
        classIndex: classes[row], image: images.rows(row..<(row + 1)), scores: history[row],
        probability: predictions[row][classes[row]]?.probability ?? 0,
        isUnguided: steps > 0 && !guided[row] && stopped[row] == nil, stoppedAt: stopped[row])
    }
  }

  private func note(_ scores: Tensor, _ classes: [Int], _ history: inout [[Float]]) {
    let values = scores.elements
    for row in classes.indices { history[row].append(values[row * scores.shape[1] + classes[row]]) }
  }

  /// One step of some of the images along `∂S/∂I − 2λI`, at the given root mean square.
  ///
  /// - Parameter guided: Becomes true for images with a gradient.
  private func ascend(
    _ images: inout Tensor, _ guided: inout [Bool], along gradient: Tensor, rows: [Int],
    rate: Float,
    randomness: [SeededGenerator]
  ) {
    let width = images.count / max(images.shape[0], 1)
    let (penalty, contrast) = (penalty, contrast)
    gradient.arranged(as: images.layout).withUnsafeElements { g in
      images.withUnsafeMutableElements { x in
        for row in rows {
          let generator = randomness[row]
          let range = (row * width)..<((row + 1) * width)
          guard range.contains(where: { g[$0] != 0 }) else {
            var generator = generator
            for index in range { x[index] += contrast * Self.nudge * generator.normal() }
            continue
          }
          guided[row] = true
          // In double precision the squares of great and small gradients are still numbers.
          func direction(_ index: Int) -> Double {
            Double(contrast) * Double(g[index])
              - Double(2 * penalty * x[index] / contrast)
          }
          let squares = range.reduce(0.0) { $0 + direction($1) * direction($1) }
          let size = (squares / Double(width)).squareRoot()
          let step = Double(rate * contrast) / max(size, .leastNormalMagnitude)
          for index in range { x[index] += Float(step * direction(index)) }
        }
      }
    }
  }
}

/// `[N, C, H, W]` moved down and right; what leaves at one side enters at the other.
func rolled(_ images: Tensor, by offset: [Int]) -> Tensor {
  guard offset != [0, 0] else { return images }
  let (n, c, h, w) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3])
  let (down, right) = (((offset[0] % h) + h) % h, ((offset[1] % w) + w) % w)
  return images.arranged(as: .channelsLast).withUnsafeElements { x in
    Tensor(shape: images.shape, layout: .channelsLast) { target in
      for row in 0..<(n * h) {
        let (image, y) = (row / h, row % h)
        let from = (image * h + (y - down + h) % h) * w * c
        let (to, shift) = (row * w * c, right * c)
        // The end of the row first, which enters at the left.
        for column in 0..<shift { target[to + column] = x[from + w * c - shift + column] }
        for column in shift..<(w * c) { target[to + column] = x[from + column - shift] }
      }
    }
  }
}
