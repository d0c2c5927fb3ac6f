import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// A part of maps, `[N, C, h, w]`.
private func part(_ maps: Tensor, _ ranges: [Range<Int>]) -> Tensor {
  let shape = maps.shape
  let values = maps.elements
  let (rows, columns) = (ranges[0], ranges[1])
  return Tensor(
    shape: [shape[0], shape[1], rows.count, columns.count],
    (0..<(shape[0] * shape[1])).flatMap { map in
      rows.flatMap { row in
        columns.map { values[(map * shape[2] + row) * shape[3] + $0] }
      }
    })
}

@Suite struct `Crops of networks` {
  static let rules: [RuleBook] = [.gradient, .guidedBackpropagation, .deconvnet]

  /// The nodes with maps.
  private func layers(_ network: Network) -> [String] {
    network.graph.nodes.map(\.name).filter {
      network.shapes[$0]?.rank == 4 && !$0.hasPrefix("gap")
    }
  }

  /// One number of some units at a position of a layer, sent back to the pixels.
  private func projection(
    _ recording: Recording, _ layer: String, at position: [Int], by rules: RuleBook
  ) -> Tensor {
    let shape = recording[layer].shape
    let signal = Tensor(shape: shape) { target in
      target.initialize(repeating: 0)
      for unit in 0..<shape[1] {
        target[(unit * shape[2] + position[0]) * shape[3] + position[1]] = Float(unit % 3) - 0.5
      }
    }
    return recording.propagate(signal, from: layer, by: rules).input
  }

