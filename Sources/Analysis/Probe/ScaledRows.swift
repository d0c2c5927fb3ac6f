internal import Foundation
internal import TensorCore

/// How the features of a probe are scaled.
public enum FeatureScaling: String, Sendable, Hashable, CaseIterable {
  /// Each feature has mean 0 and deviation 1 over the training pictures of its fold; one that is the
  /// same for all of them is 0.
  case standardize
  /// The features of each picture have Euclidean norm 1; zeros stay zeros.
  case normalize
  case none
}

/// Some rows of features, scaled as they are read, so that each fold needs no copy of them.
struct ScaledRows {
  let rows: [Int]
  private let features: ProbeFeatures
  private let shift: [Double]
  private let factor: [Double]
  private let normalizes: Bool

  var count: Int { rows.count }
  var featureCount: Int { features.featureCount }

  /// Rows that a classifier is fitted to; their mean and deviation are those of the scaling.
  init(_ features: ProbeFeatures, _ rows: [Int], scaling: FeatureScaling) {
    let d = features.featureCount
    var (shift, factor) = (
      [Double](repeating: 0, count: d), [Double](repeating: 1, count: d)
    )
    if scaling == .standardize {
      (shift, factor) = Self.meansAndFactors(features, rows)
    }
    self.init(features, rows, shift, factor, normalizes: scaling == .normalize)
  }

  private init(
    _ features: ProbeFeatures, _ rows: [Int], _ shift: [Double], _ factor: [Double],
    normalizes: Bool
  ) {
    (self.features, self.rows) = (features, rows)
    (self.shift, self.factor, self.normalizes) = (shift, factor, normalizes)
  }

  /// Other rows in the same scale.
  func scaledAlike(_ rows: [Int]) -> ScaledRows {
    ScaledRows(features, rows, shift, factor, normalizes: normalizes)
  }

  /// The features at places among the rows, `[places, features]`.
  func block(_ places: Range<Int>) -> Tensor {
    let (d, first) = (featureCount, places.lowerBound)
    return features.withRows { values in
      Tensor(shape: [places.count, d]) { target in
        nonisolated(unsafe) let (values, target) = (values, target)
        let (rows, shift, factor, normalizes) = (rows, shift, factor, normalizes)
        concurrently(places.count) { place in
          let (source, own) = (rows[first + place] * d, place * d)
          guard !normalizes else {
            var sum = 0.0
            for column in 0..<d {
              let value = Double(values[source + column])
              sum += value * value
            }
            let inverse = sum > 0 ? 1 / sum.squareRoot() : 0
            for column in 0..<d {
              target[own + column] = Float(Double(values[source + column]) * inverse)
            }
            return
          }
          shift.withUnsafeBufferPointer { shift in
            factor.withUnsafeBufferPointer { factor in
              for column in 0..<d {
                target[own + column] =
                  Float((Double(values[source + column]) - shift[column]) * factor[column])
              }
            }
          }
        }
      }
    }
  }

  /// The mean of each feature over some rows, and the inverse of its deviation (divided by `n`).
  private static func meansAndFactors(
    _ features: ProbeFeatures, _ rows: [Int]
  ) -> ([Double], [Double]) {
    let (n, d) = (Double(max(rows.count, 1)), features.featureCount)
    return features.withRows { values in
      var means = [Double](repeating: 0, count: d)
      for row in rows { for column in 0..<d { means[column] += Double(values[row * d + column]) } }
      for column in 0..<d { means[column] /= n }
      var squares = [Double](repeating: 0, count: d)
      for row in rows {
        for column in 0..<d {
          let distance = Double(values[row * d + column]) - means[column]
          squares[column] += distance * distance
        }
      }
      // What varies by no more than rounding is the same for all.
      let factors = zip(squares, means).map { square, mean in
        let deviation = (square / n).squareRoot()
        return deviation > abs(mean) * Double(Float.ulpOfOne) ? 1 / deviation : 0
      }
      return (means, factors)
    }
  }
}
