import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Networks without weights` {
  @Test(arguments: [Architecture.lenet5, .resnet20])
  func `have the same shapes, fields and numbers of weights`(architecture: Architecture) throws {
    let network = try architecture.blueprint(classes: 4, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .he)
    var shared: [Shape: Tensor] = [:]
    let bare = network.withoutWeights(sharing: &shared)
    #expect(bare.shapes == network.shapes)
    #expect(bare.parameterBytes == network.parameterBytes)
    #expect(
      bare.derivedWeightBytes(keeping: .forGradient())
        == network.derivedWeightBytes(keeping: .forGradient()))
    #expect(bare.classCount == 4 && bare.graph.scoreName == network.graph.scoreName)
    #expect(bare.learnedParameters == network.learnedParameters)
    let (fields, others) = (bare.receptiveFields(), network.receptiveFields())
    for node in network.graph.nodes {
      #expect(fields[node.name]?.size == others[node.name]?.size, "\(node.name)")
    }
    for name in network.parameters.names {
      let (own, other) = (network.parameters[name], bare.parameters[name])
      #expect(own?.shape == other?.shape)
      // Biases and statistics are small.
      if own?.shape.rank == 1 { #expect(own?.elements == other?.elements) }
    }
  }

  @Test func `share the memory that none of them writes`() throws {
    let blueprint = try Architecture.lenet5.blueprint(classes: 4, inputShape: [3, 32, 32])
    var shared: [Shape: Tensor] = [:]
    let networks = try (0..<3).map {
      try blueprint.network(seed: UInt64($0), initialization: .he).withoutWeights(sharing: &shared)
    }
    func places(_ name: String) -> [UnsafeRawPointer?] {
      networks.map {
        $0.parameters[name]?.withUnsafeElements { UnsafeRawPointer($0.baseAddress) } ?? nil
      }
    }
    for name in networks[0].parameters.names where networks[0].parameters[name]?.shape.rank != 1 {
      #expect(Set(places(name)).count == 1, "\(name)")
    }
  }
}