  private func check(_ network: Network, _ picture: Tensor, tolerance: Float) throws {
    let whole = network.record(picture)
    for layer in layers(network) {
      let extents = try #require(network.shapes[layer]?.spatial)
      let crops = try #require(
        LayerCrops(of: layer, in: network, most: .infinity), "\(layer) has no crops")
      let greatest = whole[layer].reduce(0) { max($0, abs($1)) }
      // Every border and corner, and what is inside.
      let positions = extents.map { Array(Set([0, 1, $0 / 3, $0 / 2, $0 - 2, $0 - 1])) }
      for row in positions[0] where extents[0] > 1 && row >= 0 {
        for column in positions[1] where extents[1] > 1 && column >= 0 {
          guard let place = crops[[row, column]] else {
            // What only reads padding, and means over cells that only exist by rounding up.
            #expect(["pad", "pool2", "short"].contains(layer))
            continue
          }
          let crop = try #require(crops.crops[place.kind]?.network)
          let what = "\(layer) at \(row), \(column), pixels \(place.pixels)"
          let run = crop.network.record(part(picture, place.pixels))
          let values = part(
            whole[layer], [row..<(row + 1), column..<(column + 1)]
          ).elements
          expectClose(
            part(run[layer], place.position.map { $0..<($0 + 1) }).elements,
            values.map(Double.init),
            absolute: Double(tolerance * greatest), what)
          for rules in Self.rules {
            let expected = projection(whole, layer, at: [row, column], by: rules)
            let own = projection(run, layer, at: place.position, by: rules)
            expectClose(
              own, part(expected, place.pixels), relativeNorm: tolerance, "projection of \(what)")
            // And nothing beyond.
            #expect(
              abs(own.norm - expected.norm) <= tolerance * expected.norm,
              "\(what): \(own.norm), \(expected.norm) on the whole picture")
          }
        }
      }
    }
  }

  @Test(.slow, arguments: 0..<24)
  func `compute what the whole network does, at every border`(seed: Int) throws {
    let network = try Network.randomLocal(seed: seed)
    let picture = Tensor.random(Shape([1] + network.graph.inputShape.extents), seed: seed)
    try check(network, picture, tolerance: 2e-5)
  }

  @Test(.slow, arguments: 0..<24)
  func `break ties of pools in the same way`(seed: Int) throws {
    let network = try Network.randomLocal(seed: seed, weights: .integers)
    let picture = Tensor.integers(
      Shape([1] + network.graph.inputShape.extents), -1...1, seed: seed)
    try check(network, picture, tolerance: 0)
  }

  @Test(arguments: 0..<12)
  func `have the values of the whole network in every node`(seed: Int) throws {
    let network = try Network.randomLocal(seed: seed)
    let picture = Tensor.random(Shape([2] + network.graph.inputShape.extents), seed: seed)
    let extents = try #require(network.shapes["relu3"]?.spatial)
    let crop = try #require(
      network.cropped(to: [1..<2, (extents[1] - 2)..<extents[1]], of: "relu3"))
    #expect(crop.positions == [1..<2, (extents[1] - 2)..<extents[1]])
    let run = crop.network.record(part(picture, crop.pixels))
    let whole = network.record(picture)
    for node in crop.network.graph.nodes where network.graph[node.name] != nil {
      let (own, all) = (run[node.name].elements, whole[node.name])
      let shape = run[node.name].shape
      let corners = (0...(all.shape[2] - shape[2])).flatMap { row in
        (0...(all.shape[3] - shape[3])).map { (row, $0) }
      }
      let isThere = corners.contains { row, column in
        let expected = part(
          all, [row..<(row + shape[2]), column..<(column + shape[3])]
        ).elements
        return zip(own, expected).allSatisfy { abs($0 - $1) <= 1e-4 + 1e-4 * abs($1) }
      }
      #expect(isThere, "\(node.name) of \(shape)")
    }
  }

  @Test func `take as many pixels as the field has, and the same network inside`() throws {
    var sketch = NetworkSketch([3, 65, 80], seed: 1)
    try sketch.convolution("conv1", filters: 4, Convolution(7, stride: 2, padding: 3))
    try sketch.add("relu1", Activation.relu)
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 3, stride: 2, ceiling: true)))
    try sketch.convolution("conv2", filters: 4, Convolution(3, padding: 1))
    let network = try sketch.network()
    let crops = try #require(LayerCrops(of: "conv2", in: network))
    let field = try #require(network.receptiveFields()["conv2"])
    let extents = try #require(network.shapes["conv2"]?.spatial)
    #expect(crops.crops.count == 9)
    var inside: Set<LayerCrops.Kind> = []
    for row in 0..<extents[0] {
      for column in 0..<extents[1] {
        let place = try #require(crops[[row, column]])
        let seen = field.pixels(at: [row, column])
        #expect(zip(place.pixels, seen).allSatisfy { $0.count <= $1.count })
        for (axis, extent) in [65, 80].enumerated() {
          #expect(place.pixels[axis].clamped(to: 0..<extent) == place.pixels[axis])
          let visible = seen[axis].clamped(to: 0..<extent)
          #expect(visible.clamped(to: place.pixels[axis]) == visible)
        }
        guard (2..<(extents[0] - 2)).contains(row), (2..<(extents[1] - 2)).contains(column) else {
          continue
        }
        #expect(place.pixels == seen && place.position == [0, 0])
        inside.insert(place.kind)
      }
    }
    #expect(inside.count == 1)
    #expect(crops.crops.values.allSatisfy { $0.cost < 0.3 * crops.wholeCost })
  }

  @Test func `are not offered where an operation reads whole maps`() throws {
    func network(_ add: (inout NetworkSketch) throws -> Void) throws -> Network {
      var sketch = NetworkSketch([4, 12, 12], seed: 3)
      try sketch.convolution("conv1", filters: 4, Convolution(3))
      try add(&sketch)
      try sketch.add("last", Activation.relu)
      return try sketch.network()
    }
    let local = try network { _ in }
    #expect(local.cropped(to: [3..<4, 3..<4], of: "last") != nil)
    // Squeeze and excitation.
    let gated = try network {
      try $0.add("pool", GlobalPool())
      try $0.convolution("gate", filters: 4, Convolution(1))
      try $0.add("scaled", Arithmetic(.multiply), of: ["conv1", "gate"])
    }
    #expect(gated.cropped(to: [3..<4, 3..<4], of: "scaled") == nil)
    #expect(gated.cropped(to: [3..<4, 3..<4], of: "conv1") != nil)
    for operation: any Operation in [
      Softmax(axis: 2), InstanceNormalization(),
      Pad(before: [0, 0, 1, 1], after: [0, 0, 1, 1], mode: .reflect),
      Slice(axes: [2], starts: [1], ends: [9], steps: [1]), Concatenate(axis: 2),
      Transpose([0, 1, 3, 2]), Tile([1, 1, 1, 2]), Reshape([-1, 4, 5, 20]),
    ] {
      let parameters =
        operation is InstanceNormalization
        ? ["scale", "shift"].map { ($0, Tensor(shape: [4], repeating: 1)) } : []
      let network = try network { try $0.add("far", operation, parameters: parameters) }
      #expect(
        network.cropped(to: [3..<4, 3..<4], of: "last") == nil, "\(operation.kind)")
    }
    // A constant of the whole picture's extents does not fit a part.
    let added = try network {
      let map = Tensor(shape: [1, 4, 10, 10], repeating: 1)
      try $0.add("map", Constant(), of: [], parameters: [("numbers", map)])
      try $0.add("added", Arithmetic(.add), of: ["conv1", "map"])
    }
    #expect(added.cropped(to: [3..<4, 3..<4], of: "added") == nil)
    #expect(LayerCrops(of: "added", in: added) == nil)
  }
}
