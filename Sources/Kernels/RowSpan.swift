internal import CLAPACK
public import TensorCore

/// The space that fewer rows than features span, and their coordinates in it.
///
/// With `Xᵀ = Q R`, the rows of `Z = Rᵀ` have the same inner products as those of `X`: `Z Zᵀ = X Xᵀ`.
/// The linear classifier with the least `½ ‖w‖² + loss` is a sum of training rows (the representer
/// theorem: Kimeldorf and Wahba 1971; Schölkopf, Herbrich and Smola 2001), so it is `Q` times the
/// one of the coordinates, with the same scores and the same norm; intercepts stay as they are.
///
/// By Householder reflections (Golub and Van Loan 2013, section 5.2), which, unlike `X Xᵀ`, do not
/// square the condition number, and stand rows that depend on each other.
public struct RowSpan: Sendable {
  /// The number of rows, and of coordinates.
  public let count: Int
  public let featureCount: Int
  /// `[rows, coordinates]`; zero above the diagonal.
  public let coordinates: Tensor
  /// The reflections below the diagonal, column by column, and their factors.
  private let reflections: [Float]
  private let factors: [Float]

  /// The memory that it takes, in bytes.
  public static func bytes(rows: Int, features: Int) -> Int {
    let (width, overflows) = rows.addingReportingOverflow(features)
    let (numbers, alsoOverflows) = rows.multipliedReportingOverflow(by: width)
    let (bytes, evenOverflows) = numbers.multipliedReportingOverflow(
      by: MemoryLayout<Float>.stride)
    return overflows || alsoOverflows || evenOverflows ? .max : bytes
  }

  /// - Parameters:
  ///   - count: The number of rows; from 1 to that of the features.
  ///   - blockRows: How many rows are asked for at once.
  ///   - block: The features of some rows, `[rows, features]`.
  /// - Returns: Nil if a value or a coordinate is not finite, or LAPACK finds no memory.
  /// - Complexity: O(rows² · features).
  public init?(
    count: Int, featureCount: Int, blockRows: Int = 1024, block: (Range<Int>) -> Tensor
  ) {
    precondition(
      (1...featureCount).contains(count) && featureCount < Int(Int32.max),
      "\(count) rows of \(featureCount) features")
    (self.count, self.featureCount) = (count, featureCount)
    // Row by row, LAPACK reads the transpose.
    var matrix = [Float](unsafeUninitializedCapacity: count * featureCount) { target, initialized in
      for start in stride(from: 0, to: count, by: blockRows) {
        block(start..<min(start + blockRows, count)).withUnsafeElements { values in
          initialized = target[initialized...].initialize(fromContentsOf: values)
        }
      }
    }
    var factors = [Float](repeating: 0, count: count)
    let status = LAPACKE_sgeqrf(
      LAPACK_COL_MAJOR, Int32(featureCount), Int32(count), &matrix, Int32(featureCount), &factors)
    guard status == 0 else { return nil }
    coordinates = Tensor(shape: [count, count]) { target in
      for row in 0..<count {
        for column in 0..<count {
          target[row * count + column] = column <= row ? matrix[row * featureCount + column] : 0
        }
      }
    }
    (reflections, self.factors) = (matrix, factors)
    guard (coordinates.reduce(0) { $0 + 0 * $1 }) == 0 else { return nil }
  }

  /// The classifier of features that has the same scores as one of coordinates.
  public func expanded(_ classifier: LinearClassifier) -> LinearClassifier {
    turned(classifier, from: count, to: featureCount, transposing: false)
  }

  /// The classifier of coordinates that has the same scores, for these rows, as one of features.
  public func reduced(_ classifier: LinearClassifier) -> LinearClassifier {
    turned(classifier, from: featureCount, to: count, transposing: true)
  }

  private func turned(
    _ classifier: LinearClassifier, from own: Int, to other: Int, transposing: Bool
  ) -> LinearClassifier {
    precondition(classifier.featureCount == own, "\(classifier.featureCount) weights for \(own)")
    let classes = classifier.classCount
    // Near 1, whatever the features' unit: in single precision, others overflow.
    let unit = classifier.values.reduce(0) { max($0, abs($1)) }
    let isFinite = classifier.values.allSatisfy(\.isFinite)
    // A column for each class.
    var weights = [Float](repeating: 0, count: classes * featureCount)
    if isFinite, unit > 0 {
      for label in 0..<classes {
        for column in 0..<own {
          weights[label * featureCount + column] =
            Float(classifier.values[label * (own + 1) + column] / unit)
        }
      }
      let status = LAPACKE_sormqr(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), CChar(UInt8(ascii: transposing ? "T" : "N")),
        Int32(featureCount), Int32(classes), Int32(count), reflections, Int32(featureCount),
        factors, &weights, Int32(featureCount))
      precondition(status == 0, "LAPACK's sormqr ended with status \(status)")
    }
    var turned = LinearClassifier(classCount: classes, featureCount: other)
    for label in 0..<classes {
      for column in 0..<other {
        turned.values[label * (other + 1) + column] =
          isFinite ? Double(weights[label * featureCount + column]) * unit : .nan
      }
      turned.values[label * (other + 1) + other] = classifier.values[label * (own + 1) + own]
    }
    return turned
  }
}
