import Networks
import TensorCore
import Testing
import Training

@Suite struct `Layer plans` {
  private func network() throws -> Network {
    try Architecture.resnet20.blueprint(classes: 3, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .he)
  }

  private func plan(
    _ settings: LayerSettings, fresh: Set<String> = []
  ) throws -> (Network, LayerPlan) {
    let network = try network()
    return (network, try LayerPlan(settings, of: network, fresh: fresh))
  }

  private func classifier(_ network: Network) throws -> Set<String> {
    try network.classifier().parameters
  }

  @Test func `copied weights learn slowly and fresh ones at the full rate`() throws {
    let network = try network()
    let fresh = try classifier(network)
    let plan = try LayerPlan(LayerSettings(copiedRate: 0.1), of: network, fresh: fresh)
    let rates = plan.rates(inEpoch: 1)
    #expect(Set(rates.factors.keys) == network.learnedParameters)
    for (name, factor) in rates.factors { #expect(factor == (fresh.contains(name) ? 1 : 0.1)) }
    #expect(rates.frozenNodes.isEmpty)
  }

  @Test func `a pattern fits names of layers and of parameters, the longest decides`() throws {
    let (network, _) = try plan(LayerSettings())
    let convolution = try #require(network.graph.nodes.first { $0.operation is Convolution })
    let (_, frozen) = try plan(LayerSettings(freeze: [convolution.name]))
    let learning = Set(frozen.rates(inEpoch: 1).factors.keys)
    #expect(learning == network.learnedParameters.subtracting(convolution.parameters))
    let (_, rated) = try plan(
      LayerSettings(rates: ["*": 0.5, convolution.parameters[0]: 2]))
    for (name, factor) in rated.rates(inEpoch: 1).factors {
      #expect(factor == (name == convolution.parameters[0] ? 2 : 0.5))
    }
    // A factor of 0 freezes, and with it the statistics.
    let norm = try #require(network.graph.nodes.first { $0.operation is BatchNormalization })
    let (_, still) = try plan(LayerSettings(rates: [norm.name: 0]))
    #expect(still.rates(inEpoch: 1).frozenNodes == [norm.name])
    #expect(still.changing.isDisjoint(with: norm.parameters))
  }

  @Test func `layers are unfrozen from the last to the first`() throws {
    let network = try network()
    let fresh = try classifier(network)
    let layers = network.graph.nodes.filter {
      $0.operation is Convolution || $0.operation is Linear
    }
    let plan = try LayerPlan(
      LayerSettings(unfreezeEpochs: 2, unfreezeLayers: 3), of: network, fresh: fresh)
    for epoch in 1...20 {
      let count = min(3 * (1 + (epoch - 1) / 2), layers.count)
      let awake = Set(layers.suffix(count).flatMap(\.parameters))
      let rates = plan.rates(inEpoch: epoch)
      let own = Set(layers.flatMap(\.parameters)).intersection(rates.factors.keys)
      #expect(own == awake, "epoch \(epoch)")
      // Each batch norm learns with the convolution before it.
      for norm in network.graph.nodes where norm.operation is BatchNormalization {
        let before = try #require(network.graph[norm.inputs[0]])
        let learns = awake.contains(before.parameters[0])
        #expect(rates.frozenNodes.contains(norm.name) == !learns)
        #expect(rates.changing.isSuperset(of: norm.parameters) == learns)
      }
    }
    let rounds = (layers.count + 2) / 3
    #expect(
      plan.remarks(epochs: 100)
        == ["all \(layers.count) layers with weights learn from epoch \(2 * rounds - 1) on"])
    #expect(
      plan.remarks(epochs: 3) == [
        "the first \(layers.count - 6) of \(layers.count) layers with weights stay frozen: they "
          + "would be unfrozen by epoch \(2 * rounds - 1), and the run ends with epoch 3"
      ])
  }

  @Test func `fresh layers do not wait to be unfrozen`() throws {
    let network = try network()
    let plan = try LayerPlan(
      LayerSettings(unfreezeEpochs: 5), of: network, fresh: network.learnedParameters)
    #expect(Set(plan.rates(inEpoch: 1).factors.keys) == network.learnedParameters)
    #expect(plan.remarks(epochs: 2) == [])
  }

  @Test func `what fits nothing is named`() throws {
    let first = try #require(try network().learnedParameters.sorted().first)
    let error = #expect(throws: RecipeError.self) {
      try plan(LayerSettings(freeze: [String(first.dropLast()) + "x"]))
    }
    #expect(error?.key == "layers.freeze")
    #expect(error?.reason.contains("did you mean \(first)") == true, "\(error?.reason ?? "")")
    #expect(
      throws: RecipeError(
        "layers.freeze", "nothing is left that learns",
        relatedKeys: ["layers.copiedRate", "layers.rates"])
    ) {
      try plan(LayerSettings(freeze: ["*"]))
    }
    #expect(throws: RecipeError.self) { try plan(LayerSettings(rates: ["nowhere": 1])) }
  }
}
