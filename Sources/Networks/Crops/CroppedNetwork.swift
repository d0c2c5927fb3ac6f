internal import TensorCore

/// What some positions of a layer are computed from: the same operations with the same weights, on
/// a part of the picture.
///
/// Each node computes only the positions that the nodes after it read, and pads only where the
/// whole network pads, so every number of its maps is one of the whole network's, up to rounding,
/// at the borders of the picture too. In the backward pass, a signal that starts at these positions
/// never leaves them, whatever the rules: a pullback sends a signal only to what the operation read,
/// and what gates it or switches it are numbers of the same maps.
public struct CroppedNetwork: Sendable {
  /// Ends with the layer. Its nodes have their usual names; slices are added where nodes read
  /// different parts of one map.
  public let network: Network
  /// The rows and columns of the picture that it takes.
  public let pixels: [Range<Int>]
  /// The rows and columns of the layer that it computes.
  public let positions: [Range<Int>]
}

extension Network {
  /// Restricts the network to what some positions of a layer are computed from.
  ///
  /// - Parameters:
  ///   - positions: The rows and columns of the layer, inside its maps.
  ///   - layer: A node that depends on the pictures.
  /// - Returns: Nil if an operation before the layer may read whole maps or moves positions, such
  ///   as a global pool, an attention, a resize or a flattening, or if pictures of a batch have to
  ///   be run one by one.
  public func cropped(to positions: [Range<Int>], of layer: String) -> CroppedNetwork? {
    CropPlan(self, to: positions, of: layer).flatMap { $0.network(of: self) }
  }
}

/// Which part of each map is needed, and by which operations it is computed.
struct CropPlan {
  /// A node whose map depends on the pictures.
  struct Step: Hashable {
    /// In the network's graph.
    let node: Int
    let operation: AnyHashable
    /// Of each input, the part of the positions that are kept of it.
    let parts: [[Range<Int>]]
    let extents: [Int]
  }

  /// In the order they run. Equal for positions that only differ by a shift.
  let steps: [Step]
  /// The rows and columns of the picture.
  let pixels: [Range<Int>]
  private let layer: String
  private let positions: [Range<Int>]
  private let operations: [Int: any Operation]
  private let kept: [String: [Range<Int>]]

  init?(_ network: Network, to positions: [Range<Int>], of layer: String) {
    let graph = network.graph
    guard network.batchObstacle == nil, graph.inputShape.rank == 3,
      let last = graph.positions[layer], last >= 0, network.dependsOnPictures(layer)
    else { return nil }
    var kept = [layer: positions]
    var found: [(node: Int, operation: any Operation, parts: [[Range<Int>]])] = []
    for index in (0...last).reversed() {
      let node = graph.nodes[index]
      guard let part = kept[node.name] else { continue }
      guard let shape = network.mapShape(of: node.name), shape.spatial.count == part.count else {
        return nil
      }
      let inputs = node.inputs.map { network.ownShapes[$0] ?? [] }
      guard let cropped = node.operation.cropped(to: part, of: shape, from: inputs) else {
        return nil
      }
      for (input, part) in zip(node.inputs, cropped.parts)
      where network.dependsOnPictures(input) {
        guard network.mapShape(of: input) != nil else { return nil }
        kept[input] = kept[input].map { zip($0, part).map { $0.union($1) } } ?? part
      }
      found.append((index, cropped.operation, cropped.parts))
    }
    guard let pixels = kept[Graph.inputName] else { return nil }
    steps = found.reversed().map { step in
      let node = graph.nodes[step.node]
      return Step(
        node: step.node, operation: AnyHashable(step.operation),
        parts: zip(node.inputs, step.parts).map { input, part in
          zip(kept[input] ?? part, part).map { $1.shifted(by: -$0.lowerBound) }
        }, extents: (kept[node.name] ?? []).map(\.count))
    }
    (self.pixels, self.layer, self.positions, self.kept) = (pixels, layer, positions, kept)
    operations = Dictionary(uniqueKeysWithValues: found.map { ($0.node, $0.operation) })
  }

