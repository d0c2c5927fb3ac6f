public import Networks
internal import TensorCore

/// What two networks have in common: the layers up to the first that differs.
public struct CommonLayers: Sendable, Hashable {
  /// The layers that are the same but for their weights, in the order in which they run.
  public let names: [String]
  /// How the first other layer differs, with both shapes; nil if none does.
  public let difference: String?
  /// Whether nothing but the layer that makes the class scores, or what follows it, differs.
  public let differsInClassifierOnly: Bool

  /// Two networks, layer by layer.
  ///
  /// Layers are the same if their names, kinds, inputs, shapes of weights and shapes of outputs
  /// are.
  ///
  /// - Parameters:
  ///   - first: With the name that the difference calls it by.
  public init(
    _ first: Network, called firstName: String, _ second: Network, called secondName: String
  ) {
    let (own, other) = (first.graph.nodes, second.graph.nodes)
    let same = zip(own, other).prefix { pair in
      pair.0.name == pair.1.name && pair.0.inputs == pair.1.inputs
        && first.appearance(of: pair.0) == second.appearance(of: pair.1)
    }.count
    names = own.prefix(same).map(\.name)
    guard same < max(own.count, other.count) else {
      (difference, differsInClassifierOnly) = (nil, false)
      return
    }
    func classifier(_ network: Network) -> Int {
      network.graph.nodes.lastIndex { !$0.parameters.isEmpty && !($0.operation is Constant) }
        ?? network.graph.nodes.count
    }
    differsInClassifierOnly = same > 0 && same >= classifier(first) && same >= classifier(second)
    guard same < own.count, same < other.count else {
      let (longer, shorter) =
        same < own.count ? (firstName, secondName) : (secondName, firstName)
      let next = (same < own.count ? own : other)[same].name
      difference = "'\(longer)' has a layer '\(next)' that '\(shorter)' does not have"
      return
    }
    if own[same].name == other[same].name {
      difference =
        "layer '\(own[same].name)' is \(first.appearance(of: own[same])) in '\(firstName)' and "
        + "\(second.appearance(of: other[same])) in '\(secondName)'"
    } else {
      difference =
        "layer \(same + 1) is '\(own[same].name)' (\(first.appearance(of: own[same]))) in "
        + "'\(firstName)' and '\(other[same].name)' (\(second.appearance(of: other[same]))) in "
        + "'\(secondName)'"
    }
  }
}

extension Network {
  /// `convolution with weights [6, 1, 5, 5], output [6, 24, 24]`.
  fileprivate func appearance(of node: Graph.Node) -> String {
    let weights = node.parameters.compactMap { parameters[$0]?.shape.description }
    let output = shapes[node.name].map {
      dependsOnPictures(node.name) ? Shape(Array($0.extents.dropFirst())) : $0
    }
    return node.operation.kind
      + (weights.isEmpty ? "" : " with weights \(weights.joined(separator: " and "))")
      + (output.map { ", output \($0)" } ?? "")
  }

  /// The layers whose activations say what each step of the network has made of its pictures: after
  /// every convolution, linear layer, concatenation and sum of several paths, rectified.
  public var representationLayers: [String] {
    var layers: [String] = []
    for node in graph.nodes where isStep(node) && dependsOnPictures(node.name) {
      let layer = rectified(node.name)
      if !layers.contains(layer), shapes[layer]?.elementCount ?? 0 > 0 { layers.append(layer) }
    }
    return layers.isEmpty ? [graph.outputName] : layers
  }

  private func isStep(_ node: Graph.Node) -> Bool {
    // The addition of a constant, such as a bias, joins nothing.
    node.operation.hasWindowedFilters || node.operation is Linear
      || node.operation is Concatenate || joins(node)
  }
}
