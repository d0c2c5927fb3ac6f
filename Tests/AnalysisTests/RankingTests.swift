import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// A layer that saturates, and the same layer without its saturating functions: two networks with
/// equal weights.
private struct SaturatedCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// The node whose values determine the ranking.
  var rankedBy: String? = "conv"
  /// Adds nodes after "conv"; the last one is the layer.
  let add: @Sendable (inout NetworkSketch, _ saturates: Bool) throws -> Void

  var testDescription: String { name }

  func network(seed: Int, saturates: Bool, width: Float = 40) throws -> Network {
    var sketch = NetworkSketch([2, 9, 9], seed: seed)
    try sketch.convolution("conv", filters: 5, Convolution(3))
    try add(&sketch, saturates)
    var network = try sketch.network()
    network.parameters["conv.weight"] = network.parameters["conv.weight"].map { $0 * width }
    return network
  }

  static let all = [
    SaturatedCase(name: "ReLU6") { sketch, saturates in
      if saturates { try sketch.add("clip", Activation(.clip(lower: 0, upper: 6))) }
    },
    SaturatedCase(name: "max pool of ReLU6") { sketch, saturates in
      if saturates { try sketch.add("clip", Activation(.clip(lower: 0, upper: 6))) }
      try sketch.add("drop", Dropout(0.3))
      try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    },
    SaturatedCase(name: "global max pool of sigmoid, flattened") { sketch, saturates in
      if saturates { try sketch.add("sigmoid", Activation.sigmoid) }
      try sketch.add("pool", GlobalPool(.maximum))
      try sketch.add("flat", Flatten())
    },
    SaturatedCase(name: "tanh of ReLU", rankedBy: "relu") { sketch, saturates in
      try sketch.add("relu", Activation.relu)
      if saturates { try sketch.add("tanh", Activation.tanh) }
    },
    SaturatedCase(name: "minimum with a number") { sketch, saturates in
      let last = sketch.last
      try sketch.constant("six", 6)
      if saturates {
        try sketch.add("min", Arithmetic(.minimum), of: ["six", last])
      } else {
        try sketch.add("min", Dropout(0), of: [last])
      }
    },
    SaturatedCase(name: "hard sigmoid as exporters write it", rankedBy: "sum") {
      sketch, saturates in
      let last = sketch.last
      for (name, value) in [("three", Float(3)), ("six", 6)] { try sketch.constant(name, value) }
      try sketch.add("sum", Arithmetic(.add), of: [last, "three"])
      if saturates { try sketch.add("clip", Activation(.clip(lower: 0, upper: 6))) }
      try sketch.add("share", Arithmetic(.divide), of: [sketch.last, "six"])
    },
    SaturatedCase(name: "max pool of quantized ReLU", rankedBy: "relu") { sketch, saturates in
      try sketch.add("relu", Activation.relu)
      for (name, value) in [("scale", Float(0.5)), ("zero", 0)] {
        try sketch.constant(name, value)
      }
      if saturates {
        try sketch.add(
          "quantize", Quantize(axis: 1, lower: 0, upper: 15), of: ["relu", "scale", "zero"])
        try sketch.add("dequantize", Dequantize(axis: 1), of: ["quantize", "scale", "zero"])
      } else {
        try sketch.add("dequantize", Dropout(0), of: ["relu"])
      }
      try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 1)))
    },
    // A ReLU that was fused with the quantization after it. Many pictures are not positive anywhere.
    SaturatedCase(name: "quantization that clamps at zero", rankedBy: "sum") { sketch, saturates in
      for (name, value) in [("bias", Float(-60)), ("scale", 0.5), ("zero", 0)] {
        try sketch.constant(name, value)
      }
      try sketch.add("sum", Arithmetic(.add), of: ["conv", "bias"])
      if saturates {
        try sketch.add(
          "quantize", Quantize(axis: 1, lower: 0, upper: 15), of: ["sum", "scale", "zero"])
        try sketch.add("dequantize", Dequantize(axis: 1), of: ["quantize", "scale", "zero"])
      }
    },
  ]
}

extension NetworkSketch {
  fileprivate mutating func constant(_ name: String, _ value: Float) throws {
    try add(name, Constant(), of: [], parameters: [(name, Tensor(shape: [], [value]))])
  }
}

@Suite struct `Saturated units` {
  /// For each unit, the positions in the order that they have without saturation.
  private func slow(
    _ own: Tensor, _ unsaturated: Tensor, count: Int
  ) -> [[(picture: Int, position: Int, value: Float)]] {
    let (pictures, units) = (own.shape[0], own.shape[1])
    let positions = own.count / pictures / units
    let (values, ranks) = (own.elements, unsaturated.elements)
    return (0..<units).map { unit in
      var best: [(picture: Int, position: Int, value: Float, rank: Float)] = []
      for picture in 0..<pictures {
        let start = (picture * units + unit) * positions
        var place: Int?
        for index in 0..<positions where values[start + index] > 0 {
          if place == nil || ranks[start + index] > ranks[start + (place ?? 0)] { place = index }
        }
        if let place { best.append((picture, place, values[start + place], ranks[start + place])) }
      }
      return best.sorted { ($1.rank, $0.picture) < ($0.rank, $1.picture) }.prefix(count)
        .map { ($0.picture, $0.position, $0.value) }
    }
  }

