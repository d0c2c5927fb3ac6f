/// When to stop before the last epoch, because the validation pictures are no longer recognized
/// better (Prechelt, "Early Stopping – But When?", 1998). The network of the best epoch is kept.
public struct EarlyStopping: Sendable, Hashable, Encodable {
  public enum Measure: String, Sendable, Codable, CaseIterable {
    case loss, accuracy
  }

  /// How many epochs in a row may be no better than the best; 0 to never stop.
  public var patience: Int
  public var measure: Measure
  /// By how much an epoch must be better than the best one to count.
  public var minimumGain: Double

  enum CodingKeys: String, CodingKey, CaseIterable { case patience, measure, minimumGain }

  public init(patience: Int = 0, measure: Measure = .loss, minimumGain: Double = 0) {
    self.patience = patience
    self.measure = measure
    self.minimumGain = minimumGain
  }

  public var isOn: Bool { patience > 0 }

  /// The best of the epochs, without that before the first; nil if it is off or none is complete.
  package func best(in history: TrainingHistory) -> Int? {
    guard isOn else { return nil }
    var best: (epoch: Int, value: Double)?
    for epoch in history.epochs where epoch.epoch > 0 {
      // Lower is better.
      let value = measure == .loss ? epoch.validationLoss : epoch.validationAccuracy.map { -$0 }
      guard let value else { continue }
      if let known = best, !(value < known.value - minimumGain) { continue }
      best = (epoch.epoch, value)
    }
    return best?.epoch
  }

  package func stops(after history: TrainingHistory) -> Bool {
    guard let best = best(in: history), let last = history.epochs.last?.epoch else { return false }
    return last - best >= patience
  }
}
