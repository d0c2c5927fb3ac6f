import Checkpoints
import Files
import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct GraphCodingTests {
  /// A network as it is when it has been saved.
  private func reread(
    _ network: Network, classNames: [String] = ["a", "b", "c", "d", "e"]
  ) throws -> Checkpoint {
    try withTemporaryFolder { folder in
      try Checkpoint(network, design: nil, classNames: classNames).save(
        to: "\(folder)/a.safetensors")
      return try Checkpoint.load("\(folder)/a.safetensors")
    }
  }

  @Test(arguments: 0..<8)
  func `a network without an architecture is saved with its graph`(seed: Int) throws {
    let network = try Network.random(seed: seed)
    let loaded = try reread(network)
    #expect(loaded.design == nil)
    #expect(loaded.classNames == ["a", "b", "c", "d", "e"])
    #expect(loaded.network.graph.nodes.map(\.name) == network.graph.nodes.map(\.name))
    #expect(loaded.metadata.isEmpty)
    let images = Tensor.random(Shape([2] + network.graph.inputShape.extents), seed: seed)
    #expect(loaded.network.record(images).scores.elements == network.record(images).scores.elements)
  }

  @Test func `locally connected layers are saved with their filters`() throws {
    let network = try Architecture.local.blueprint(classes: 5, inputShape: [1, 12, 12])
      .network(seed: 1, initialization: .he)
    let loaded = try reread(network)
    let layer = try #require(loaded.network.graph["local1"]?.operation as? LocallyConnected)
    #expect(layer == LocallyConnected(5, stride: 2, padding: 2))
    let images = Tensor.random([2, 1, 12, 12], seed: 3)
    #expect(loaded.network.record(images).scores.elements == network.record(images).scores.elements)
  }

  @Test func `every operation type has a name of its own`() {
    let names = operationTypes.map { String(describing: $0) }
    #expect(Set(names).count == names.count)
  }

  @Test func `aliases are kept`() throws {
    let graph = try Graph(
      inputShape: [1, 2, 2], [Graph.Node("relu", Activation.relu, inputs: [Graph.inputName])],
      aliases: ["relu_output_0": "relu"])
    let loaded = try reread(Network(graph: graph, parameters: Parameters()), classNames: [])
    #expect(loaded.network.graph["relu_output_0"]?.name == "relu")
  }

  @Test(arguments: [
    (
      #"{"input":[1,2,2],"nodes":[{"name":"x","operation":"Teleport","inputs":[],"options":{}}]}"#,
      "the graph in its metadata: node \"x\" has the unknown operation \"Teleport\""
    ),
    (
      #"{"input":[1,-2,2],"nodes":[],"aliases":{}}"#,
      "the graph in its metadata: node 'input': expected up to four extents from 1 to 65536, "
        + "found [1, -2, 2]"
    ),
    (
      #"{"input":[1,2,2],"nodes":[],"aliases":{}}"#,
      "the graph in its metadata: node 'input': no node follows the input"
    ),
  ])
  func `a graph that does not hold together is an error`(text: String, reason: String) throws {
    let data = SafeTensorsFile.bytes([:], metadata: ["fovea.graph": text])
    let error = try #require(throws: FileError.self) {
      try Checkpoint.load(SafeTensorsFile(data: data, path: "weights.safetensors"))
    }
    #expect(error.reason == reason)
  }
}
