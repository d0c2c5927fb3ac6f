import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `What a recording keeps` {
  private func images(_ network: Network, count: Int = 2, seed: Int = 1) -> Tensor {
    .random(Shape([count] + network.graph.inputShape.extents), seed: seed)
  }

  /// Up to the order of sums: operations are one kernel if nothing between them is kept, and threads
  /// may take a picture each.
  @Test(arguments: 0..<12)
  func `does not change what the network computes`(seed: Int) throws {
    let network = try Network.random(seed: seed)
    let pictures = images(network)
    let all = network.record(pictures)
    let names = network.graph.nodes.map(\.name)
    for keep in [Keep.only(names), .forGradient(), .forTraining] {
      expectClose(network.record(pictures, keeping: keep).scores, all.scores, relativeNorm: 1e-5)
    }
    for name in names {
      // Only this node is kept; everything else is reused in place.
      let recording = network.record(pictures, keeping: .forGradient(and: [name]))
      expectClose(recording[name], all[name], relativeNorm: 1e-5, name)
    }
  }

  @Test(arguments: 0..<12)
  func `leads back alike`(seed: Int) throws {
    let network = try Network.random(seed: seed)
    let pictures = images(network)
    let all = network.record(pictures)
    let few = network.record(pictures, keeping: .forGradient())
    let signal = Tensor.random(all.scores.shape, seed: seed)
    for rules in [RuleBook.gradient, .guidedBackpropagation, .deconvnet] {
      expectClose(
        few.propagate(signal, from: "fc", by: rules).input,
        all.propagate(signal, from: "fc", by: rules).input, relativeNorm: 1e-5)
    }
    let learning = network.record(pictures, keeping: .forTraining)
    let (one, other) = (
      all.parameterGradients(of: signal, from: "fc"),
      learning.parameterGradients(of: signal, from: "fc")
    )
    #expect(one.keys.sorted() == other.keys.sorted())
    for (name, gradient) in one {
      expectClose(try #require(other[name]), gradient, relativeNorm: 1e-5, name)
    }
  }

  @Test func `is never written again, nor are the caller's pictures`() throws {
    var sketch = NetworkSketch([3, 6, 6], seed: 1)
    try sketch.add("relu", Activation.relu)
    try sketch.add("drop", Dropout(0.5))
    try sketch.add("tanh", Activation.tanh)
    try sketch.add("sum", Arithmetic(.add), of: ["tanh", "relu"])
    let network = try sketch.network()
    // In the layout of the network's own tensors, which it might overwrite in place.
    let pictures = images(network).arranged(as: .channelsLast)
    let before = pictures.elements
    let rectified = before.map { max($0, 0) }
    for keep in [Keep.everything, .only(["relu", "tanh"]), .forGradient(and: ["relu", "tanh"])] {
      let recording = network.record(pictures, keeping: keep)
      #expect(pictures.elements == before)
      #expect(recording.input.elements == before)
      #expect(recording["relu"].elements == rectified)
      for index in [0, 17, 50] {
        #expect(
          recording["sum"].elements[index]
            == recording["tanh"].elements[index] + recording["relu"].elements[index])
      }
      guard keep != .only(["relu", "tanh"]) else { continue }
      let signal = pictures
      for rules in [RuleBook.gradient, .guidedBackpropagation, .deconvnet] {
        let back = recording.propagate(signal, from: "sum", by: rules, keeping: ["sum", "relu"])
        #expect(signal.elements == before)
        #expect(back["sum"]?.elements == before)
        #expect(recording["relu"].elements == rectified)
      }
    }
  }

  @Test(arguments: 0..<4)
  func `is the same after any rule went back over it`(seed: Int) throws {
    let network = try Network.random(seed: seed)
    let recording = network.record(images(network))
    let signal = Tensor.random(recording.scores.shape, seed: seed)
    let names = network.graph.nodes.map(\.name)
    let activations = names.map { recording[$0].elements }
    let weights = network.parameters.names.map { network.parameters[$0]?.elements }
    let gradient = recording.propagate(signal, from: "fc").input.elements
    for rules in [RuleBook.guidedBackpropagation, .deconvnet] {
      #expect(recording.propagate(signal, from: "fc", by: rules).input.elements != gradient)
    }
    #expect(recording.propagate(signal, from: "fc").input.elements == gradient)
    #expect(names.map { recording[$0].elements } == activations)
    #expect(network.parameters.names.map { network.parameters[$0]?.elements } == weights)
    #expect(
      network.record(images(network)).scores.elements == recording.scores.elements)
  }

  @Test func `is all that can be asked for`() async {
    await #expect(processExitsWith: .failure) {
      let network = try Network.random(seed: 1)
      let pictures = Tensor.random(Shape([1] + network.graph.inputShape.extents), seed: 1)
      _ = network.record(pictures, keeping: .only(["relu1"]))["conv1"]
    }
    await #expect(processExitsWith: .failure) {
      let network = try Network.random(seed: 1)
      let pictures = Tensor.random(Shape([1] + network.graph.inputShape.extents), seed: 1)
      let recording = network.record(pictures, keeping: .only([]))
      _ = recording.propagate(recording.scores, from: "fc")
    }
    await #expect(processExitsWith: .failure) {
      let network = try Network.random(seed: 1)
      let pictures = Tensor.random(Shape([1] + network.graph.inputShape.extents), seed: 1)
      let recording = network.record(pictures, keeping: .forGradient())
      _ = recording.parameterGradients(of: recording.scores, from: "fc")
    }
  }

  @Test func `pictures together are as each alone`() throws {
    for seed in 0..<4 {
      let network = try Network.random(seed: seed)
      let pictures = images(network, count: 3)
      let together = network.record(pictures)
      for row in 0..<3 {
        let alone = network.record(pictures.rows(row..<(row + 1)))
        for name in network.graph.nodes.map(\.name) {
          expectClose(
            alone[name], together[name].rows(row..<(row + 1)), relativeNorm: 1e-5, name)
        }
      }
    }
  }
}
