import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// A random network with pictures, and a recording that keeps everything.
private func recorded(_ seed: Int, pictures: Int) throws -> (Network, Tensor, Recording) {
  let network = try Network.random(seed: seed)
  let images = Tensor.random(Shape([pictures] + network.graph.inputShape.extents), seed: seed)
  return (network, images, network.record(images))
}

private func doubles(_ tensor: Tensor) -> [Double] { tensor.elements.map(Double.init) }

@Suite struct `Runs without a backward pass` {
  @Test(arguments: 0..<24)
  func `give what a whole recording gives`(seed: Int) throws {
    let (network, images, whole) = try recorded(seed, pictures: 3)
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

  /// Concatenated branches before a convolution, two kinds of pooling and a residual block.
  private func branches(_ channels: Int) throws -> Network {
    var sketch = NetworkSketch([4, 9, 7], seed: channels, weights: .normal)
    func fork(_ name: String) throws {
      let trunk = sketch.last
      for (branch, window) in [("a", 1), ("b", 3)] {
        try sketch.convolution(
          name + branch, filters: channels * (window + 1) / 2,
          Convolution(window, padding: window / 2), of: trunk)
        try sketch.add("relu" + name + branch, Activation.relu)
      }
      try sketch.add(name, Concatenate(), of: ["relu\(name)a", "relu\(name)b"])
    }
    try fork("cat1")
    try sketch.convolution("squeeze", filters: 6, Convolution(1))
    try sketch.add("relu", Activation.relu)
    try fork("cat2")
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.convolution("narrow", filters: channels, Convolution(1))
    try fork("cat3")
    try sketch.convolution("conv", filters: channels, Convolution(3, padding: 1))
    try sketch.batchNormalization("norm")
    try sketch.add("sum", Arithmetic(.add), of: ["narrow", "norm"])
    try fork("cat4")
    try sketch.add("mean", AveragePool(PoolingGeometry(window: 2, stride: 1)))
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 3)
    return try sketch.network()
  }

  @Test(arguments: [16, 5])
  func `read branches without concatenating them`(channels: Int) throws {
    let network = try branches(channels)
    let images = Tensor.random([3, 4, 9, 7], seed: 5)
    let whole = network.record(images)
    let names = network.graph.nodes.map(\.name)
    for kept in [[]] + names.map({ [$0] }) + [["cat1", "cat3"], names] {
      let run = network.record(images, keeping: .only(kept))
      for name in kept + ["fc"] {
        expectClose(run[name].elements, doubles(whole[name]), relative: 1e-5, absolute: 1e-5)
      }
    }
    let steps = network.profile(images, .forward, rounds: 1).steps.map(\.nodes)
    let areRead = channels.isMultiple(of: 16)
    #expect(steps.contains(["cat1", "squeeze", "relu"]) == areRead)
    #expect(steps.contains(["cat3", "conv", "norm", "sum"]) == areRead)
    #expect(steps.contains(["cat2", "pool"]))
    #expect(steps.contains(["cat4", "mean"]))
  }

