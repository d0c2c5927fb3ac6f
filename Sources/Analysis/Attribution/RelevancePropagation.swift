public import Networks
internal import TensorCore

/// A composite of rules of layer-wise relevance propagation.
public protocol RelevanceMethod: AttributionMethod {}

extension RelevanceMethod {
  public var citation: String { "Bach et al. 2015, Montavon et al. 2019" }
  public var isSigned: Bool { true }
  public func keep(in network: Network) -> Keep { .only([]) }
  public func largestKeep(in network: Network) -> Keep { .everything }
  public func workBytes(pictures: Int, in network: Network) -> Int {
    network.relevanceBytes(pictures: pictures)
  }
}

/// What the methods of layer-wise relevance propagation share.
///
/// The score itself is propagated back, so that the relevance of all pixels adds up to it as far as
/// the rules conserve: biases and stabilizers keep their part. Batch norm is fused into the layers
/// before it first.
extension ExplainedBatch {
  /// - Parameters:
  ///   - remark: As of `Attribution`.
  ///   - layers: The rules of convolutions and linear layers, for a recording of everything.
  func relevance(
    of scores: ExplainedScores, stabilizer: Float, remark: String = "",
    layers: (Recording, ExplainedBatch) -> [RuleBook.Entry]
  ) -> Attribution {
    // A rule may know each picture's own numbers, and must meet them together.
    if network.batchObstacle != nil, pictures.shape[0] > 1 {
      let parts = (0..<pictures.shape[0]).map { row in
        rows(row..<(row + 1)).relevance(
          of: scores.rows(row..<(row + 1)), stabilizer: stabilizer, remark: remark, layers: layers)
      }
      return Attribution(
        maps: Tensor(concatenatingRows: parts.map(\.maps)),
        checks: parts.flatMap { $0.checks ?? [] }, remark: remark)
    }
    let recording = fusedRecording(explaining: scores.node)
    let node = recording.network.graph[scores.node]?.name ?? scores.node
    let start = scores.signal * recording[node]
    let maps = recording.propagate(
      start, from: node, by: .relevance(layers(recording, self), stabilizer: stabilizer)
    ).input
    let (sums, expected) = (maps.rowSums, start.rowSums)
    return Attribution(
      maps: maps,
      checks: sums.indices.map {
        AttributionCheck(kind: .conservation, sum: sums[$0], expected: expected[$0])
      }, remark: remark)
  }
}

extension Network {
  /// What relevance rules hold beside a recording, at most, in bytes: the fused weights, changed
  /// weights of one layer and their other layout, and several changed copies of that layer's inputs
  /// and outputs.
  func relevanceBytes(pictures: Int) -> Int {
    let (copiesOfNumbers, copiesOfWeights) = (6, 4)
    var (numbers, weights) = (0, 0)
    for node in graph.nodes {
      let around = node.inputs + [node.name]
      numbers = max(numbers, around.reduce(0) { $0 + (shapes[$1]?.elementCount ?? 0) })
      weights = max(weights, node.parameters.reduce(0) { $0 + (parameters[$1]?.count ?? 0) })
    }
    return parameterBytes
      + MemoryLayout<Float>.stride
      * (copiesOfNumbers * pictures * numbers + copiesOfWeights * weights)
  }
}
