import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Locally connected networks` {
  private func network(seed: Int = 1) throws -> Network {
    var sketch = NetworkSketch([3, 9, 8], seed: seed)
    try sketch.locallyConnected("local1", filters: 4, LocallyConnected(3, stride: 2, padding: 1))
    try sketch.add("relu1", Activation.relu)
    try sketch.locallyConnected("local2", filters: 5, LocallyConnected(2))
    try sketch.add("relu2", Activation.relu)
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 4)
    return try sketch.network()
  }

  /// 24 · 24 places · 5 filters · 7 · 7 · 3 weights; a bias for each of the 24 · 24 · 5 units.
  @Test func `the lecture's example has 423 thousand weights`() throws {
    let network = try Architecture.localExample.blueprint().network(
      seed: 1, initialization: .he)
    let weights = try #require(network.parameters["local1.weight"])
    #expect(network.shapes["local1"]?.extents.dropFirst() == [5, 24, 24])
    #expect(weights.shape == [24, 24, 5, 3, 7, 7])
    #expect(weights.count == 423_360)
    #expect(network.parameters["local1.bias"]?.count == 2880)
    let node = try #require(network.graph["local1"])
    #expect(network.multiplyAdds(of: node) == 423_360)
    // He's variance of 2 / fan-in, of a window of 7 · 7 · 3.
    let deviation = Double(weights.norm) / Double(weights.count).squareRoot()
    #expect(abs(deviation / (2.0 / 147).squareRoot() - 1) < 0.01)
  }

  @Test func `their receptive fields are those of convolutions`() throws {
    var sketch = NetworkSketch([3, 9, 8], seed: 1)
    try sketch.convolution("local1", filters: 4, Convolution(3, stride: 2, padding: 1))
    try sketch.convolution("local2", filters: 5, Convolution(2))
    let (shared, local) = (try sketch.network().receptiveFields(), try network().receptiveFields())
    for layer in ["local1", "local2"] { #expect(local[layer] == shared[layer]) }
  }

  @Test func `pictures of a batch do not affect each other`() throws {
    let network = try network()
    let images = Tensor.random([5, 3, 9, 8], seed: 2)
    let together = network.record(images).scores
    for picture in 0..<5 {
      let alone = network.record(images.rows(picture..<(picture + 1))).scores
      expectClose(alone, together.rows(picture..<(picture + 1)), relativeNorm: 1e-6)
    }
  }

  @Test(arguments: 0..<4)
  func `gradients agree with finite differences`(seed: Int) throws {
    var sketch = NetworkSketch([2, 7, 6], seed: seed)
    try sketch.locallyConnected("local1", filters: 3, LocallyConnected(3, padding: 1))
    try sketch.add("tanh1", Activation.tanh)
    try sketch.locallyConnected("local2", filters: 2, LocallyConnected(3, stride: 2))
    expectSlopes(of: try sketch.network(), at: .random([3, 2, 7, 6], seed: seed + 1))
  }

  @Test func `relevance is conserved, and guided signals are positive`() throws {
    var sketch = NetworkSketch([3, 9, 8], seed: 3, weights: .positive)
    try sketch.locallyConnected("local1", filters: 4, LocallyConnected(3, stride: 2, padding: 1))
    try sketch.add("relu1", Activation.relu)
    var network = try sketch.network()
    // Without bias, nothing of the relevance goes to it.
    network.parameters["local1.bias"] = network.parameters["local1.bias"].map { $0 * 0 }
    let recording = network.record(
      Tensor.random([2, 3, 9, 8], seed: 4), keeping: .everything)
    let signal = recording["relu1"]
    let epsilon = recording.propagate(signal, from: "relu1", by: .relevance([], stabilizer: 1e-9))
    expectClose(
      Tensor(shape: [], [epsilon.input.sum()]), Tensor(shape: [], [signal.sum()]),
      relativeNorm: 1e-3)
    for rule in [RuleBook.guidedBackpropagation, .deconvnet, .gradient] {
      #expect(recording.propagate(signal, from: "relu1", by: rule).input.shape == [2, 3, 9, 8])
    }
  }

  @Test(arguments: [
    (
      [4, 4, 2, 3, 3, 3], [32], "are not one set with a window of [3, 3] for each of [3, 3] places"
    ),
    ([3, 3, 2, 2, 3, 3], [18], "disagree on channels"),
    ([3, 3, 2, 3, 3, 3], [2], "a bias of [2] does not fit 2 filters at [3, 3] places"),
    ([2, 3, 3, 3], [2], "are not one set"),
  ])
  func `weights that do not fit are an error`(
    filters: [Int], bias: [Int], reason: String
  ) throws {
    let error = try #require(throws: OperationError.self) {
      try LocallyConnected(3).outputShape(
        for: [[1, 3, 5, 5]], parameters: [Shape(filters), Shape(bias)])
    }
    #expect(error.description.contains(reason))
  }
}
