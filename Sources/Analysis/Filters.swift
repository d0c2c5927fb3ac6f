internal import Kernels
public import Networks
public import TensorCore

/// The weights of one convolution, with what is worth marking in them.
public struct FilterFinding: Sendable {
  public struct Pair: Sendable, Hashable {
    public let first: Int
    public let second: Int
    /// Of the filters as vectors; near 1 or −1.
    public let cosine: Float
  }

  public let layer: String
  /// `[K, C, R, S]`.
  public let filters: Tensor
  /// Whether the channels are those of a colour picture.
  public let isColour: Bool
  /// Each filter's Euclidean norm.
  public let norms: [Float]
  /// Filters that came to nothing.
  public let dead: [Int]
  /// Filters that say nearly the same.
  public let nearDuplicates: [Pair]
}

/// Shows what convolutions look for: their weights.
public struct FilterAnalysis: Sendable {
  /// A filter is dead below this share of the layer's median norm.
  public static let deadShare: Float = 0.01
  /// Filters are near-duplicates from this cosine on.
  public static let duplicateCosine: Float = 0.95

  public init() {}

  /// - Throws: `SelectionError` where the layer is no convolution of pictures.
  public func run(on network: Network, layer: String) throws(SelectionError) -> FilterFinding {
    guard let node = network.graph[layer], node.operation is Convolution,
      let filters = network.parameters[node.parameters[0]], filters.shape.rank == 4
    else {
      let convolutions = network.graph.nodes.filter { $0.operation is Convolution }.map(\.name)
      let problem =
        network.graph[layer] == nil
        ? "no layer '\(layer)'"
        : "layer '\(layer)' \(network.obstacle(to: .filters, at: layer) ?? "")"
      throw SelectionError(problem + suggestion(for: layer, among: convolutions))
    }
    let count = filters.shape[0]
    let vectors = (0..<count).map { filters.rows($0..<($0 + 1)).elements }
    let norms = vectors.map { $0.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot() }
    let median = norms.sorted()[count / 2]
    let dead = norms.indices.filter { norms[$0] <= Self.deadShare * median }
    // Filters of one weight are all parallel, which says nothing.
    let pairs = vectors[0].count > 1 ? nearDuplicates(vectors, norms, except: Set(dead)) : []
    return FilterFinding(
      layer: layer, filters: filters,
      isColour: filters.shape[1] == 3 && network.origin(of: node.inputs[0]) == Graph.inputName,
      norms: norms,
      dead: dead, nearDuplicates: pairs)
  }

  private func nearDuplicates(
    _ vectors: [[Float]], _ norms: [Float], except dead: Set<Int>
  ) -> [FilterFinding.Pair] {
    var pairs: [FilterFinding.Pair] = []
    let matrix = Tensor(shape: [vectors.count, vectors[0].count], vectors.flatMap { $0 })
    let products = products(ofRows: matrix).elements
    for first in vectors.indices where !dead.contains(first) {
      for second in vectors.indices.dropFirst(first + 1) where !dead.contains(second) {
        let cosine = products[first * vectors.count + second] / (norms[first] * norms[second])
        if abs(cosine) >= Self.duplicateCosine {
          pairs.append(.init(first: first, second: second, cosine: cosine))
        }
      }
    }
    return pairs
  }
}
