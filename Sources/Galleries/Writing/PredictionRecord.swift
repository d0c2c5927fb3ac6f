public import Analysis

/// One of a network's answers for a picture, as `gallery.json` records it.
public struct PredictionRecord: Codable, Sendable, Hashable {
  public let classIndex: Int
  public let name: String
  /// Before softmax.
  public let score: Float
  /// After softmax, in `0...1`.
  public let probability: Float

  public init(classIndex: Int, name: String, score: Float, probability: Float) {
    (self.classIndex, self.name) = (classIndex, name)
    (self.score, self.probability) = (score, probability)
  }
}

extension SaliencyExample {
  /// The network's answers, most probable first, and the class that is explained.
  public func predictionRecords(_ names: ClassNames, most: Int = 5) -> [PredictionRecord] {
    var candidates = Array(finding.prediction.candidates.prefix(most))
    if !candidates.contains(where: { $0.index == finding.classIndex }),
      let own = finding.prediction[finding.classIndex]
    {
      candidates.append(own)
    }
    return candidates.map {
      PredictionRecord(
        classIndex: $0.index, name: names[$0.index], score: $0.score, probability: $0.probability)
    }
  }
}
