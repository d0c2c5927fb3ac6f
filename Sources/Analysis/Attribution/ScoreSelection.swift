internal import Kernels
internal import Networks
public import TensorCore

/// A scalar of the network, for one picture.
///
/// Methods do not see it: they are given the signal that asks for it (`ExplainedScores`), so that
/// a unit, a position or a difference needs no more than a case here and its signal there.
public enum ScoreSelection: Sendable, Hashable {
  /// A class score, before a final softmax or sigmoid.
  case classIndex(Int)
  /// The score of the network's choice by rank, 0 for its first.
  case choice(Int)
}

/// The scalars that are explained, one for each picture: `Σ signal · node`.
public struct ExplainedScores: Sendable {
  public let node: String
  /// Of the shape that a recording gives for the node.
  public let signal: Tensor

  /// The scalars in a run of as many pictures.
  func values(in recording: Recording, of node: String) -> [Double] {
    (recording[node] * signal).rowSums
  }

  /// For some of the pictures.
  func rows(_ range: Range<Int>) -> ExplainedScores {
    ExplainedScores(node: node, signal: signal.rows(range))
  }
}

extension ExplainedBatch {
  /// The class of each picture that a selection means.
  func classes(of selections: [ScoreSelection]) -> [Int] {
    zip(predictions, selections).map { prediction, selection in
      switch selection {
      case .classIndex(let index): return index
      // There is no further choice than the last.
      case .choice(let rank):
        return prediction.candidates[min(rank, prediction.candidates.count - 1)].index
      }
    }
  }

  /// The scalars that are asked for.
  ///
  /// - Parameter selections: One for each picture.
  public func scores(_ selections: [ScoreSelection]) -> ExplainedScores {
    scores(ofClasses: classes(of: selections))
  }

  /// - Parameter classes: One for each picture.
  func scores(ofClasses classes: [Int]) -> ExplainedScores {
    ExplainedScores(
      node: network.graph.scoreName,
      signal: recording(keeping: .only([])).oneHotScores(of: classes))
  }
}

extension Tensor {
  /// The sum of each row of the first axis, in `Double`.
  var rowSums: [Double] {
    let width = count / max(shape[0], 1)
    return withUnsafeElements { x in
      (0..<shape[0]).map { row in
        x[(row * width)..<((row + 1) * width)].reduce(0) { $0 + Double($1) }
      }
    }
  }
}
