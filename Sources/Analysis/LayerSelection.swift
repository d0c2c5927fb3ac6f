public import Networks
internal import TensorCore

/// What a figure needs of a layer.
public enum LayerNeed: Sendable, Hashable {
  /// Values for every picture.
  case activations
  /// Maps of more than one position.
  case maps
  /// The weights of a convolution.
  case filters
  /// A block that begins with a convolution.
  case block
}

/// Layers that were chosen by name or pattern.
public struct LayerSelection: Sendable, Hashable {
  /// A layer that only a pattern chose and that the figure cannot show.
  public struct LeftOut: Sendable, Hashable {
    public let name: String
    public let reason: String
  }

  /// In the order they run.
  public let layers: [String]
  public let leftOut: [LeftOut]
}

extension Network {
  /// The nodes whose names match any of `patterns`, in the order they run.
  ///
  /// - Parameter patterns: Names, with `*` for any characters and `?` for one.
  /// - Throws: `SelectionError` with the nearest names for a pattern that matches nothing.
  public func layers(matching patterns: [String]) throws(SelectionError) -> [String] {
    let names = graph.nodes.map(\.name)
    // An alias is asked for as it is: with patterns it would show a layer twice.
    let wanted = patterns.map { graph.aliases[$0] ?? $0 }
    for pattern in wanted where !names.contains(where: { matches($0, pattern) }) {
      throw SelectionError("no layer '\(pattern)'\(suggestion(for: pattern, among: names))")
    }
    return names.filter { name in wanted.contains { matches(name, $0) } }
  }

  /// The same for one figure: what it cannot show is left out if a pattern chose it, and an
  /// error if it was named.
  ///
  /// - Throws: `SelectionError`, also if nothing is left.
  public func layers(
    matching patterns: [String], for need: LayerNeed
  ) throws(SelectionError) -> LayerSelection {
    let named = Set(patterns.map { graph.aliases[$0] ?? $0 })
    var (layers, leftOut): ([String], [LayerSelection.LeftOut]) = ([], [])
    for layer in try self.layers(matching: patterns) {
      guard let reason = obstacle(to: need, at: layer) else {
        layers.append(layer)
        continue
      }
      if named.contains(layer) {
        let others = graph.nodes.map(\.name).filter { obstacle(to: need, at: $0) == nil }
        throw SelectionError(
          "layer '\(layer)' \(reason)\(suggestion(for: layer, among: others))")
      }
      leftOut.append(.init(name: layer, reason: reason))
    }
    if layers.isEmpty, let first = leftOut.first {
      throw SelectionError(
        "no layer of '\(patterns.joined(separator: ","))' can be shown: '\(first.name)' "
          + first.reason)
    }
    return LayerSelection(layers: layers, leftOut: leftOut)
  }

  /// Why a figure cannot show a layer, as the end of a sentence that begins with its name.
  public func obstacle(to need: LayerNeed, at name: String) -> String? {
    switch need {
    case .activations:
      guard dependsOnPictures(name) else { return "is the same for every picture" }
      return shapes[name]?.elementCount == 0 ? "has no values" : nil
    case .maps: return mapObstacles[name]
    case .filters:
      guard hasFilters(name) else {
        return "has no filters to draw: its kind is \(graph[name]?.operation.kind ?? "none")"
      }
      return nil
    case .block:
      guard convolutionBlock(of: name) != nil else {
        return "is in no block that begins with a convolution: its kind is "
          + (graph[name]?.operation.kind ?? "none")
      }
      return nil
    }
  }
}
