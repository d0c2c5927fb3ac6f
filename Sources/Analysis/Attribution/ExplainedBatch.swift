public import Networks
internal import Synchronization
public import TensorCore

/// A batch of pictures with the forward runs that methods share.
///
/// A run is made when it is first asked for, and serves every method and every score after that;
/// one that must keep more replaces it.
public final class ExplainedBatch: Sendable {
  public let network: Network
  /// `[N, C, H, W]`.
  public let pictures: Tensor
  /// What tells the pictures apart from those of other batches, for random numbers.
  public let indices: [Int]
  /// The least and the greatest value that a pixel can have, for each channel; nil if that is
  /// not known.
  public let validRange: PixelRange?
  private let ranking: Ranking?
  private let runs = Mutex(Runs())

  private struct Runs {
    var shared: (keep: Keep, recording: Recording)?
    var predictions: [Prediction]?
    var fused: (node: String, recording: Recording)?
  }

  /// - Parameters:
  ///   - indices: One for each picture; their places in the batch where nil.
  ///   - keep: What the first run keeps, so that it need not be made again: the union of what the
  ///     methods ask for.
  public init(
    _ pictures: Tensor, of network: Network, indices: [Int]? = nil, validRange: PixelRange? = nil,
    keeping keep: Keep = .only([])
  ) {
    (self.network, self.pictures) = (network, pictures)
    self.indices = indices ?? Array(0..<pictures.shape[0])
    self.validRange = validRange
    ranking = network.ranking(of: network.graph.scoreName)
    _ = recording(keeping: keep.and([ranking?.node].compactMap(\.self)))
  }

  /// A run that keeps at least this.
  public func recording(keeping keep: Keep) -> Recording {
    runs.withLock { runs in
      if let shared = runs.shared, shared.keep.covers(keep) { return shared.recording }
      let keep = runs.shared.map { $0.keep.union(keep) } ?? keep
      // The old one goes first, so that there is never more than one.
      runs.shared = nil
      let recording = network.record(pictures, keeping: keep)
      runs.shared = (keep, recording)
      return recording
    }
  }

  /// A run of everything, of the network with batch norm fused into the layers before it.
  ///
  /// - Parameter node: Whose values stay as they are.
  func fusedRecording(explaining node: String) -> Recording {
    runs.withLock { runs in
      if let fused = runs.fused, fused.node == node { return fused.recording }
      runs.fused = nil
      // The graph was sound before; if it is not after, it stays as it was.
      let fused = (try? network.fusingBatchNormalization(keeping: [node])) ?? network
      let recording = fused.record(pictures, keeping: .everything)
      runs.fused = (node, recording)
      return recording
    }
  }

  /// What the network says of each picture.
  public var predictions: [Prediction] {
    if let known = runs.withLock({ $0.predictions }) { return known }
    let recording = recording(keeping: .only([ranking?.node].compactMap(\.self)))
    let made = Prediction.all(
      from: recording.scores, by: network.probabilityFunction, ranks: ranking?.values(in: recording)
    )
    runs.withLock { $0.predictions = made }
    return made
  }

  /// Some pictures of the batch as one of their own.
  func rows(_ range: Range<Int>) -> ExplainedBatch {
    ExplainedBatch(
      pictures.rows(range), of: network, indices: Array(indices[range]), validRange: validRange)
  }
}

extension ExplainedBatch {
  /// What reaches the pixels of each score in the shared run.
  func propagate(_ scores: ExplainedScores, by rules: RuleBook) -> Tensor {
    recording(keeping: .forGradient())
      .propagate(scores.signal, from: scores.node, by: rules).input
  }

  /// The gradients of the scores at pictures made from those of the batch, in rounds: each round
  /// runs as many pictures as the batch has, and only one round is held at a time, so that memory
  /// does not grow with their number.
  ///
  /// - Parameters:
  ///   - pictures: Those of a round, `[N, C, H, W]`.
  ///   - body: Takes what reached the pixels in a round.
  func forEachRound(
    _ rounds: Int, of scores: ExplainedScores, pictures: (Int) -> Tensor, _ body: (Tensor) -> Void
  ) {
    for round in 0..<rounds {
      let recording = network.record(pictures(round), keeping: .forGradient())
      body(recording.propagate(scores.signal, from: scores.node).input)
    }
  }
}
