import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Filters` {
  /// Six filters: 2 is dead, 4 is nearly twice 1, 5 is the negative of 0.
  private func network() throws -> Network {
    let noise = Tensor.random([6, 3, 3, 3], seed: 4)
    var rows = (0..<6).map { noise.rows($0..<($0 + 1)) }
    rows[2] = rows[2] * 1e-4
    rows[4] = rows[1] * 2 + rows[4] * 0.05
    rows[5] = rows[0] * -1
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.add("drop", Dropout(0.2))
    try sketch.add(
      "conv1", Convolution(3), parameters: [("w", Tensor(concatenatingRows: rows))])
    try sketch.add("relu1", Activation.relu)
    try sketch.convolution("conv2", filters: 3, Convolution(1))
    try sketch.convolution("conv3", filters: 3, Convolution(3))
    return try sketch.network()
  }

  @Test func `that are dead or nearly the same are found`() throws {
    let finding = try FilterAnalysis().run(on: network(), layer: "conv1")
    #expect(finding.dead == [2])
    #expect(finding.nearDuplicates.map { [$0.first, $0.second] } == [[0, 5], [1, 4]])
    #expect(abs(finding.nearDuplicates[0].cosine + 1) < 1e-5)
    #expect(finding.nearDuplicates[1].cosine > 0.99 && finding.nearDuplicates[1].cosine < 1)
    let weights = try #require(try network().parameters["w"])
    for filter in 0..<6 {
      #expect(abs(finding.norms[filter] - weights.rows(filter..<(filter + 1)).norm) < 1e-4)
    }
  }

  @Test func `are in colour where they read the picture's three channels`() throws {
    // Also after dropout on the pictures, as in All-CNN-C.
    #expect(try FilterAnalysis().run(on: network(), layer: "conv1").isColour)
    #expect(try !FilterAnalysis().run(on: network(), layer: "conv3").isColour)
    let grey = try Architecture.lenet5.blueprint().network(seed: 1, initialization: .he)
    #expect(try !FilterAnalysis().run(on: grey, layer: "conv1").isColour)
  }

  @Test func `of locally connected layers are side by side, place by place`() throws {
    // The weight of row r and column s of unit k at place (i, j) is told by its digits.
    let places = [2, 3]
    var weights: [Float] = []
    for i in 0..<2 {
      for j in 0..<3 {
        for k in 0..<2 {
          for cell in 0..<4 { weights.append(Float(1000 * k + 100 * i + 10 * j + cell + 1)) }
        }
      }
    }
    var sketch = NetworkSketch([1, 3, 4], seed: 1)
    try sketch.add(
      "local1", LocallyConnected(2),
      parameters: [("w", Tensor(shape: [2, 3, 2, 1, 2, 2], weights))])
    let finding = try FilterAnalysis().run(on: sketch.network(), layer: "local1")
    #expect(finding.places == places && finding.placeWindow == [2, 2])
    #expect(finding.filters.shape == [2, 1, 5, 8])
    #expect(
      finding.filters.rows(1..<2).elements == [
        1001, 1002, 0, 1011, 1012, 0, 1021, 1022,
        1003, 1004, 0, 1013, 1014, 0, 1023, 1024,
        0, 0, 0, 0, 0, 0, 0, 0,
        1101, 1102, 0, 1111, 1112, 0, 1121, 1122,
        1103, 1104, 0, 1113, 1114, 0, 1123, 1124,
      ])
  }

  @Test func `that are all zero are all dead`() throws {
    var network = try network()
    network.parameters["w"] = Tensor(shape: [6, 3, 3, 3], repeating: 0)
    let finding = try FilterAnalysis().run(on: network, layer: "conv1")
    #expect(finding.dead == [0, 1, 2, 3, 4, 5])
    #expect(finding.nearDuplicates.isEmpty)
  }

  @Test func `of fully connected layers that see the whole picture are of its size`() throws {
    for channels in [1, 3] {
      let weights = Tensor.random([7, channels * 4 * 5], seed: 3)
      var sketch = NetworkSketch([channels, 4, 5], seed: 1)
      try sketch.add("flat", Flatten())
      try sketch.add("fc1", Linear(), parameters: [("w", weights)])
      try sketch.add("relu", Activation.relu)
      try sketch.add("fc2", Linear(), parameters: [("v", .random([3, 7], seed: 4))])
      let network = try sketch.network()
      #expect(
        network.graph.nodes.map(\.name).filter(network.hasFilters) == ["fc1"])
      let finding = try FilterAnalysis().run(on: network, layer: "fc1")
      #expect(finding.filters.shape == [7, channels, 4, 5])
      #expect(finding.filters.elements == weights.elements)
      #expect(finding.isColour == (channels == 3))
      // Each is the gradient of its unit, as long as the unit is all that counts.
      let recording = network.record(
        .random([1, channels, 4, 5], seed: 5), keeping: .forGradient(and: ["fc1"]))
      for unit in [0, 6] {
        let signal = Tensor(shape: [1, 7], (0..<7).map { $0 == unit ? 1 : 0 })
        let slope = recording.propagate(signal, from: "fc1").input.arranged(as: .rowMajor)
        let filter = finding.filters.rows(unit..<(unit + 1)).elements
        expectClose(slope.elements, filter.map(Double.init), relative: 1e-5, absolute: 1e-6)
      }
    }
  }

  @Test func `are in convolutions only`() throws {
    let network = try network()
    #expect(
      throws: SelectionError(
        "layer 'relu1' has no filters to draw: its kind is ReLU"
          + "; there are 'conv1', 'conv2', 'conv3'")
    ) { try FilterAnalysis().run(on: network, layer: "relu1") }
    #expect(throws: SelectionError("no layer 'conv9'; did you mean 'conv1', 'conv2', 'conv3'?")) {
      try FilterAnalysis().run(on: network, layer: "conv9")
    }
  }
}

@Suite struct `Feature maps` {
  @Test func `are a layer's output, with their order and the dead among them`() throws {
    var sketch = NetworkSketch([3, 6, 7], seed: 2)
    // Passes one channel unchanged, another one doubled, and nothing.
    let weights = Tensor(shape: [3, 3, 1, 1], [1, 0, 0, 0, 2, 0, 0, 0, 0])
    try sketch.add("conv", Convolution(1), parameters: [("w", weights)])
    try sketch.add("relu", Activation.relu)
    try sketch.add("flatten", Flatten())
    let network = try sketch.network()
    let picture = Tensor.random([1, 3, 6, 7], seed: 3)
    let findings = try FeatureMapAnalysis().run(
      on: network, picture: picture, layers: ["relu", "conv"])
    #expect(findings.map(\.layer) == ["relu", "conv"])
    let x = picture.elements
    let expected =
      x[..<42].map { max($0, 0) } + x[42..<84].map { max(2 * $0, 0) }
      + [Float](repeating: 0, count: 42)
    #expect(findings[0].maps.shape == [3, 6, 7])
    #expect(findings[0].maps.elements == expected)
    #expect(findings[0].maxima == [x[..<42].max(), (x[42..<84].max() ?? 0) * 2, 0])
    #expect(findings[0].zero == [2])
    #expect(findings[0].strongest == [1, 0, 2])
  }

  @Test func `need positions`() throws {
    let network = try Network.random(seed: 1)
    let picture = Tensor.random(Shape([1] + network.graph.inputShape.extents), seed: 1)
    #expect(
      throws: SelectionError("layer 'fc' has no maps: its output has no positions")
    ) { try FeatureMapAnalysis().run(on: network, picture: picture, layers: ["relu1", "fc"]) }
  }
}
