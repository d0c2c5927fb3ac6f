/// How often pictures of one class are taken for another.
///
/// Only pairs that occur are stored, so that a thousand classes take no more memory than ten.
public struct ConfusionMatrix: Sendable, Hashable {
  /// How often one class is chosen for pictures of another, or of the same.
  public struct Entry: Sendable, Hashable {
    /// The true class.
    public let label: Int
    public let choice: Int
    public let count: Int
  }

  public let classCount: Int
  /// By true class, then by choice.
  private var counts: [Int: [Int: Int]] = [:]

  public init(classCount: Int) { self.classCount = classCount }

  public mutating func add(label: Int, choice: Int) {
    counts[label, default: [:]][choice, default: 0] += 1
  }

  public subscript(label: Int, choice: Int) -> Int { counts[label]?[choice] ?? 0 }

  /// All labelled pictures.
  public var total: Int { counts.values.reduce(0) { $0 + $1.values.reduce(0, +) } }

  /// Those whose choice is right.
  public var right: Int { counts.reduce(0) { $0 + ($1.value[$1.key] ?? 0) } }

  /// How many pictures are of a class.
  public func pictures(of label: Int) -> Int { counts[label]?.values.reduce(0, +) ?? 0 }

  /// For how many labelled pictures a class is chosen.
  public func choices(of choice: Int) -> Int {
    counts.values.reduce(0) { $0 + ($1[choice] ?? 0) }
  }

  /// The classes with pictures, in their order.
  public var labels: [Int] { counts.keys.sorted() }

  /// The classes that are chosen for some labelled picture, in their order.
  public var choices: [Int] { Set(counts.values.flatMap(\.keys)).sorted() }

  /// The pairs that occur, by true class, then by choice.
  public var entries: [Entry] {
    counts.sorted { $0.key < $1.key }.flatMap { label, choices in
      choices.sorted { $0.key < $1.key }.map { Entry(label: label, choice: $0, count: $1) }
    }
  }

  /// The pairs of different classes, the most frequent first.
  public var confusions: [Entry] {
    entries.filter { $0.label != $0.choice }.sorted {
      (-$0.count, $0.label, $0.choice) < (-$1.count, $1.label, $1.choice)
    }
  }

  /// The share of right choices; nil without labelled pictures.
  public var accuracy: Double? {
    let total = total
    return total > 0 ? Double(right) / Double(total) : nil
  }

  /// The share of right choices that is expected if choices had nothing to do with the pictures
  /// and were only as frequent as they are (the chance agreement of Cohen 1960); nil without
  /// labelled pictures.
  ///
  /// A network that makes the same choice for every picture is exactly this accurate.
  public var chanceAccuracy: Double? {
    let total = total
    guard total > 0 else { return nil }
    var chosen: [Int: Int] = [:]
    for row in counts.values { chosen.merge(row) { $0 + $1 } }
    // Whole numbers, whose sum does not depend on the order.
    let agreements = counts.reduce(0) { sum, row in
      sum + row.value.values.reduce(0, +) * (chosen[row.key] ?? 0)
    }
    return Double(agreements) / Double(total) / Double(total)
  }

  /// Classes of the most frequent confusions, for figures that have no room for all: both classes
  /// of each pair, from the most frequent on, until there are `most`.
  public func mostConfused(_ most: Int) -> Set<Int> {
    var classes: Set<Int> = []
    for entry in confusions {
      let more = classes.union([entry.label, entry.choice])
      guard more.count <= most else { break }
      classes = more
    }
    return classes
  }
}