  @Test func `see weights that change on branches`() throws {
    var network = try branches(16)
    let images = Tensor.random([2, 4, 9, 7], seed: 5)
    _ = network.record(images, keeping: .only([]))
    network.parameters["squeeze.weight"] = Tensor.random([6, 48, 1, 1], seed: 9)
    expectClose(
      network.record(images, keeping: .only([])).scores.elements,
      doubles(network.record(images).scores), relative: 1e-5, absolute: 1e-5)
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

@Suite struct `Runs for gradients` {
  private static let gates: [RuleBook] = [.gradient, .guidedBackpropagation, .deconvnet]

  /// With as few kernels as possible, and batch norm's scale in the weights of the backward pass.
  @Test(arguments: 0..<24)
  func `propagate what a whole recording does`(seed: Int) throws {
    let (network, images, whole) = try recorded(seed, pictures: 6)
    let names = network.graph.nodes.map(\.name)
    let score = network.graph.scoreName
    let signal = Tensor.random(whole.scores.shape, seed: seed)
    for kept in [[]] + names.map({ [$0] }) {
      let run = network.record(images, keeping: .forGradient(and: kept))
      expectClose(run.scores.elements, doubles(whole.scores), relative: 1e-5, absolute: 1e-5)
      for name in kept {
        expectClose(run[name].elements, doubles(whole[name]), relative: 1e-5, absolute: 1e-5)
      }
      for rules in Self.gates {
        let way = run.propagate(signal, from: score, by: rules, keeping: kept)
        let expected = whole.propagate(signal, from: score, by: rules, keeping: kept)
        expectClose(way.input, expected.input, relativeNorm: 1e-5)
        for name in kept {
          guard let found = way[name], let slow = expected[name] else {
            #expect(way[name] == nil && expected[name] == nil)
            continue
          }
          expectClose(found, slow, relativeNorm: 1e-5, name)
        }
      }
    }
  }

  /// What a signal that starts inside a layer's kernel meets is not the batch norm.
  @Test(arguments: 0..<12)
  func `start at any node`(seed: Int) throws {
    let (network, images, whole) = try recorded(seed, pictures: 4)
    for node in network.graph.nodes {
      let run = network.record(images, keeping: .forGradient(and: [node.name]))
      let signal = Tensor.random(whole[node.name].shape, seed: seed)
      expectClose(
        run.propagate(signal, from: node.name).input,
        whole.propagate(signal, from: node.name).input, relativeNorm: 1e-5, node.name)
    }
  }
}

@Suite struct `Pictures in parts` {
  private func network() throws -> Network {
    var sketch = NetworkSketch([3, 12, 10], seed: 4, weights: .normal)
    try sketch.convolution("conv", filters: 5, Convolution(3))
    try sketch.batchNormalization("norm")
    try sketch.add("relu", Activation.relu)
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 4)
    return try sketch.network()
  }

  /// Every picture gets what it gets by itself, in its own place.
  @Test(arguments: [2, 3, 5, 8, 13])
  func `are what single pictures are`(count: Int) throws {
    let network = try network()
    let images = Tensor.random([count, 3, 12, 10], seed: count)
    let kept = ["norm", "relu", "fc"]
    let forward = network.record(images, keeping: .only(kept))
    let gradient = network.record(images, keeping: .forGradient(and: kept))
    let signal = Tensor.random([count, 4], seed: 7)
    let way = gradient.propagate(signal, from: "fc", keeping: kept)
    for row in 0..<count {
      let own = row..<(row + 1)
      let single = network.record(images.rows(own))
      for name in kept {
        for run in [forward, gradient] {
          expectClose(
            run[name].rows(own), single[name], relativeNorm: 1e-5, "\(name) of \(row)")
        }
      }
      let expected = single.propagate(signal.rows(own), from: "fc", keeping: kept)
      expectClose(way.input.rows(own), expected.input, relativeNorm: 1e-5)
      for name in kept {
        let found = try #require(way[name])
        expectClose(found.rows(own), try #require(expected[name]), relativeNorm: 1e-5, name)
      }
    }
  }

  /// A convolution of a constant is a single tensor, whatever is added to it.
  @Test(arguments: [1, 2, 5])
  func `are added to what is the same for all`(count: Int) throws {
    var sketch = NetworkSketch([4, 6, 6], seed: 2, weights: .normal)
    let table = Tensor.random([1, 3, 6, 6], seed: 8)
    try sketch.add("table", Constant(), of: [], parameters: [("table", table)])
    try sketch.convolution("conv", filters: 4, Convolution(3, padding: 1), of: "table")
    try sketch.add("sum", Arithmetic(.add), of: ["conv", Graph.inputName])
    try sketch.add("relu", Activation.relu)
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 3)
    let network = try sketch.network()
    let images = Tensor.random([count, 4, 6, 6], seed: 3)
    let signal = Tensor.random([count, 3], seed: 4)
    let whole = network.record(images)
    for keep in [Keep.only(["sum"]), .forGradient(and: ["sum"]), .forGradient()] {
      let run = network.record(images, keeping: keep)
      expectClose(run.scores, whole.scores, relativeNorm: 1e-5)
      guard keep != .only(["sum"]) else { continue }
      expectClose(
        run.propagate(signal, from: "fc").input, whole.propagate(signal, from: "fc").input,
        relativeNorm: 1e-5)
    }
  }

  /// Gradients of parameters are those of all pictures together.
  @Test func `lead back to the weights`() throws {
    let network = try network()
    let images = Tensor.random([7, 3, 12, 10], seed: 5)
    let signal = Tensor.random([7, 4], seed: 6)
    let whole = network.record(images)
    let parts = network.record(images, keeping: .forTraining)
    let found = parts.parameterGradients(of: signal, from: "fc")
    for (name, gradient) in whole.parameterGradients(of: signal, from: "fc") {
      expectClose(try #require(found[name]), gradient, relativeNorm: 1e-5, name)
    }
  }

  @Test func `are the same on every run`() throws {
    let network = try network()
    let images = Tensor.random([32, 3, 12, 10], seed: 1)
    let first = network.record(images, keeping: .only(["relu"]))
    for _ in 0..<4 {
      let next = network.record(images, keeping: .only(["relu"]))
      #expect(next["relu"].elements == first["relu"].elements)
      #expect(next.scores.elements == first.scores.elements)
    }
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
