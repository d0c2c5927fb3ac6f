internal import Kernels
internal import Networks
public import TensorCore

/// What a network says of one picture.
public struct Prediction: Sendable, Hashable {
  public struct Candidate: Sendable, Hashable {
    public let index: Int
    /// Before softmax.
    public let score: Float
    /// After softmax.
    public let probability: Float
  }

  /// Every class, by its score, greatest first; those whose score is NaN last.
  public let candidates: [Candidate]

  /// Whether the scores can be compared at all.
  public var isFinite: Bool {
    candidates.allSatisfy { $0.score.isFinite && $0.probability.isFinite }
  }

  public subscript(classIndex: Int) -> Candidate? {
    candidates.first { $0.index == classIndex }
  }
}

extension Prediction {
  /// - Parameters:
  ///   - scores: `[N, classes]`, before softmax.
  ///   - ranks: As many values, which order equal scores: of classes that saturate, those before.
  public static func all(from scores: Tensor, ranks: Tensor? = nil) -> [Prediction] {
    let classes = scores.shape[1]
    let ranks = ranks?.elements
    let (values, probabilities) = (scores.elements, softmax(scores).elements)
    return (0..<scores.shape[0]).map { row in
      Prediction(
        candidates: (0..<classes).map {
          Candidate(
            index: $0, score: values[row * classes + $0],
            probability: probabilities[row * classes + $0])
        }.sorted { a, b in
          guard !a.score.isNaN, !b.score.isNaN else {
            return a.score.isNaN == b.score.isNaN ? a.index < b.index : b.score.isNaN
          }
          func rank(_ index: Int) -> Float { ranks?[row * classes + index] ?? 0 }
          return (b.score, rank(b.index), a.index) < (a.score, rank(a.index), b.index)
        })
    }
  }
}

/// Class names and indices as a user writes them.
public struct ClassNames: Sendable, Hashable {
  public let names: [String]
  public let count: Int

  /// - Parameter count: Of the network's scores; names may be fewer or none, and those
  ///   beyond it belong to no class.
  public init(_ names: [String], count: Int) {
    self.names = Array(names.prefix(count))
    self.count = count
  }

  /// The class's name, or its number if it has none.
  public subscript(index: Int) -> String {
    index < names.count ? names[index] : "class \(index)"
  }

  /// The name up to its first comma: `tench` of `tench, Tinca tinca`.
  public func shortName(_ index: Int) -> String {
    self[index].split(separator: ",").first.map(String.init) ?? self[index]
  }

  /// - Parameter wanted: A name, its beginning up to a comma, or an index.
  /// - Throws: `SelectionError` with the nearest names.
  public func index(of wanted: String) throws(SelectionError) -> Int {
    if let index = names.firstIndex(where: { $0.lowercased() == wanted.lowercased() }) {
      return index
    }
    if let index = Int(wanted) {
      guard (0..<count).contains(index) else {
        throw SelectionError("no class \(index): the network has \(count), from 0 on")
      }
      return index
    }
    let synonyms = names.indices.filter { index in
      names[index].split(separator: ",").contains {
        $0.drop { $0 == " " }.lowercased() == wanted.lowercased()
      }
    }
    if let index = synonyms.first { return index }
    throw SelectionError(
      names.isEmpty
        ? "no class '\(wanted)': the checkpoint names no classes, give an index below \(count)"
        : "no class '\(wanted)'\(suggestion(for: wanted, among: names))")
  }
}
