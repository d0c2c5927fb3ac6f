internal import Foundation
internal import Kernels
internal import TensorCore

/// What a linear classifier loses on labelled features, with its penalty.
///
/// `½ ‖w‖² + C Σ loss`, over the rows. The softmax's loss is the cross entropy, and its intercepts
/// are not part of the penalty; that of support vector machines is the squared hinge loss of each
/// class against the rest, `max(0, 1 − y s)²`, with the intercepts in the penalty, as in liblinear.
struct LinearObjective {
  let rows: FittedRows
  /// The class of each row.
  let labels: [Int]
  let classCount: Int
  let classifier: ProbeClassifier
  /// `C`.
  let cost: Double

  /// Rows that are in memory together in their scaled form.
  static let blockRows = 2048

  private var width: Int { rows.featureCount + 1 }

  /// Products of fewer multiplications take one thread less than a millisecond, and two threads of a
  /// busy machine up to 25.
  private static let leastParallel = 10_000_000

  /// The value, and the gradient in the arrangement of `LinearClassifier.values`.
  func evaluate(_ values: [Double]) -> (value: Double, gradient: [Double]) {
    let multiplications = min(rows.count, Self.blockRows) * classCount * width
    return multiplications < Self.leastParallel
      ? withSingleThread { value(at: values) } : value(at: values)
  }

  private func value(at values: [Double]) -> (value: Double, gradient: [Double]) {
    let model = LinearClassifier(
      classCount: classCount, featureCount: rows.featureCount, values: values)
    var gradient = [Double](repeating: 0, count: values.count)
    var loss = 0.0
    for start in stride(from: 0, to: rows.count, by: Self.blockRows) {
      let places = start..<min(start + Self.blockRows, rows.count)
      let block = rows.block(places)
      let scores = model.scores(of: block)
      let (own, slopes) = losses(scores, of: places)
      loss += own
      let product = matrixProduct(slopes, block, transposingFirst: true)
      product.withUnsafeElements { product in
        slopes.withUnsafeElements { slopes in
          for row in 0..<classCount {
            for column in 0..<(width - 1) {
              gradient[row * width + column] += Double(product[row * (width - 1) + column])
            }
          }
          for place in 0..<places.count {
            for row in 0..<classCount {
              gradient[row * width + width - 1] += Double(slopes[place * classCount + row])
            }
          }
        }
      }
    }
    var penalty = 0.0
    for index in values.indices {
      gradient[index] *= cost
      guard classifier == .svm || index % width != width - 1 else { continue }
      penalty += values[index] * values[index]
      gradient[index] += values[index]
    }
    return (penalty / 2 + cost * loss, gradient)
  }

  /// The loss of some rows, and its slope by their scores, `[rows, classes]`.
  private func losses(_ scores: Tensor, of places: Range<Int>) -> (Double, Tensor) {
    var loss = 0.0
    let slopes = scores.withUnsafeElements { scores in
      Tensor(shape: [places.count, classCount]) { target in
        for (place, row) in places.enumerated() {
          let own = UnsafeBufferPointer(
            rebasing: scores[(place * classCount)..<((place + 1) * classCount)])
          let slopes = UnsafeMutableBufferPointer(
            rebasing: target[(place * classCount)..<((place + 1) * classCount)])
          switch classifier {
          case .softmax: loss += Self.crossEntropy(own, labels[row], slopes)
          case .svm: loss += Self.squaredHinges(own, labels[row], slopes)
          }
        }
      }
    }
    return (loss, slopes)
  }

  /// In `Double`, because a line search sees small differences.
  private static func crossEntropy(
    _ scores: UnsafeBufferPointer<Float>, _ label: Int,
    _ slopes: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    let greatest = Double(scores.max() ?? 0)
    let total = scores.reduce(0.0) { $0 + exp(Double($1) - greatest) }
    for index in scores.indices {
      let probability = exp(Double(scores[index]) - greatest) / total
      slopes[index] = Float(index == label ? probability - 1 : probability)
    }
    return log(total) + greatest - Double(scores[label])
  }

  private static func squaredHinges(
    _ scores: UnsafeBufferPointer<Float>, _ label: Int,
    _ slopes: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    var loss = 0.0
    for index in scores.indices {
      let sign: Double = index == label ? 1 : -1
      let gap = max(1 - sign * Double(scores[index]), 0)
      loss += gap * gap
      slopes[index] = Float(-2 * sign * gap)
    }
    return loss
  }
}
