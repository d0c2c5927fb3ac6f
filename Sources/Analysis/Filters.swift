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
  /// Each filter's Euclidean norm; not finite if a weight is not.
  public let norms: [Float]
  /// Filters with weights that are NaN or infinite.
  public let nonFinite: [Int]
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

  /// - Throws: `SelectionError` if the layer is no convolution of pictures.
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
    // In double precision the squares of great and small weights stay finite and above zero.
    let lengths = vectors.map { vector in
      vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let norms = lengths.map { Float($0) }
    let isFinite = vectors.map { $0.allSatisfy(\.isFinite) }
    let finite = vectors.indices.filter { isFinite[$0] }
    let median = finite.isEmpty ? 0 : finite.map { norms[$0] }.sorted()[finite.count / 2]
    let dead = finite.filter { norms[$0] <= Self.deadShare * median }
    // Filters of one weight are all parallel, which says nothing.
    let pairs =
      vectors[0].count > 1
      ? nearDuplicates(
        vectors, lengths, among: finite.filter { norms[$0] > Self.deadShare * median }) : []
    return FilterFinding(
      layer: layer, filters: filters,
      isColour: filters.shape[1] == 3 && network.origin(of: node.inputs[0]) == Graph.inputName,
      norms: norms, nonFinite: vectors.indices.filter { !isFinite[$0] }, dead: dead,
      nearDuplicates: pairs)
  }

  private func nearDuplicates(
    _ vectors: [[Float]], _ lengths: [Double], among filters: [Int]
  ) -> [FilterFinding.Pair] {
    guard filters.count > 1 else { return [] }
    // At norm 1 products neither overflow nor vanish.
    let units = filters.map { filter in vectors[filter].map { Double($0) / lengths[filter] } }
    let matrix = Tensor(shape: [units.count, units[0].count], units.joined().map { Float($0) })
    let cosines = products(ofRows: matrix).elements
    var pairs: [FilterFinding.Pair] = []
    for first in filters.indices {
      for second in filters.indices.dropFirst(first + 1)
      where abs(cosines[first * filters.count + second]) >= Self.duplicateCosine - 1e-3 {
        // Equal filters have exactly the same cosine only in double precision.
        let cosine = Float(zip(units[first], units[second]).reduce(0) { $0 + $1.0 * $1.1 })
        if abs(cosine) >= Self.duplicateCosine {
          pairs.append(.init(first: filters[first], second: filters[second], cosine: cosine))
        }
      }
    }
    return pairs
  }
}
