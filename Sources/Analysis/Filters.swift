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
  /// `[K, C, R, S]` of pictures, `[K, C, R]` of series, `[K, C, D, R, S]` of volumes; of a locally
  /// connected layer, the filters of a unit at all places, side by side with gaps of one zero, as
  /// one filter.
  public let filters: Tensor
  /// Whether the channels are those of the network's input.
  public let isFirst: Bool
  /// The distance between neighbouring weights along each axis of the window, in positions of what
  /// the layer reads.
  public let dilation: [Int]
  /// `[H', W']` of a locally connected layer, whose filters have a window of `placeWindow`.
  public let places: [Int]
  public let placeWindow: [Int]
  /// Whether the channels are those of a colour picture.
  public let isColour: Bool
  /// Each filter's Euclidean norm; not finite if a weight is not.
  public let norms: [Float]
  /// Filters with weights that are NaN or infinite.
  public let nonFinite: [Int]
  /// Filters that came to nothing.
  public let dead: [Int]
  /// Filters that are nearly multiples of each other: equal if the cosine is positive, opposite if
  /// it is negative.
  public let nearDuplicates: [Pair]
}

extension Network {
  /// The weights of a layer as filters `[K, C, …]`: of a convolution; of a locally connected layer,
  /// whose places are put side by side; or of a fully connected layer that sees the whole example,
  /// of which each unit has a filter of the example's size.
  ///
  /// - Returns: Nil for other layers.
  func filters(of layer: String) -> Tensor? {
    guard hasFilters(layer), let node = graph[layer], let weights = parameters[node.parameters[0]]
    else { return nil }
    if node.operation is LocallyConnected { return weights.filtersSideBySide }
    return node.operation is Linear
      ? weights.reshaped(to: Shape([weights.shape[0]] + graph.inputShape.extents)) : weights
  }

  /// Whether a layer's weights can be drawn as filters.
  public func hasFilters(_ layer: String) -> Bool {
    guard let node = graph[layer], let name = node.parameters.first,
      let shape = parameters[name]?.shape
    else { return false }
    if node.operation is Convolution {
      return shape.rank == 4 || (3...5).contains(shape.rank) && hasPositions(layer)
    }
    if node.operation is LocallyConnected { return shape.rank == 6 }
    return node.operation is Linear && (2...4).contains(graph.inputShape.rank)
      && shape[1] == graph.inputShape.elementCount && seesFlatPicture(node)
  }

  /// Whether a node reads the example, flattened and not changed otherwise.
  private func seesFlatPicture(_ node: Graph.Node) -> Bool {
    var input = node.inputs[0]
    while let node = graph[input],
      node.operation is Flatten || node.operation is Reshape || node.operation is Dropout
    { input = node.inputs[0] }
    return input == Graph.inputName
  }
}

extension Tensor {
  /// `[H', W', K, C, R, S]` as `[K, C, H' (R + 1) − 1, W' (S + 1) − 1]`: the filters of all places,
  /// with a zero between neighbours.
  fileprivate var filtersSideBySide: Tensor {
    let (rows, columns, kernels, channels) = (shape[0], shape[1], shape[2], shape[3])
    let (height, width) = (shape[4], shape[5])
    let (down, across) = (rows * (height + 1) - 1, columns * (width + 1) - 1)
    let weights = arranged(as: .rowMajor)
    return weights.withUnsafeElements { weights in
      Tensor(shape: [kernels, channels, down, across]) { target in
        target.initialize(repeating: 0)
        var source = 0
        for row in 0..<rows {
          for column in 0..<columns {
            for map in 0..<(kernels * channels) {
              for y in 0..<height {
                let line = map * down + row * (height + 1) + y
                for x in 0..<width {
                  target[line * across + column * (width + 1) + x] = weights[source]
                  source += 1
                }
              }
            }
          }
        }
      }
    }
  }
}

/// Shows what convolutions look for: their weights.
public struct FilterAnalysis: Sendable {
  /// A filter is dead below this share of the layer's median norm.
  ///
  /// Weight decay leaves filters that nothing needs with about a hundredth of the others' norm: in
  /// ResNet-20, 0.010 to 0.016 of the median, and the next ones have 0.054.
  public static let deadShare: Float = 0.02
  /// Filters are nearly equal from this cosine on, and nearly opposite from its negative on.
  public static let duplicateCosine: Float = 0.95

  public init() {}

  /// - Throws: `SelectionError` if the layer is no convolution.
  public func run(on network: Network, layer: String) throws(SelectionError) -> FilterFinding {
    guard let filters = network.filters(of: layer), let node = network.graph[layer] else {
      let convolutions = network.graph.nodes.map(\.name).filter { network.hasFilters($0) }
      let problem =
        network.graph[layer] == nil
        ? "no layer '\(layer)'"
        : "layer '\(layer)' \(network.obstacle(to: .filters, at: layer) ?? "")"
      throw SelectionError(problem + suggestion(for: layer, among: convolutions))
    }
    let count = filters.shape[0]
    let vectors = (0..<count).map { filters.rows($0..<($0 + 1)).elements }
    let lengths = vectors.map(norm)
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
    let local = node.operation as? LocallyConnected
    let isFirst =
      node.operation is Linear || network.origin(of: node.inputs[0]) == Graph.inputName
    return FilterFinding(
      layer: layer, filters: filters, isFirst: isFirst,
      dilation: (node.operation as? Convolution)?.moves.dilation
        ?? filters.shape.spatial.map { _ in 1 },
      places: local == nil ? [] : network.shapes[layer]?.spatial ?? [],
      placeWindow: local?.window ?? [],
      isColour: filters.shape[1] == 3 && filters.shape.rank > 3 && isFirst,
      norms: norms, nonFinite: vectors.indices.filter { !isFinite[$0] }, dead: dead,
      nearDuplicates: pairs)
  }

  private func nearDuplicates(
    _ vectors: [[Float]], _ lengths: [Double], among filters: [Int]
  ) -> [FilterFinding.Pair] {
    guard filters.count > 1 else { return [] }
    let units = filters.map { filter in vectors[filter].map { Double($0) / lengths[filter] } }
    let estimates = cosines(between: units)
    var pairs: [FilterFinding.Pair] = []
    for first in filters.indices {
      for second in filters.indices.dropFirst(first + 1)
      where abs(estimates[first * filters.count + second]) >= Self.duplicateCosine - 1e-3 {
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
