internal import Analysis
internal import Networks
internal import TensorCore

/// Which layers each part of a comparison shows.
struct ComparedLayers {
  /// Whose weights are measured: all that have some.
  let weights: [String]
  /// Whose representations are compared.
  let representations: [String]
  /// Those that are compared with each other, as a matrix.
  let matrix: [String]
  /// Whose maps and patches are shown.
  let activations: [String]
  /// The convolutions whose filters are shown.
  let filters: [String]
  /// Whose features place the pictures; nil if it is not common.
  let embedding: String?
  let selection: UnitSelection?

  /// More layers than this make no legible matrix.
  private static let mostInMatrix = 24
  /// Features of more layers take much memory and say no more.
  private static let mostRepresentations = 200

  /// - Parameter common: The layers that all networks have.
  /// - Throws: `SelectionError` for a layer that is not there; `UsageError` for one that is not
  ///   common.
  init(_ options: LayerOptions, in studio: Studio, common: [String]) throws {
    let network = studio.network
    let shared = Set(common)
    let named = try options.layers.map { try studio.layers(matching: $0, for: .activations) }
    if let other = named?.first(where: { !shared.contains($0) }) {
      throw UsageError("--layers: '\(other)' is not the same layer in all checkpoints")
    }
    weights = common.filter { layer in
      network.graph[layer]?.parameters.contains { (network.parameters[$0]?.shape.rank ?? 0) > 1 }
        ?? false
    }
    let usual = network.representationLayers(most: .max).filter(shared.contains)
    representations = named ?? usual.evenly(Self.mostRepresentations)
    matrix = representations.evenly(Self.mostInMatrix)
    let features = network.featureLayers().filter(shared.contains)
    activations = named ?? features
    let own = activations.map { network.origin(of: $0) }
    filters = own.reduce(into: []) { filters, layer in
      if network.graph[layer]?.operation is Convolution, shared.contains(layer),
        network.obstacle(to: .filters, at: layer) == nil, !filters.contains(layer)
      {
        filters.append(layer)
      }
    }
    let last = network.penultimateLayer
    embedding = named?.last ?? (shared.contains(last) ? last : usual.last)
    selection = try studio.selection(options, of: activations)
  }
}

extension [String] {
  /// At most so many of them, evenly from all, with the first and the last.
  func evenly(_ most: Int) -> [String] {
    guard count > most, most > 1 else { return self }
    return (0..<most).map { self[$0 * (count - 1) / (most - 1)] }
  }
}
