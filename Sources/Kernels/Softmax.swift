internal import Foundation
public import TensorCore

/// `eˣ / Σ eˣ` over the channels of `[N, C]`, or of `[N, C, …]` at each position.
public func softmax(_ scores: Tensor) -> Tensor {
  let scores = scores.arranged(as: .channelsLast)
  let channels = scores.shape[1]
  return scores.withUnsafeElements { source in
    Tensor(shape: scores.shape, layout: .channelsLast) { target in
      for start in stride(from: 0, to: source.count, by: max(channels, 1)) {
        let row = source[start..<(start + channels)]
        let greatest = row.max() ?? 0
        var total: Float = 0
        for index in row.indices {
          target[index] = exp(source[index] - greatest)
          total += target[index]
        }
        for index in row.indices { target[index] /= total }
      }
    }
  }
}

/// `y · (g − Σ g y)`: the gradient of a softmax with output `y`.
public func softmaxGradient(of gradient: Tensor, output: Tensor) -> Tensor {
  let (gradient, output) = (
    gradient.arranged(as: .channelsLast), output.arranged(as: .channelsLast)
  )
  let channels = output.shape[1]
  return gradient.withUnsafeElements { g in
    output.withUnsafeElements { y in
      Tensor(shape: output.shape, layout: .channelsLast) { target in
        for start in stride(from: 0, to: y.count, by: max(channels, 1)) {
          var dot: Float = 0
          for index in start..<(start + channels) { dot += g[index] * y[index] }
          for index in start..<(start + channels) { target[index] = y[index] * (g[index] - dot) }
        }
      }
    }
  }
}

/// What a classifier lost on a batch.
public struct CrossEntropy: Sendable {
  /// `−log softmax(score)[label]`, the mean over the batch.
  public let loss: Float
  /// At the scores, `[N, C]`.
  public let gradient: Tensor
  /// How many greatest scores were the label's.
  public let correct: Int
}

/// The mean cross entropy of `[N, C]` scores.
///
/// - Parameter smoothing: How much of each label is spread evenly over the classes (Szegedy et
///   al. 2016, section 7).
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
