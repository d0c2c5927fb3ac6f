import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

private func doubles(_ tensor: Tensor) -> [Double] { tensor.elements.map(Double.init) }

@Suite struct `Runs without a way back` {
  @Test(arguments: 0..<24)
  func `give what a whole recording gives`(seed: Int) throws {
    let network = try Network.random(seed: seed)
    let images = Tensor.random(Shape([3] + network.graph.inputShape.extents), seed: seed)
    let whole = network.record(images)
    let names = network.graph.nodes.map(\.name)
    for kept in [[]] + names.map({ [$0] }) + [names] {
      let run = network.record(images, keeping: .only(kept))
      for name in kept + [network.graph.scoreName] {
        expectClose(run[name].elements, doubles(whole[name]), relative: 1e-5, absolute: 1e-5)
      }
      guard let name = kept.last else { continue }
      expectClose(
        network.record(images, keeping: .only(kept), through: name)[name].elements,
        doubles(whole[name]), relative: 1e-5, absolute: 1e-5)
    }
  }

  /// A residual block, in which the sum overwrites the addend.
  private func residual(_ inner: Int) throws -> Network {
    var sketch = NetworkSketch([4, 9, 7], seed: inner, weights: .normal)
    try sketch.convolution("conv1", filters: 6, Convolution(3, padding: 1))
    try sketch.batchNormalization("norm1")
    try sketch.add("relu1", Activation.relu)
    let trunk = sketch.last
    try sketch.convolution("conv2", filters: 6, Convolution(3, padding: 1))
    try sketch.batchNormalization("norm2")
    let left = sketch.last
    if inner == 1 { try sketch.convolution("shortcut", filters: 6, Convolution(1), of: trunk) }
    try sketch.add("sum", Arithmetic(.add), of: [left, inner == 1 ? "shortcut" : trunk])
    try sketch.add("relu2", Activation.relu)
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 3)
    return try sketch.network()
  }

  @Test(arguments: 0..<2)
  func `add a shortcut in the same pass`(kind: Int) throws {
    let network = try residual(kind)
    let images = Tensor.random([2, 4, 9, 7], seed: 5)
    let whole = network.record(images)
    for kept in [[], ["relu1"], ["norm2"], ["sum"], ["conv2", "relu1", "relu2"]] {
      let run = network.record(images, keeping: .only(kept))
      for name in kept + ["fc"] {
        expectClose(run[name].elements, doubles(whole[name]), relative: 1e-5, absolute: 1e-5)
      }
    }
  }

  @Test func `see weights that change`() throws {
    var network = try residual(0)
    let images = Tensor.random([2, 4, 9, 7], seed: 5)
    _ = network.record(images, keeping: .only([]))
    network.parameters["norm1.weight"] = Tensor.random([6], seed: 9)
    expectClose(
      network.record(images, keeping: .only([])).scores.elements,
      doubles(network.record(images).scores), relative: 1e-5, absolute: 1e-5)
  }
}

@Suite struct `Fusion of batch norm` {
  @Test(arguments: 0..<12)
  func `changes nothing`(seed: Int) throws {
    let network = try Network.random(seed: seed)
    let fused = try network.fusingBatchNormalization()
    #expect(!fused.graph.nodes.contains { $0.operation is BatchNormalization })
    let images = Tensor.random(Shape([2] + network.graph.inputShape.extents), seed: seed)
    let (before, after) = (network.record(images), fused.record(images))
    expectClose(after.scores.elements, doubles(before.scores), relative: 1e-5, absolute: 1e-5)
    let signal = Tensor.random(before.scores.shape, seed: seed)
    let score = network.graph.scoreName
    expectClose(
      after.propagate(signal, from: score).input.elements,
      doubles(before.propagate(signal, from: score).input), relative: 1e-4, absolute: 1e-5)
    #expect(fused.graph["norm1"]?.name == "conv1")
  }
}
