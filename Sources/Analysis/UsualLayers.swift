internal import Kernels
public import Networks
internal import TensorCore

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
  /// the end of each stage (the layers whose maps have one size). If there are more
  /// stages than that, those with the fewest convolutions are left out, but never the last.
  public func usualLayers(most: Int = 5) -> [UsualLayer] {
    let convolutions = graph.nodes.filter { $0.operation is Convolution }
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
        return UsualLayer(
          name: stage.end,
          reason: "end of the \(size) stage" + (index == stages.count - 1 ? ", the last maps" : "")
        )
      }
  }

  /// The layers of a whole gallery: the usual ones and the class scores.
  public func galleryLayers() -> [UsualLayer] {
    let usual = usualLayers()
    guard hasClassScores, !usual.contains(where: { $0.name == graph.scoreName }) else {
      return usual
    }
    return usual + [UsualLayer(name: graph.scoreName, reason: "class scores, before softmax")]
  }

  /// Only the names.
  public func featureLayers(most: Int = 5) -> [String] { usualLayers(most: most).map(\.name) }

  /// Whether the network ends in one score per class, not in maps.
  public var hasClassScores: Bool {
    guard let shape = shapes[graph.scoreName], shape.rank >= 2 else { return false }
    return shape.extents.dropFirst(2).allSatisfy { $0 == 1 }
  }

  private struct Stage {
    let extents: [Int]
    var end: String
    var convolutions: Int
  }

  /// Runs of nodes whose maps have one size, with the last node of each that shows features.
  private func stages() -> [Stage] {
    var stages: [Stage] = []
    // Inside a block, axes may be permuted: a map must have the size of some convolution's output.
    let sizes = Set(
      graph.nodes.filter { $0.operation is Convolution }.compactMap { shapes[$0.name]?.spatial })
    for node in graph.nodes {
      guard let shape = shapes[node.name], shape.rank == 4, sizes.contains(shape.spatial),
        node.operation.givesFeatures, shape.spatial.contains(where: { $0 > 1 }),
        !leadsOnlyToScores(node.name)
      else { continue }
      let convolutions = node.operation is Convolution ? 1 : 0
      if let index = stages.firstIndex(where: { $0.extents == shape.spatial }) {
        stages[index].end = node.name
        stages[index].convolutions += convolutions
      } else {
        stages.append(Stage(extents: shape.spatial, end: node.name, convolutions: convolutions))
      }
    }
    // An expanding path, as in a U-Net, returns to a size: the later end counts.
    let order = Dictionary(
      graph.nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    return stages.filter { $0.convolutions > 0 }
      .sorted { order[$0.end, default: 0] < order[$1.end, default: 0] }
  }

  /// Whether a node is a map of class scores, followed only by a mean and a softmax.
  private func leadsOnlyToScores(_ name: String) -> Bool {
    guard hasClassScores, shapes[name]?[1] == classCount else { return false }
    var name = name
    while name != graph.scoreName {
      let consumers = graph.consumers(of: name)
      guard consumers.count == 1, let next = consumers.first, next.parameters.isEmpty,
        shapes[next.name]?.extents.dropFirst().reduce(1, *) ?? 0 >= classCount
      else { return false }
      name = next.name
    }
    return true
  }

  /// The last hidden layer: what the class scores are computed from.
  public var penultimateLayer: String {
    guard
      let last = graph.nodes.last(where: {
        $0.operation is Linear || $0.operation is Convolution
      })
    else { return graph.outputName }
    var name = last.inputs[0]
    // These only pass the layer's values on.
    while let node = graph[name], node.operation.isCarrier, let input = node.inputs.first {
      name = input
    }
    return name
  }

  /// The activation after a node, past batch norm; the node itself if there is none.
  public func rectified(_ name: String) -> String {
    var current = name
    while true {
      let consumers = graph.consumers(of: current)
      guard consumers.count == 1, let next = consumers.first else { return name }
      if next.operation is Activation { return next.name }
      guard next.operation is BatchNormalization else { return name }
      current = next.name
    }
  }

  /// The convolution or linear layer whose values a node carries, for captions: `conv1` of
  /// `relu1`.
  public func origin(of name: String) -> String {
    var current = name
    while let node = graph[current],
      node.operation is Activation || node.operation is BatchNormalization
        || node.operation is Dropout, let input = node.inputs.first
    { current = input }
    return current
  }
}

extension Networks.Operation {
  /// Whether the output shows features: rectified values, or a combination of them.
  fileprivate var givesFeatures: Bool {
    self is Activation || self is Concatenate || self is Convolution
      || (self as? Arithmetic)?.function == .add
  }

  fileprivate var isCarrier: Bool { self is Dropout || self is Flatten || self is Reshape }
}
