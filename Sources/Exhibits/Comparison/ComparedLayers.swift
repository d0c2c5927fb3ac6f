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
  /// The layers whose filters are shown.
  let filters: [String]
  /// Whose features place the pictures; nil if it is not common.
  let embedding: String?
  let selection: UnitSelection?

  /// More layers than this make no legible matrix.
  private static let mostInMatrix = 24
  /// Features of more layers take much memory and say no more.
  private static let mostRepresentations = 200

  /// - Parameters:
  ///   - common: The layers that all networks have.
  ///   - ofEvolution: Whether only the representations of layers that are shown are compared, and
  ///     units may be chosen by their responses.
  /// - Throws: `SelectionError` for a layer that is not there; `UsageError` for one that is not
  ///   common.
  init(
    _ options: LayerOptions, in studio: Studio, common: [String], ofEvolution: Bool = false
  ) throws {
    let network = studio.network
    let shared = Set(common)
    let named = try options.layers.map { try studio.layers(matching: $0, for: .activations) }
    if let other = named?.first(where: { !shared.contains($0) }) {
      throw UsageError("--layers: '\(other)' is not the same layer in all checkpoints")
    }
    weights = common.filter { layer in
      guard let node = network.graph[layer], !(node.operation is Constant) else { return false }
      return node.parameters.contains { (network.parameters[$0]?.shape.rank ?? 0) > 1 }
    }
    let usual = network.representationLayers.filter(shared.contains)
    activations = named ?? network.featureLayers().filter(shared.contains)
    representations =
      ofEvolution
      ? activations : named ?? usual.spreadToEnd(most: Self.mostRepresentations)
    matrix = representations.spreadToEnd(most: Self.mostInMatrix)
    filters = network.filterLayers(of: activations, orFirst: named == nil)
      .filter(shared.contains)
    let last = network.penultimateLayer
    embedding = named?.last ?? (shared.contains(last) ? last : usual.last)
    selection = try studio.selection(options, of: activations, hasResponses: ofEvolution)
  }
}
