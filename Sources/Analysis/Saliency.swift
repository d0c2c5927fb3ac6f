public import Networks
public import TensorCore

/// How a class score is carried back to the pixels.
public enum SaliencyMethod: String, Sendable, Hashable, CaseIterable {
  case gradient
  case guidedBackpropagation = "guided-backpropagation"
  case deconvnet

  public var rules: RuleBook {
    switch self {
    case .gradient: .gradient
    case .guidedBackpropagation: .guidedBackpropagation
    case .deconvnet: .deconvnet
    }
  }

  /// For captions.
  public var source: String {
    switch self {
    case .gradient: "Simonyan et al. 2014"
    case .guidedBackpropagation: "Springenberg et al. 2015"
    case .deconvnet: "Zeiler and Fergus 2014"
    }
  }
}

/// Which pixels a class score of one picture rests on.
public struct SaliencyFinding: Sendable {
  public let method: SaliencyMethod
  public let classIndex: Int
  public let prediction: Prediction
  /// What reached the pixels, `[1, C, H, W]`.
  public let attribution: Tensor
  /// `max |attribution|` over the channels, `[H, W]` row by row.
  public let map: Tensor

  /// Whether nothing reached the pixels.
  public var isZero: Bool { map.withUnsafeElements { $0.allSatisfy { $0 == 0 } } }
}

/// Why a score may have no gradient at the pixels, as a clause.
public let usualCausesOfZeroGradients =
  "as when all rectifiers before the score are inactive (dead ReLUs), its units are saturated, or "
  + "it is constant"

/// Image-specific class saliency (Simonyan, Vedaldi and Zisserman 2014, section 3): the gradient
/// of the class score before softmax at the picture, its greatest magnitude over the channels.
public struct SaliencyAnalysis: Sendable {
  public enum Target: Sendable, Hashable {
    case classIndex(Int)
    /// The network's choice by rank, 0 for its first.
    case choice(Int)
  }

  public var method: SaliencyMethod

  public init(method: SaliencyMethod = .gradient) { self.method = method }

  /// - Parameters:
  ///   - pictures: `[N, C, H, W]`.
  ///   - targets: One a picture.
  public func run(
    on network: Network, pictures: Tensor, targets: [Target]
  ) -> [SaliencyFinding] {
    let ranking = network.ranking(of: network.graph.scoreName)
    let recording = network.record(
      pictures, keeping: .forGradient(and: [ranking?.node].compactMap(\.self)))
    let predictions = Prediction.all(
      from: recording.scores, ranks: ranking?.values(in: recording))
    let classes = zip(predictions, targets).map { prediction, target in
      switch target {
      case .classIndex(let index): return index
      case .choice(let rank):
        return prediction.candidates[min(rank, prediction.candidates.count - 1)].index
      }
    }
    let attributions = recording.propagateScores(of: classes, by: method.rules)
    return classes.indices.map { row in
      let attribution = attributions.rows(row..<(row + 1))
      return SaliencyFinding(
        method: method, classIndex: classes[row], prediction: predictions[row],
        attribution: attribution, map: greatestMagnitude(attribution))
    }
  }
}

/// `max |x|` over the channels of `[1, C, H, W]`: `[H, W]`; NaN where one of them is.
func greatestMagnitude(_ tensor: Tensor) -> Tensor {
  let channels = tensor.shape[1]
  return tensor.arranged(as: .channelsLast).withUnsafeElements { x in
    Tensor(shape: Shape(tensor.shape.spatial)) { target in
      for position in 0..<target.count {
        var greatest: Float = 0
        for channel in 0..<channels {
          let magnitude = abs(x[position * channels + channel])
          if magnitude > greatest || magnitude.isNaN { greatest = magnitude }
        }
        target[position] = greatest
      }
    }
  }
}
