import Networks
import TensorCore
import TestSupport
import Testing

extension Blueprint {
  /// The number of parameters that gradient descent learns, without running statistics.
  fileprivate var learnedCount: Int {
    parameters.filter { !$0.key.contains(".running_") }
      .reduce(0) { $0 + $1.value.shape.elementCount }
  }

  fileprivate var outputShape: Shape? {
    get throws {
      try inferShapes(
        graph, input: Shape([1] + graph.inputShape.extents),
        parameters: { parameters[$0]?.shape })[graph.outputName]
    }
  }
}

@Suite struct `Architectures` {
  /// Published numbers: torchvision's documentation; Caffe's bvlc_alexnet for the grouped one; the
  /// 1.37 M of All-CNN-C are the sum over Springenberg et al. (2015), table 1, with biases.
  @Test(arguments: [
    (Architecture.alexnet, 61_100_840), (.alexnetOriginal, 60_965_224),
    (.vgg11, 132_863_336), (.vgg13, 133_047_848), (.vgg16, 138_357_544), (.vgg19, 143_667_240),
    (.vgg11BatchNorm, 132_868_840), (.vgg13BatchNorm, 133_053_736),
    (.vgg16BatchNorm, 138_365_992), (.vgg19BatchNorm, 143_678_248),
    (.lenet5, 61_706), (.allcnn, 1_369_738), (.mlp, 235_146),
    (.seriesSmall, 17_192), (.volumeSmall, 17_806),
  ])
  func `have the published number of parameters`(architecture: Architecture, count: Int) throws {
    #expect(try architecture.blueprint().learnedCount == count)
  }

  @Test(arguments: Architecture.allCases)
  func `give one score a class`(architecture: Architecture) throws {
    #expect(try architecture.blueprint().outputShape == [1, architecture.usualClassCount])
    #expect(try architecture.blueprint(classes: 7).outputShape == [1, 7])
  }

  @Test(arguments: [
    (Architecture.seriesSmall, [1, 1]), (.seriesSmall, [3, 5]), (.seriesSmall, [12, 1000]),
    (.volumeSmall, [1, 1, 1, 1]), (.volumeSmall, [3, 2, 5, 3]), (.volumeSmall, [1, 16, 32, 32]),
  ])
  func `of series and volumes take any length`(architecture: Architecture, input: [Int]) throws {
    let network = try architecture.blueprint(classes: 5, inputShape: Shape(input))
      .network(seed: 1, initialization: .he)
    let scores = network.record(.random(Shape([2] + input), seed: 1)).scores
    #expect(scores.shape == [2, 5] && scores.elements.allSatisfy(\.isFinite))
  }

  @Test(arguments: Architecture.allCases)
  func `take no inputs with other axes`(architecture: Architecture) throws {
    let others: [Shape] = [[3], [3, 64], [3, 64, 64], [3, 8, 64, 64], [1, 1, 1, 1, 1]]
    for shape in others where shape.rank != architecture.usualInputShape.rank {
      let error = #expect(throws: GraphError.self) {
        try architecture.blueprint(inputShape: shape)
      }
      #expect(
        error?.reason == "takes inputs like \(architecture.usualInputShape), not \(shape)")
    }
  }

  @Test func `bear torchvision's names`() throws {
    func weighted(_ blueprint: Blueprint) -> Set<String> {
      Set(
        blueprint.parameters.keys.filter { $0.hasSuffix(".weight") }.map {
          String($0.dropLast(".weight".count))
        })
    }
    func features(_ indices: [Int]) -> [String] { indices.map { "features.\($0)" } }
    let classifier = [0, 3, 6].map { "classifier.\($0)" }
    let alexnet = try Architecture.alexnet.blueprint()
    #expect(
      weighted(alexnet)
        == Set(features([0, 3, 6, 8, 10]) + [1, 4, 6].map { "classifier.\($0)" }))
    #expect(alexnet.parameters["features.3.weight"]?.shape == [192, 64, 5, 5])
    #expect(alexnet.parameters["classifier.1.weight"]?.shape == [4096, 9216])
    #expect(
      weighted(try Architecture.vgg16.blueprint())
        == Set(features([0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]) + classifier))
    let convolutions = [0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40]
    let normalized = try Architecture.vgg16BatchNorm.blueprint()
    #expect(
      weighted(normalized)
        == Set(features(convolutions) + features(convolutions.map { $0 + 1 }) + classifier))
    #expect(normalized.parameters["features.41.running_var"]?.shape == [512])
  }

  @Test func `know what older and larger files hold`() throws {
    let densenet = try Architecture.densenet121.blueprint()
    let layer = "features.denseblock2.denselayer3"
    #expect(densenet.formerNames["\(layer).norm.1.running_var"] == "\(layer).norm1.running_var")
    #expect(densenet.formerNames["\(layer).conv.2.weight"] == "\(layer).conv2.weight")
    #expect(densenet.formerNames.values.allSatisfy { densenet.parameters[$0] != nil })
    #expect(try Architecture.googlenet.blueprint().unusedPrefixes == ["aux1.", "aux2."])
    #expect(try Architecture.inceptionV3.blueprint().unusedPrefixes == ["AuxLogits."])
  }

  @Test func `say which layer the pictures are too small for`() {
    #expect(
      throws: GraphError(
        node: "features.5", reason: "a window of [3, 3] does not fit into images [1, 192, 1, 1]")
    ) { try Architecture.alexnet.blueprint(inputShape: [3, 16, 16]) }
    #expect(
      throws: GraphError(
        node: "conv7", reason: "a window of [3, 3] does not fit into images [1, 192, 2, 2]")
    ) { try Architecture.allcnn.blueprint(inputShape: [3, 5, 5]) }
  }

  @Test func `are known by their names only`() {
    #expect(Architecture(rawValue: "vgg16_bn") == .vgg16BatchNorm)
    #expect(Architecture(rawValue: "vgg17") == nil)
  }
}

