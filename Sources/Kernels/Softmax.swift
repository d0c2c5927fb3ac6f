internal import Foundation
public import TensorCore

/// `eˣ / Σ eˣ` along an axis.
public func softmax(_ scores: Tensor, along axis: Int = 1) -> Tensor {
  let greatest = reduceAxes([axis], of: scores, by: .maximum)
  let powers = activate(combine(scores, greatest, .subtract), .exponential)
  let total = reduceAxes([axis], of: powers, by: .sum)
  return combine(powers, total, .divide)
}

/// `y · (g − Σ g y)`: the gradient of a softmax with output `y`.
public func softmaxGradient(
  of gradient: consuming Tensor, output: Tensor, along axis: Int = 1
) -> Tensor {
  let dots = reduceAxes([axis], of: combine(output, copy gradient, .multiply), by: .sum)
  return combine(combine(gradient, dots, .subtract), output, .multiply)
}

/// The logarithm of a softmax.
public func logSoftmax(_ scores: Tensor, along axis: Int) -> Tensor {
  combine(scores, reduceAxes([axis], of: scores, by: .logSumExp), .subtract)
}

/// `g − eʸ Σ g`: the gradient of a softmax's logarithm with output `y`.
public func logSoftmaxGradient(
  of gradient: consuming Tensor, output: Tensor, along axis: Int
) -> Tensor {
  let sums = reduceAxes([axis], of: gradient, by: .sum)
  return combine(gradient, combine(activate(output, .exponential), sums, .multiply), .subtract)
}

/// A classifier's loss on a batch.
public struct CrossEntropy: Sendable {
  /// `−log softmax(score)[label]`, the mean over the batch.
  public let loss: Float
  /// With respect to the scores, `[N, C]`.
  public let gradient: Tensor
  /// The number of pictures whose greatest score is the label's.
  public let correct: Int
}

/// The mean cross entropy of `[N, C]` scores.
///
/// - Parameter smoothing: The share of each label that is spread evenly over the classes (Szegedy
///   et al. 2016, section 7).
public func softmaxCrossEntropy(
  _ scores: Tensor, labels: [Int], smoothing: Float = 0
) -> CrossEntropy {
  let (n, classes) = (scores.shape[0], scores.shape[1])
  precondition(labels.count == n, "\(labels.count) labels for scores \(scores.shape)")
  var (loss, correct) = (0.0, 0)
  let gradient = scores.withUnsafeElements { source in
    Tensor(shape: scores.shape) { target in
      for (row, label) in labels.enumerated() {
        let start = row * classes
        let scores = source[start..<(start + classes)]
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? start
        if best == start + label { correct += 1 }
        let total = scores.reduce(0.0) { $0 + exp(Double($1) - Double(source[best])) }
        let logTotal = log(total) + Double(source[best])
        for index in scores.indices {
          let wanted =
            Double(smoothing) / Double(classes)
            + (index == start + label ? 1 - Double(smoothing) : 0)
          let logProbability = Double(source[index]) - logTotal
          loss -= wanted * logProbability
          target[index] = Float((exp(logProbability) - wanted) / Double(n))
        }
      }
    }
  }
  return CrossEntropy(loss: Float(loss / Double(max(n, 1))), gradient: gradient, correct: correct)
}
