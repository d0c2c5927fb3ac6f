import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite(.enabled(if: BFloat16Check.isAnnounced, "the processor has no bf16 instructions"))
struct `Runs in bfloat16` {
  private func expectRounded(
    _ network: Network, pictures count: Int = 2, within limit: Float,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let images = Tensor.random(Shape([count] + network.graph.inputShape.extents), seed: 1)
    var rounding = network
    rounding.precision = .bfloat16
    let name = network.graph.scoreName
    let exact = network.record(images, keeping: .forGradient())
    let rounded = rounding.record(images, keeping: .forGradient())
    expectClose(
      rounding.record(images, keeping: .only([])).scores, exact.scores, relativeNorm: limit,
      "scores", sourceLocation: sourceLocation)
    expectClose(
      rounded.scores, exact.scores, relativeNorm: limit, "scores of a recording",
      sourceLocation: sourceLocation)
    // The gradient jumps where a rectifier or a maximum chooses otherwise, so that it changes with
    // the smallest change of the pictures; these are as large as their own rounding.
    let moved = (3..<7).map { seed in
      network.record(
        images.zip(Tensor.random(images.shape, seed: seed)) { $0 * (1 + $1 * 0x1p-8) },
        keeping: .forGradient())
    }
    let signal = Tensor.random(exact[name].shape, seed: 2)
    for book in [RuleBook.gradient, .guidedBackpropagation, .deconvnet] {
      let gradient = rounded.propagate(signal, from: name, by: book).input
      #expect(gradient.precision == .float32, sourceLocation: sourceLocation)
      let expected = exact.propagate(signal, from: name, by: book).input
      let jumps = moved.reduce(Float(0)) {
        max($0, ($1.propagate(signal, from: name, by: book).input - expected).norm)
      }
      expectClose(
        gradient, expected, relativeNorm: max(limit, 4 * jumps / max(expected.norm, 1e-20)),
        "gradient", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: 0..<24)
  func `of random networks are the same within rounding`(seed: Int) throws {
    expectRounded(try Network.random(seed: seed), pictures: 3, within: 0.05)
  }

  /// One of each family, on small pictures.
  @Test(
    .slow,
    arguments: [
      (Architecture.lenet5, 28), (.alexnet, 96), (.vgg11, 64), (.vgg11BatchNorm, 64),
      (.resnet18, 64), (.resnext50, 64), (.resnet20, 32), (.squeezenet11, 64), (.mobilenetV2, 64),
      (.mobilenetV3Small, 64), (.densenet121, 64), (.googlenet, 64), (.inceptionV3, 96),
      (.shufflenetV2, 64), (.efficientnetB0, 64), (.mnasnet, 64), (.regnetY400MF, 64),
      (.convnextTiny, 64), (.allcnn, 32),
    ])
  func `of architectures are the same within rounding`(
    architecture: Architecture, side: Int
  ) throws {
    let channels = architecture == .lenet5 ? 1 : 3
    let network = try architecture.blueprint(
      classes: 10, inputShape: [channels, side, side]
    ).network(seed: 5, initialization: .he)
    expectRounded(network, within: 0.1)
  }

  @Test func `of series and volumes are the same within rounding`() throws {
    for architecture in [Architecture.seriesSmall, .volumeSmall] {
      expectRounded(
        try architecture.blueprint().network(seed: 5, initialization: .he), within: 0.05)
    }
  }

  @Test func `return Floats, and store scores unrounded`() throws {
    var network = try Network.random(seed: 1)
    network.precision = .bfloat16
    let images = Tensor.random(Shape([3] + network.graph.inputShape.extents), seed: 1)
    let names = network.graph.nodes.map(\.name)
    for keep in [Keep.only(names), .forGradient(and: names), .everything] {
      let run = network.record(images, keeping: keep)
      for name in names { #expect(run[name].precision == .float32) }
      // Inner nodes have no more than 8 significant bits.
      let inner = run["conv3"]
      #expect(inner.converted(to: .bfloat16).elements == inner.elements)
      #expect(run.scores.converted(to: .bfloat16).elements != run.scores.elements)
    }
  }

  @Test func `leave training as it is`() throws {
    let network = try Network.random(seed: 2)
    var rounding = network
    rounding.precision = .bfloat16
    let images = Tensor.random(Shape([3] + network.graph.inputShape.extents), seed: 1)
    func gradients(_ network: Network) -> [String: [Float]] {
      let run = network.record(images, keeping: .forTraining, mode: .training(seed: 1))
      let name = network.graph.scoreName
      return run.parameterGradients(of: Tensor(shape: run[name].shape, repeating: 1), from: name)
        .mapValues(\.elements)
    }
    #expect(gradients(rounding) == gradients(network))
  }

  @Test func `are kept by networks that are made of others`() throws {
    var network = try Network.random(seed: 1)
    network.precision = .bfloat16
    #expect(try network.fusingBatchNormalization().precision == .bfloat16)
  }

  @Test func `pass relevance back in Floats`() throws {
    let network = try Network.random(seed: 4)
    var rounding = network
    rounding.precision = .bfloat16
    let images = Tensor.random(Shape([2] + network.graph.inputShape.extents), seed: 1)
    let name = network.graph.scoreName
    let book = RuleBook(.on(Linear.self, EpsilonRelevance()))
    func relevance(_ network: Network) throws -> Tensor {
      let run = network.record(images, keeping: .everything)
      return try #require(run.propagate(run[name], from: name, by: book, keeping: ["drop"])["drop"])
    }
    let rounded = try relevance(rounding)
    expectClose(rounded, try relevance(network), relativeNorm: 0.05)
    #expect(rounded.converted(to: .bfloat16).elements != rounded.elements)
  }

  @Test func `need no more memory than is estimated of Floats`() throws {
    let network = try Network.random(seed: 4)
    var rounding = network
    rounding.precision = .bfloat16
    for keep in [Keep.only([]), .forGradient(), .everything] {
      #expect(
        rounding.runBytes(pictures: 8, keeping: keep)
          >= network.runBytes(pictures: 8, keeping: keep))
    }
  }
}
