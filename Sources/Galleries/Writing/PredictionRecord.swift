public import Analysis
internal import Drawing

/// One of a network's answers for a picture, as `gallery.json` records it.
public struct PredictionRecord: Codable, Sendable, Hashable {
  public let classIndex: Int
  public let name: String
  /// Before the softmax or the sigmoid.
  public let score: Float
  /// After it, in `0...1`; nil for a score that no function makes a probability.
  public let probability: Float?

  public init(classIndex: Int, name: String, score: Float, probability: Float?) {
    (self.classIndex, self.name) = (classIndex, name)
    (self.score, self.probability) = (score, probability)
  }
}

extension PredictionRecord {
  /// The probability in percent, or the score if it has none.
  var strength: String { strengthText(score, probability) }
}

extension Prediction.Candidate {
  /// The probability in percent, or the score if it has none.
  var strength: String { strengthText(score, probability) }
}

private func strengthText(_ score: Float, _ probability: Float?) -> String {
  probability.map(probabilityText) ?? "score \(numberText(Double(score)))"
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
