public import Networks
internal import TensorCore

/// Sundararajan, Taly and Yan (2017), section 3: the mean gradient along the straight line from
/// a baseline to the picture, times their difference.
///
/// The integral is taken by the midpoint rule, so that no gradient is taken at the baseline itself;
/// the paper finds 20 to 300 steps enough (section 5) and names the black picture as a baseline.
/// The usual one here is zero in the network's input, which after preprocessing is the mean colour
/// of the training pictures.
public struct IntegratedGradients: AttributionMethod {
  public var steps = 50
  public var baseline = PixelValues([0])

  public init() {}

  public var name: String { "integrated-gradients" }
  public var citation: String { "Sundararajan et al. 2017" }
  public func explanation(of score: String) -> String {
    "The mean gradient of the \(score) along the straight line from a baseline "
      + "to the picture, times the difference between the two"
  }
  public var isSigned: Bool { true }

  public static var parameters: [MethodParameter<Self>] {
    [
      .count(
        "steps", "Number of points between the baseline and the picture.", \.steps, 1...10_000),
      .pixelValues(
        "baseline",
        "Values of the input that stand for its absence: one number, or one per channel.",
        \.baseline, default: "0"),
    ]
  }

  public func keep(in network: Network) -> Keep { .only([]) }
  public func largestKeep(in network: Network) -> Keep { .forGradient() }

  public func check(_ network: Network) throws(SelectionError) {
    try baseline.check("baseline", channels: network.graph.inputShape[0])
  }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    let pictures = batch.pictures
    let start = Tensor(filling: pictures.shape, with: baseline)
    let way = pictures - start
    var mean: Tensor?
    batch.forEachRound(
      steps, of: scores,
      pictures: { step in
        let part = (Float(step) + 0.5) / Float(steps)
        return start.zip(way) { $0 + part * $1 }
      }
    ) { gradient in
      let share = 1 / Float(steps)
      mean = mean.map { $0.zip(gradient) { $0 + share * $1 } } ?? gradient * share
    }
    let maps = (mean ?? way) * way
    let end = scores.values(in: batch.recording(keeping: .only([])), of: scores.node)
    let beginning = scores.values(
      in: batch.network.record(start, keeping: .only([])), of: scores.node)
    let sums = maps.rowSums
    return Attribution(
      maps: maps,
      checks: sums.indices.map {
        AttributionCheck(kind: .completeness, sum: sums[$0], expected: end[$0] - beginning[$0])
      })
  }
}

extension Tensor {
  /// Pictures of one colour.
  init(filling shape: Shape, with values: PixelValues) {
    let area = shape.spatial.reduce(1, *)
    self.init(shape: shape) { target in
      for index in 0..<target.count { target[index] = values[index / max(area, 1) % shape[1]] }
    }
  }
}
