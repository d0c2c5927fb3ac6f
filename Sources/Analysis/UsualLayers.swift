public import Networks

/// A layer that is shown by default, and why.
public struct UsualLayer: Sendable, Hashable {
  public let name: String
  /// A few words, such as "end of the 28×28 stage".
  public let reason: String

  public init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}

extension Network {
  /// The layers that show how features grow.
  ///
  /// With up to `most` convolutions, all of them, rectified; in larger networks the first one and
  /// the end of each stage (the layers whose maps have one size): the last one that every path
  /// to the class scores goes through. If there are more stages than that, those with the fewest
  /// convolutions are left out, but never the last.
  public func usualLayers(most: Int = 5) -> [UsualLayer] {
    let convolutions = graph.nodes.filter { $0.operation.hasWindowedFilters }
      .map { rectified($0.name) }
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    guard convolutions.count > most else {
      return convolutions.enumerated().map { index, name in
        UsualLayer(
          name: name, reason: "convolution \(index + 1) of \(convolutions.count)")
      }
    }
    var stages = stages()
    let first = UsualLayer(name: convolutions[0], reason: "first convolution")
    // A first stage of one convolution ends with the first convolution.
    stages.removeAll { $0.end == first.name }
    while stages.count > max(most - 1, 1) {
      let least = stages.dropLast().map(\.convolutions).min()
      guard let index = stages.firstIndex(where: { $0.convolutions == least }) else { break }
      stages.remove(at: index)
    }
    guard most > 1 else { return [first] }
    return [first]
      + stages.enumerated().map { index, stage in
        let size = stage.extents.map(String.init).joined(separator: "×")
        let stageName = stage.extents.count == 1 ? "\(size)-position" : size
        return UsualLayer(
          name: stage.end,
          reason: "end of the \(stageName) stage"
            + (index == stages.count - 1 ? ", the last maps" : "")
        )
      }
  }

  /// The layers of a whole gallery: the usual ones and the class scores.
  public func galleryLayers() -> [UsualLayer] {
    let usual = usualLayers()
    guard hasClassScores, !usual.contains(where: { $0.name == graph.scoreName }) else {
      return usual
    }
    let scores = classCount == 1 ? "class score" : "class scores"
    let reason =
      switch probabilityFunction {
      case .softmax: scores + ", before softmax"
      case .sigmoid: scores + ", before the sigmoid"
      case .none: scores
      }
    return usual + [UsualLayer(name: graph.scoreName, reason: reason)]
  }

  /// Three layers that show how features change with depth: the first of the usual ones, the middle
  /// one and the last hidden layer; fewer if these are the same, or do not depend on the picture.
  public func layersOfDepth() -> [String] {
    let usual = featureLayers()
    return distinct([
      usual.first, usual.isEmpty ? nil : usual[usual.count / 2], penultimateLayer,
    ])
  }

  /// The last of the usual layers, in which features still have places, and the last hidden layer;
  /// one if these are the same, or do not depend on the picture.
  public func lastLayers() -> [String] { distinct([featureLayers().last, penultimateLayer]) }

  /// Each once, without those that do not depend on the picture.
  private func distinct(_ layers: [String?]) -> [String] {
    layers.compactMap(\.self).filter { obstacle(to: .activations, at: $0) == nil }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The names of the usual layers.
  public func featureLayers(most: Int = 5) -> [String] { usualLayers(most: most).map(\.name) }
}
