internal import Drawing

/// The best that answers can do without looking at the pictures, which networks are compared with.
public struct Guess: Sendable, Hashable {
  /// Whether all classes are equally frequent, so that every answer is right for one over the number
  /// of classes; otherwise the answer is always the most frequent class.
  public let isChance: Bool
  /// The share of pictures for which it is right.
  public let accuracy: Double

  /// - Parameters:
  ///   - labels: Of the pictures that an accuracy is measured on; without any, classes count as
  ///     equally frequent.
  ///   - classes: How many there are.
  public init(labels: some Sequence<Int>, classes: Int) {
    var counts: [Int: Int] = [:]
    for label in labels { counts[label, default: 0] += 1 }
    let total = counts.values.reduce(0, +)
    let greatest = counts.values.max() ?? 0
    isChance =
      total == 0 || counts.count == classes && counts.values.allSatisfy { $0 == greatest }
    accuracy = isChance ? 1 / Double(max(classes, 1)) : Double(greatest) / Double(total)
  }

  public var error: Double { 1 - accuracy }

  /// What tables and plots call it.
  public var name: String { isChance ? "chance" : "always the most frequent class" }

  /// `chance, 10 %`.
  var label: String { "\(name), \(percentText(accuracy))" }
}