@Suite struct `Initialization of weights` {
  private func start(
    _ architecture: Architecture, _ initialization: Initialization, seed: UInt64 = 3
  ) throws -> Parameters {
    try architecture.blueprint().network(seed: seed, initialization: initialization).parameters
  }

  private func moments(_ tensor: Tensor?) throws -> (mean: Double, deviation: Double) {
    let values = try #require(tensor).elements.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(values.count)).squareRoot())
  }

  /// 51,200 weights: the relative error of their standard deviation is 1/√(2n) ≈ 0.3 %; four times
  /// that is allowed.
  @Test func `by He has variance 2 / fan-in, and zero biases`() throws {
    let parameters = try start(.alexnetSmall, .he)
    let expected = (2.0 / (32 * 25)).squareRoot()
    let found = try moments(parameters["conv2.weight"])
    #expect(abs(found.deviation / expected - 1) < 0.0125)
    #expect(abs(found.mean) < 4 * expected / 51_200.0.squareRoot())
    #expect(parameters["conv2.bias"]?.elements == [Float](repeating: 0, count: 64))
  }

  @Test func `by Glorot is uniform within √(6 / (fan-in + fan-out))`() throws {
    let parameters = try start(.alexnetSmall, .glorot)
    let bound = (6.0 / (32 * 25 + 64 * 25)).squareRoot()
    let values = try #require(parameters["conv2.weight"]).elements
    #expect(values.allSatisfy { abs(Double($0)) <= bound * 1.000001 })
    #expect(Double(values.max() ?? 0) > 0.99 * bound)
    #expect(
      abs(try moments(parameters["conv2.weight"]).deviation / (bound / 3.0.squareRoot()) - 1) < 0.01
    )
  }

  @Test(.slow) func `by the paper is LeCun's, Krizhevsky's, Simonyan's`() throws {
    let lenet = try #require(try start(.lenet5, .paper)["fc4.weight"]).elements
    #expect(lenet.allSatisfy { abs($0) <= 2.4 / 120 })
    #expect((lenet.max() ?? 0) > 0.99 * 2.4 / 120)

    let alexnet = try Architecture.alexnetOriginal.blueprint(classes: 2, inputShape: [3, 67, 67])
      .network(seed: 1, initialization: .paper).parameters
    #expect(abs(try moments(alexnet["conv3.weight"]).deviation / 0.01 - 1) < 0.01)
    for (layer, bias) in [
      ("conv1", Float(0)), ("conv2", 1), ("conv3", 0), ("conv4", 1), ("conv5", 1), ("fc6", 1),
      ("fc7", 1), ("fc8", 0),
    ] {
      #expect(alexnet["\(layer).bias"]?.elements.allSatisfy { $0 == bias } == true, "\(layer)")
    }
    let vgg = try Architecture.vgg11.blueprint(classes: 2, inputShape: [3, 32, 32])
      .network(seed: 1, initialization: .paper).parameters
    #expect(abs(try moments(vgg["features.3.weight"]).deviation / 0.1 - 1) < 0.01)
  }

  @Test func `depends on the seed and nothing else`() throws {
    let (one, same, other) = try (
      start(.lenet5, .he), start(.lenet5, .he), start(.lenet5, .he, seed: 4)
    )
    for name in one.names {
      #expect(one[name]?.elements == same[name]?.elements)
      guard name.hasSuffix("weight") else { continue }
      #expect(one[name]?.elements != other[name]?.elements)
    }
    // Layers of the same shape are initialized differently.
    let vgg = try start(.vggSmall, .he)
    let first = try #require(vgg["conv2.weight"]).elements
    #expect(
      !first.prefix(100).elementsEqual(try #require(vgg["conv4.weight"]).elements.prefix(100)))
  }

  @Test func `of batch norm changes nothing at first`() throws {
    let parameters = try start(.vggSmall, .he)
    #expect(parameters["norm1.weight"]?.elements.allSatisfy { $0 == 1 } == true)
    #expect(parameters["norm1.bias"]?.elements.allSatisfy { $0 == 0 } == true)
    #expect(parameters["norm1.running_mean"]?.elements.allSatisfy { $0 == 0 } == true)
    #expect(parameters["norm1.running_var"]?.elements.allSatisfy { $0 == 1 } == true)
  }
}
