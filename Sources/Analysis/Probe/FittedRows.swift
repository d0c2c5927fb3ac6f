internal import Kernels
internal import TensorCore

/// Rows as classifiers are fitted to them: by their features or, if there are fewer rows than
/// features, by their coordinates in the space that they span, which gives the same classifiers.
struct FittedRows {
  private let scaled: ScaledRows
  private let span: RowSpan?

  var count: Int { scaled.count }
  /// The number of features, or of coordinates.
  var featureCount: Int { span?.count ?? scaled.featureCount }

  /// - Parameter memory: What the coordinates may take, in bytes.
  init(_ scaled: ScaledRows, memory: Int) {
    self.scaled = scaled
    let (n, d) = (scaled.count, scaled.featureCount)
    span =
      n > 0 && n < d && RowSpan.bytes(rows: n, features: d) <= memory
      ? RowSpan(count: n, featureCount: d) { scaled.block($0) } : nil
  }

  /// What the coordinates take, in bytes.
  var bytes: Int {
    span.map { RowSpan.bytes(rows: $0.count, features: $0.featureCount) } ?? 0
  }

  /// At places among the rows, `[places, features]`.
  func block(_ places: Range<Int>) -> Tensor {
    guard let coordinates = span?.coordinates else { return scaled.block(places) }
    guard places != 0..<count else { return coordinates }
    let own = (places.lowerBound * count)..<(places.upperBound * count)
    return coordinates.withUnsafeElements { Tensor(shape: [places.count, count], Array($0[own])) }
  }

  /// The classifier of features that is the same as one of what is fitted.
  func expanded(_ classifier: LinearClassifier) -> LinearClassifier {
    span?.expanded(classifier) ?? classifier
  }

  /// The classifier of what is fitted that gives these rows the scores of one of features.
  func reduced(_ classifier: LinearClassifier) -> LinearClassifier {
    span?.reduced(classifier) ?? classifier
  }
}
