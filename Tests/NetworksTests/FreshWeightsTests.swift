import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Fresh weights` {
  private func deviation(_ values: [Float]) -> Double {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (squares / Double(values.count)).squareRoot()
  }

  @Test(arguments: [
    (Architecture.lenet5, [1, 28, 28]), (.resnet20, [3, 32, 32]), (.local, [1, 28, 28]),
    (.mobilenetV2, [3, 32, 32]), (.convnextTiny, [3, 32, 32]),
  ])
  func `replace all that is learned or measured`(architecture: Architecture, input: [Int]) throws {
    let blueprint = try architecture.blueprint(classes: 4, inputShape: Shape(input))
    let given = try blueprint.network(seed: 1, initialization: .he)
    var trained = given
    for name in given.parameters.names {
      guard let tensor = given.parameters[name] else { continue }
      trained.parameters[name] = Tensor(shape: tensor.shape, tensor.elements.map { $0 + 7 })
    }
    let fresh = try trained.withFreshWeights(.he, seed: 5)
    #expect(fresh.parameters.names == given.parameters.names)
    for name in given.parameters.names {
      let values = try #require(fresh.parameters[name])
      #expect(values.shape == given.parameters[name]?.shape, "\(name)")
      #expect(values.elements != trained.parameters[name]?.elements, "\(name)")
    }
    let again = try trained.withFreshWeights(.he, seed: 5)
    let other = try trained.withFreshWeights(.he, seed: 6)
    let weights = try #require(given.graph.nodes.last { $0.operation is Linear }?.parameters[0])
    #expect(fresh.parameters[weights]?.elements == again.parameters[weights]?.elements)
    #expect(fresh.parameters[weights]?.elements != other.parameters[weights]?.elements)
  }

  @Test func `have the variance of their initialization`() throws {
    let network = try Architecture.resnet20.blueprint(classes: 10, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .he)
    let he = try network.withFreshWeights(.he, seed: 2)
    let glorot = try network.withFreshWeights(.glorot, seed: 2)
    let last = try #require(network.graph.nodes.last { $0.operation is Convolution })
    let (fanIn, fanOut) = (64.0 * 9, 64.0 * 9)
    let values = try #require(he.parameters[last.parameters[0]]).elements
    #expect(values.count == 64 * 64 * 9)
    #expect(abs(deviation(values) / (2 / fanIn).squareRoot() - 1) < 0.03)
    let uniform = try #require(glorot.parameters[last.parameters[0]]).elements
    #expect(abs(deviation(uniform) / (2 / (fanIn + fanOut)).squareRoot() - 1) < 0.03)
    for norm in network.graph.nodes where norm.operation is BatchNormalization {
      for (name, value) in zip(norm.parameters, [1, 0, 0, 1] as [Float]) {
        #expect(he.parameters[name]?.elements.allSatisfy { $0 == value } == true)
      }
    }
  }

  private static let grids: [(Architecture, Double, Double)] = [
    (.seriesSmall, 320, 160), (.volumeSmall, 864, 432),
  ]

  @Test(arguments: grids)
  func `of windows of one or three axes have it, too`(
    architecture: Architecture, fanOut: Double, fanIn: Double
  ) throws {
    let name = architecture == .seriesSmall ? "conv2.weight" : "conv3.weight"
    let blueprint = try architecture.blueprint()
    let he = try #require(
      try blueprint.network(seed: 2, initialization: .he).parameters[name]
    ).elements
    #expect(abs(deviation(he) / (2 / fanIn).squareRoot() - 1) < 0.03)
    let glorot = try #require(
      try blueprint.network(seed: 2, initialization: .glorot).parameters[name]
    ).elements
    #expect(abs(deviation(glorot) / (2 / (fanIn + fanOut)).squareRoot() - 1) < 0.03)
  }

  /// As files of other programs spell layers out.
  @Test func `leave constants that do not learn`() throws {
    let graph = try Graph(
      inputShape: [3, 8, 8],
      [
        Graph.Node("mean", Constant(), inputs: [], parameters: ["mean"]),
        Graph.Node("centred", Arithmetic(.subtract), inputs: [Graph.inputName, "mean"]),
        Graph.Node("conv", Convolution(3), inputs: ["centred"], parameters: ["w", "b"]),
        Graph.Node("gamma", Constant(), inputs: [], parameters: ["gamma"]),
        Graph.Node("gain", Arithmetic(.multiply), inputs: ["conv", "gamma"]),
        Graph.Node("pool", GlobalPool(.average), inputs: ["gain"]),
        Graph.Node("flat", Reshape([-1, 400]), inputs: ["pool"]),
        Graph.Node("matrix", Constant(), inputs: [], parameters: ["matrix"]),
        Graph.Node("product", MatrixProduct(), inputs: ["flat", "matrix"]),
        Graph.Node("bias", Constant(), inputs: [], parameters: ["bias"]),
        Graph.Node("sum", Arithmetic(.add), inputs: ["product", "bias"]),
      ])
    let given = try Network(
      graph: graph,
      parameters: Parameters([
        "mean": .random([1, 3, 1, 1], seed: 1), "w": .random([400, 3, 3, 3], seed: 3),
        "b": .random([400], seed: 4), "gamma": .random([1, 400, 1, 1], seed: 5),
        "matrix": .random([400, 50], seed: 6), "bias": .random([50], seed: 7),
      ]))
    let fresh = try given.withFreshWeights(.he, seed: 1)
    func values(_ name: String) throws -> [Float] {
      try #require(fresh.parameters[name]).elements
    }
    #expect(try values("mean") == given.parameters["mean"]?.elements)
    #expect(try values("gamma").allSatisfy { $0 == 1 })
    #expect(try (values("b") + values("bias")).allSatisfy { $0 == 0 })
    // The fan-in is the number of rows.
    #expect(try abs(deviation(values("matrix")) / (2.0 / 400).squareRoot() - 1) < 0.03)
    #expect(try abs(deviation(values("w")) / (2.0 / 27).squareRoot() - 1) < 0.05)
  }
}