  @Test(arguments: SaturatedCase.all, 0..<4)
  fileprivate func `are ranked as they would be without saturation`(
    item: SaturatedCase, seed: Int
  ) throws {
    let network = try item.network(seed: seed, saturates: true)
    let free = try item.network(seed: seed, saturates: false)
    let images = Tensor.random([29, 2, 9, 9], seed: seed)
    let layer = network.graph.outputName
    let scan = TopActivationScan(network, layers: [layer], count: 6)
    for start in stride(from: 0, to: 29, by: 8) {
      let range = start..<min(start + 8, 29)
      scan.observe(
        network.record(images.rows(range), keeping: .only(scan.nodes)), pictures: Array(range))
    }
    let finding = try #require(scan.findings().first)
    #expect(finding.rankedBy == item.rankedBy)
    let own = network.record(images)[layer]
    let expected = slow(own, free.record(images)[free.graph.outputName], count: 6)
    let width = own.shape.rank > 3 ? own.shape[3] : 1
    var ties = 0
    for (unit, places) in expected.enumerated() {
      let found = finding.units[unit]
      #expect(found.map(\.picture) == places.map(\.picture), "unit \(unit)")
      #expect(found.map { $0.position[0] * width + $0.position[1] } == places.map(\.position))
      #expect(found.map(\.value) == places.map(\.value))
      ties += Set(places.map(\.value)).count < places.count ? 1 : 0
    }
    #expect(ties > 0, "nothing saturates")
  }

  @Test(arguments: SaturatedCase.all.filter { !$0.name.contains("flattened") })
  fileprivate func `come first in feature maps by what they were before`(
    item: SaturatedCase
  ) throws {
    let network = try item.network(seed: 5, saturates: true)
    let free = try item.network(seed: 5, saturates: false)
    let picture = Tensor.random([1, 2, 9, 9], seed: 5)
    let layer = network.graph.outputName
    let finding = try #require(
      try FeatureMapAnalysis().run(on: network, picture: picture, layers: [layer]).first)
    #expect(finding.rankedBy == item.rankedBy)
    func greatest(_ network: Network) -> [Float] {
      let maps = network.record(picture)[network.graph.outputName]
      let size = maps.count / 5
      // Inside a border of one position, where there are too few for the percentile to matter.
      return (0..<5).map { unit in
        let map = Array(maps.elements[(unit * size)..<((unit + 1) * size)])
        let side = maps.shape[3]
        return map.indices.filter {
          side < 5 || (1..<(side - 1)).contains($0 / side) && (1..<(side - 1)).contains($0 % side)
        }.map { map[$0] }.max() ?? 0
      }
    }
    let (own, before) = (greatest(network), greatest(free))
    #expect(
      finding.strongest
        == (0..<5).sorted { (-own[$0], -before[$0], $0) < (-own[$1], -before[$1], $1) })
    #expect(Set(own).count < 5, "nothing saturates")
  }

  @Test func `are not sought behind what may change the order`() throws {
    for operation: any Operation in [
      Activation(.hardSwish), Activation(.gelu), Activation(.negation), Activation.relu,
      Convolution(1), AveragePool(PoolingGeometry(window: 2, stride: 2)),
    ] {
      var sketch = NetworkSketch([2, 9, 9], seed: 1)
      try sketch.convolution("conv", filters: 5, Convolution(3))
      if !(operation is Activation) || (operation as? Activation) != .relu {
        try sketch.add("clip", Activation(.clip(lower: 0, upper: 6)))
      }
      if let convolution = operation as? Convolution {
        try sketch.convolution("last", filters: 3, convolution)
      } else {
        try sketch.add("last", operation)
      }
      let scan = TopActivationScan(try sketch.network(), layers: ["last"])
      #expect(scan.nodes == ["last"], "\(operation.kind)")
    }
  }

  /// A whole MobileNetV2 whose last batch norm is scaled up until nearly every unit is at 6.
  @Test(.slow) func `of a MobileNetV2 are ranked by their batch norm`() throws {
    var network = try Architecture.mobilenetV2.blueprint(classes: 5, inputShape: [3, 64, 64])
      .network(seed: 1, initialization: .he)
    let clip = try #require(
      network.graph.nodes.last {
        ($0.operation as? Activation)?.function == .clip(lower: 0, upper: 6)
      })
    let norm = try #require(network.graph[clip.inputs[0]])
    #expect(norm.operation is BatchNormalization)
    network.parameters[norm.parameters[0]] = network.parameters[norm.parameters[0]].map { $0 * 1e3 }
    let images = Tensor.random([12, 3, 64, 64], seed: 4)
    let scan = TopActivationScan(network, layers: [clip.name])
    scan.observe(
      network.record(images, keeping: .only(scan.nodes)), pictures: Array(0..<12))
    let finding = try #require(scan.findings().first)
    #expect(finding.rankedBy == norm.name)
    let recording = network.record(images, keeping: .only([norm.name, clip.name]))
    let expected = slow(recording[clip.name], recording[norm.name], count: 9)
    var tied = 0
    for (unit, places) in expected.enumerated() {
      #expect(finding.units[unit].map(\.picture) == places.map(\.picture), "unit \(unit)")
      if places.count == 9, places.allSatisfy({ $0.value == 6 }) { tied += 1 }
    }
    #expect(tied > 100, "only \(tied) units tie")
  }

  @Test func `choose among classes of the same score`() throws {
    var sketch = NetworkSketch([2, 9, 9], seed: 3)
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 6)
    try sketch.add("sigmoid", Activation.sigmoid)
    var network = try sketch.network()
    network.parameters["fc.bias"] = Tensor(shape: [6], [40, 50, 90, 60, -9, 30])
    let found = try SaliencyAnalysis().run(
      on: network, pictures: .random([1, 2, 9, 9], seed: 3), targets: [.choice(0)])
    #expect(found.first?.prediction.candidates.map(\.index) == [2, 3, 1, 0, 5, 4])
    #expect(found.first?.classIndex == 2)
  }
}