  /// What a run costs for one picture: multiplications with weights, and a few operations for each
  /// number that is written.
  func cost(in whole: Network) -> Double {
    steps.reduce(0) { sum, step in
      let node = whole.graph.nodes[step.node]
      func map(_ name: String, _ extents: [Int]) -> Shape {
        Shape([1, whole.ownShapes[name]?[1] ?? 0] + extents)
      }
      let output = map(node.name, step.extents)
      let multiplyAdds = node.operation.multiplyAdds(
        inputs: zip(node.inputs, step.parts).map {
          whole.dependsOnPictures($0) ? map($0, $1.map(\.count)) : whole.ownShapes[$0] ?? []
        }, parameters: whole.parameters(of: node).map(\.shape), output: output)
      return sum + Double(multiplyAdds) + 8 * Double(output.elementCount)
    }
  }

  /// - Returns: Nil if the operations do not compute the parts, because one of them only fits the
  ///   extents of the whole picture.
  func network(of whole: Network) -> CroppedNetwork? {
    let graph = whole.graph
    var names = Set(graph.nodes.map(\.name) + [Graph.inputName])
    var slices: [String: [[Range<Int>]: String]] = [:]
    var nodes: [Graph.Node] = []
    let parts = Dictionary(uniqueKeysWithValues: steps.map { ($0.node, $0.parts) })
    let needed = Set(graph.ancestors(of: layer).map(\.name) + [layer])
    for (index, node) in graph.nodes.enumerated() where needed.contains(node.name) {
      guard let operation = operations[index], let parts = parts[index] else {
        // A constant.
        nodes.append(node)
        continue
      }
      let inputs = zip(node.inputs, parts).map { input, part in
        guard let all = kept[input], part != all.map({ 0..<$0.count }) else { return input }
        if let made = slices[input]?[part] { return made }
        let name = names.unused("\(input) of \(node.name)")
        nodes.append(
          Graph.Node(
            name,
            Slice(
              axes: [2, 3], starts: part.map(\.lowerBound), ends: part.map(\.upperBound),
              steps: [1, 1]), inputs: [input]))
        slices[input, default: [:]][part] = name
        return name
      }
      nodes.append(
        Graph.Node(node.name, operation, inputs: inputs, parameters: node.parameters))
    }
    let parameters = Parameters(
      nodes.flatMap(\.parameters).reduce(into: [:]) { $0[$1] = whole.parameters[$1] })
    guard
      let cut = try? Graph(
        inputShape: Shape([graph.inputShape[0]] + pixels.map(\.count)), nodes),
      let network = try? Network(graph: cut, parameters: parameters, precision: whole.precision),
      network.batchObstacle == nil,
      steps.allSatisfy({ step in
        let name = graph.nodes[step.node].name
        return network.mapShape(of: name)?.spatial == step.extents
          && network.ownShapes[name]?[1] == whole.ownShapes[name]?[1]
      })
    else { return nil }
    return CroppedNetwork(network: network, pixels: pixels, positions: positions)
  }
}

extension Network {
  /// The shape of a node's maps, `[1, C, H, W]`; nil if it has another one.
  fileprivate func mapShape(of node: String) -> Shape? {
    guard let shape = ownShapes[node], shape.rank == 4, shape.elementCount > 0,
      hasPicturesFirst(node)
    else { return nil }
    return shape
  }
}

extension Set<String> {
  /// A name that is not in the set, and then is.
  fileprivate mutating func unused(_ name: String) -> String {
    var name = name
    while !insert(name).inserted { name += "'" }
    return name
  }
}

extension Range<Int> {
  fileprivate func shifted(by distance: Int) -> Range {
    (lowerBound + distance)..<(upperBound + distance)
  }

  /// The smallest range that contains both.
  fileprivate func union(_ other: Range) -> Range {
    Swift.min(lowerBound, other.lowerBound)..<Swift.max(upperBound, other.upperBound)
  }
}
