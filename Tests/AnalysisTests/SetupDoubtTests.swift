import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `The fit of batch norm` {
  private let pictures = Tensor.random([24, 3, 9, 9], seed: 2)

  /// A network whose batch norm has the statistics of these pictures.
  private func network(trainedOn pictures: Tensor) throws -> Network {
    var sketch = NetworkSketch([3, 9, 9], seed: 1)
    try sketch.convolution("conv", filters: 6, Convolution(3))
    try sketch.batchNormalization("norm")
    try sketch.add("relu", Activation.relu)
    var network = try sketch.network()
    let (mean, variance) = statistics(network, pictures)
    network.parameters["norm.running_mean"] = Tensor(shape: [6], mean.map(Float.init))
    network.parameters["norm.running_var"] = Tensor(shape: [6], variance.map(Float.init))
    return network
  }

  /// Of each channel of the convolution, in `Double`.
  private func statistics(
    _ network: Network, _ pictures: Tensor
  ) -> (mean: [Double], variance: [Double]) {
    let maps = network.record(pictures)["conv"].arranged(as: .rowMajor)
    let (channels, area) = (maps.shape[1], maps.shape[2] * maps.shape[3])
    let x = maps.elements
    let values = (0..<channels).map { channel in
      x.indices.filter { $0 / area % channels == channel }.map { Double(x[$0]) }
    }
    let means = values.map { $0.reduce(0, +) / Double($0.count) }
    let variances = zip(values, means).map { own, mean in
      own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)
    }
    return (means, variances)
  }

  private func fit(_ network: Network, _ pictures: Tensor) throws -> NormalizationFit {
    let scan = try #require(NormalizationScan(network))
    #expect(scan.nodes == ["conv"])
    for start in stride(from: 0, to: pictures.shape[0], by: 10) {
      let range = start..<min(start + 10, pictures.shape[0])
      scan.observe(
        network.record(pictures.rows(range), keeping: .only(scan.nodes)), pictures: Array(range))
    }
    return try #require(scan.finding)
  }

  @Test func `is perfect on the pictures of the training`() throws {
    let found = try fit(network(trainedOn: pictures), pictures)
    #expect(found.node == "norm" && found.pictures == 24)
    #expect(found.shift < 1e-5 && found.spread < 1e-4 && !found.isFar)
  }

  @Test func `is far if the values are 0…255 instead of 0…1`() throws {
    let found = try fit(network(trainedOn: pictures), pictures.map { 255 * $0 })
    // The variance grows by 255².
    #expect(abs(found.spread - 11.08) < 0.05 && found.isFar)
  }

  @Test(arguments: [0.3, 1.5] as [Float])
  func `agrees with statistics in double precision`(offset: Float) throws {
    let network = try network(trainedOn: pictures)
    let others = pictures.map { 0.7 * $0 + offset }
    let found = try fit(network, others)
    let (own, other) = (statistics(network, pictures), statistics(network, others))
    var (shift, spread) = (0.0, 0.0)
    for channel in 0..<6 {
      let variance = own.variance[channel] + 1e-5
      shift +=
        (other.mean[channel] - own.mean[channel]) * (other.mean[channel] - own.mean[channel])
        / variance / 6
      let ratio = (other.variance[channel] + 1e-5) / variance
      // ln 0.49, for every channel.
      #expect(abs(ratio - 0.49) < 1e-3)
      spread += 0.7133499 * 0.7133499 / 6
    }
    #expect(abs(found.shift - shift.squareRoot()) < 1e-3 * shift.squareRoot() + 1e-5)
    #expect(abs(found.spread - spread.squareRoot()) < 2e-3)
  }

  @Test func `is not known without batch norm, and not of one that was never trained`() throws {
    var sketch = NetworkSketch([3, 9, 9], seed: 1)
    try sketch.convolution("conv", filters: 6, Convolution(3))
    #expect(NormalizationScan(try sketch.network()) == nil)
    var network = try network(trainedOn: pictures)
    network.parameters["norm.running_mean"] = Tensor(shape: [6], repeating: 0)
    network.parameters["norm.running_var"] = Tensor(shape: [6], repeating: 1)
    #expect(NormalizationScan(network) == nil)
  }

  @Test func `is not known of values that are not finite`() throws {
    let network = try network(trainedOn: pictures)
    let scan = try #require(NormalizationScan(network))
    #expect(scan.finding == nil)
    scan.observe(
      network.record(pictures.map { _ in .infinity }, keeping: .only(scan.nodes)),
      pictures: Array(0..<24))
    #expect(scan.finding == nil)
  }

  @Test func `says nothing of a few pictures`() {
    func fit(_ pictures: Int) -> NormalizationFit {
      NormalizationFit(node: "norm", pictures: pictures, shift: 3, spread: 3)
    }
    #expect(!fit(7).isFar && fit(8).isFar)
  }
}

@Suite struct `Doubts about a network` {
  /// A network that says what its pictures say, on pictures that say these choices.
  private func finding(choices: [Int], labels: [Int?], classes: Int) throws -> ClassificationFinding
  {
    var sketch = NetworkSketch([classes, 1, 1], seed: 1)
    try sketch.add("flat", Flatten())
    let network = try sketch.network()
    let scan = ClassificationScan(network, label: { labels[$0] })
    let pictures = Tensor(
      shape: [choices.count, classes, 1, 1],
      choices.flatMap { choice in (0..<classes).map { $0 == choice ? 1 : 0 } })
    scan.observe(
      network.record(pictures, keeping: .only(scan.nodes)), pictures: Array(choices.indices))
    return scan.finding
  }

  private let labels = (0..<100).map { $0 % 10 }

  @Test func `none about right choices`() throws {
    let found = try finding(choices: labels, labels: labels, classes: 10)
    #expect(SetupDoubt.all(in: found, nil) == [])
  }

  @Test func `chance is what equally frequent choices would reach`() throws {
    // Every label once with every choice.
    let found = try finding(choices: labels.indices.map { $0 / 10 }, labels: labels, classes: 10)
    let doubts = SetupDoubt.all(in: found, nil)
    guard case .chance(let accuracy, let expected, 100) = doubts.first, doubts.count == 1 else {
      Issue.record("\(doubts)")
      return
    }
    #expect(accuracy == 0.1 && abs(expected - 0.1) < 1e-12)
  }

  @Test(arguments: [0, 1, 2])
  func `hardly a right choice among a thousand classes is chance`(right: Int) throws {
    // Eighty pictures of as many classes, and choices that are the label of none.
    let labels = (0..<80).map { $0 }
    let choices = labels.indices.map { $0 < right ? labels[$0] : 500 + $0 }
    let found = try finding(choices: choices, labels: labels, classes: 1000)
    #expect(
      SetupDoubt.all(in: found, nil)
        == [.chance(accuracy: Double(right) / 80, expected: 0.001, pictures: 80)])
    // A tenth is far better.
    let better = labels.indices.map { $0 < 8 ? labels[$0] : 500 + $0 }
    #expect(
      SetupDoubt.all(in: try finding(choices: better, labels: labels, classes: 1000), nil) == [])
  }

  @Test func `40 % of ten classes is far better than chance`() throws {
    let choices = labels.indices.map { $0 < 40 ? labels[$0] : (labels[$0] + 1) % 10 }
    #expect(
      SetupDoubt.all(in: try finding(choices: choices, labels: labels, classes: 10), nil) == [])
  }

  @Test func `one choice for all is named, and is as good as chance`() throws {
    let found = try finding(choices: labels.map { _ in 6 }, labels: labels, classes: 10)
    #expect(
      SetupDoubt.all(in: found, nil) == [
        .chance(accuracy: 0.1, expected: 0.1, pictures: 100),
        .oneChoice(classIndex: 6, share: 1, pictures: 100),
      ])
    let unlabelled = try finding(
      choices: labels.map { _ in 6 }, labels: labels.map { _ in nil }, classes: 10)
    #expect(
      SetupDoubt.all(in: unlabelled, nil) == [.oneChoice(classIndex: 6, share: 1, pictures: 100)])
  }

  @Test func `one choice for pictures of that class is right`() throws {
    let found = try finding(
      choices: labels.map { _ in 6 }, labels: labels.map { _ in 6 }, classes: 10)
    #expect(SetupDoubt.all(in: found, nil) == [])
  }

  @Test func `a few pictures are not enough`() throws {
    let found = try finding(choices: [1, 1, 1], labels: [0, 2, 3], classes: 10)
    #expect(SetupDoubt.all(in: found, nil) == [])
  }

  @Test func `statistics far from the training's come first`() throws {
    let fit = NormalizationFit(node: "norm", pictures: 100, shift: 2, spread: 0)
    let found = try finding(choices: labels.map { _ in 6 }, labels: labels, classes: 10)
    #expect(SetupDoubt.all(in: found, fit).first == .statistics(fit))
  }
}

@Suite struct `A known training` {
  private func known(
    _ accuracy: Double?, epochs: Int = 2, steps: Int = 1000
  ) -> KnownTraining {
    KnownTraining(epochs: epochs, steps: steps, accuracy: accuracy, classes: 10)
  }

  @Test func `explains what the network could do no better then`() {
    let chance = SetupDoubt.chance(accuracy: 0.12, expected: 0.1, pictures: 10_000)
    #expect(known(0.13).explains(chance) && known(0.1).explains(chance))
    #expect(!known(0.4).explains(chance) && !known(nil).explains(chance))
    // 50 pictures know an accuracy to 4.6 points: three standard errors are 14.
    let few = SetupDoubt.chance(accuracy: 0.12, expected: 0.1, pictures: 50)
    #expect(known(0.25).explains(few) && !known(0.27).explains(few))
    let one = SetupDoubt.oneChoice(classIndex: 3, share: 0.95, pictures: 100)
    #expect(known(0.14).explains(one) && !known(0.21).explains(one))
    #expect(!known(nil).explains(one))
  }

  @Test func `of few steps explains batch norms that are not settled`() {
    let fit = NormalizationFit(node: "norm", pictures: 100, shift: 2, spread: 0)
    #expect(known(0.9, steps: 29).explains(.statistics(fit)))
    #expect(!known(0.1, steps: 30).explains(.statistics(fit)))
  }

  @Test func `that has not begun explains everything`() {
    let fit = NormalizationFit(node: "norm", pictures: 100, shift: 2, spread: 0)
    let untrained = known(nil, epochs: 0)
    for doubt in [
      .chance(accuracy: 0, expected: 0.1, pictures: 100),
      .oneChoice(classIndex: 0, share: 1, pictures: 100), .statistics(fit),
    ] as [SetupDoubt] {
      #expect(untrained.explains(doubt))
    }
    // No pictures and no classes are nothing to divide by.
    #expect(
      KnownTraining(epochs: 1, steps: 0, accuracy: 0, classes: 0)
        .explains(.chance(accuracy: 0, expected: 0, pictures: 0)))
  }
}

@Suite struct `Preprocessing in the graph` {
  /// Nodes before a convolution, each with the constant that it takes.
  private func own(
    _ steps: [(function: ArithmeticFunction, numbers: [Float], isFirst: Bool)]
  ) throws -> OwnPreprocessing? {
    var nodes: [Graph.Node] = []
    var parameters: [String: Tensor] = ["w": .random([2, 3, 3, 3], seed: 1)]
    var last = Graph.inputName
    for (index, step) in steps.enumerated() {
      let (name, constant) = ("step\(index)", "constant\(index)")
      let count = step.numbers.count
      parameters[constant] = Tensor(shape: count == 1 ? [1] : [1, count, 1, 1], step.numbers)
      nodes.append(Graph.Node(constant, Constant(), inputs: [], parameters: [constant]))
      nodes.append(
        Graph.Node(
          name, Arithmetic(step.function),
          inputs: step.isFirst ? [last, constant] : [constant, last]))
      last = name
    }
    nodes.append(Graph.Node("conv", Convolution(3), inputs: [last], parameters: ["w"]))
    return try Network(
      graph: Graph(inputShape: [3, 8, 8], nodes), parameters: Parameters(parameters)
    ).ownPreprocessing
  }

  @Test func `is found with its steps and the values that it expects`() throws {
    let byDivision = try #require(try own([(.divide, [255], true)]))
    #expect(byDivision.steps == ["divides by 255"] && byDivision.range == .pixels)
    let caffe = try #require(try own([(.subtract, [104, 117, 123], true)]))
    #expect(caffe.steps == ["subtracts 104, 117, 123"] && caffe.range == .pixels)
    let signed = try #require(try own([(.multiply, [1 / 127.5], true), (.add, [-1], true)]))
    #expect(signed.steps.count == 2 && signed.range == .pixels)
    let imagenet = try #require(
      try own([(.subtract, [0.485, 0.456, 0.406], true), (.divide, [0.229, 0.224, 0.225], true)]))
    #expect(imagenet.range == .unit)
    // Caffe's, of a file whose pictures have values from 0 to 1.
    let scaled = try #require(
      try own([(.multiply, [255], true), (.subtract, [104, 117, 123], true)]))
    #expect(scaled.range == .unit)
  }

  @Test func `is nothing that only looks like it`() throws {
    #expect(try own([]) == nil)
    // A constant minus the pictures is no normalization that anybody writes.
    #expect(try own([(.subtract, [1], false)]) == nil)
    #expect(try own([(.power, [2], true)]) == nil)
  }

  @Test func `may be between transpositions`() throws {
    let network = try Network(
      graph: Graph(
        inputShape: [3, 8, 8],
        [
          Graph.Node("last", Transpose([0, 2, 3, 1]), inputs: ["input"]),
          Graph.Node("c", Constant(), inputs: [], parameters: ["c"]),
          Graph.Node("scaled", Arithmetic(.divide), inputs: ["last", "c"]),
          Graph.Node("first", Transpose([0, 3, 1, 2]), inputs: ["scaled"]),
          Graph.Node("conv", Convolution(3), inputs: ["first"], parameters: ["w"]),
        ]),
      parameters: Parameters(["w": .random([2, 3, 3, 3], seed: 1), "c": Tensor(shape: [1], [255])]))
    #expect(network.ownPreprocessing?.steps == ["divides by 255"])
    #expect(network.ownPreprocessing?.range == .pixels)
  }
}

@Suite struct `A verdict on preprocessings` {
  private func evidence(
    right: Int, of count: Int, labelled: Bool = true, _ fit: (shift: Double, spread: Double)? = nil
  ) -> PreprocessingEvidence {
    PreprocessingEvidence(
      name: "\(right)", isRight: (0..<count).map { labelled ? $0 < right : nil },
      fit: fit.map {
        NormalizationFit(node: "n", pictures: count, shift: $0.shift, spread: $0.spread)
      }, entropy: 0.5)
  }

  @Test func `takes what is right far more often than all others`() {
    let verdict = PreprocessingVerdict([
      evidence(right: 40, of: 100), evidence(right: 91, of: 100), evidence(right: 70, of: 100),
    ])
    #expect(verdict.best == 1 && verdict.basis == .accuracy && verdict.isOverwhelming)
  }

  @Test func `only proposes if another is nearly as good`() {
    let verdict = PreprocessingVerdict([evidence(right: 90, of: 100), evidence(right: 85, of: 100)])
    #expect(verdict.best == 0 && !verdict.isOverwhelming)
  }

  @Test func `only proposes on few pictures, or if batch norm disagrees`() {
    let few = PreprocessingVerdict([evidence(right: 19, of: 19), evidence(right: 0, of: 19)])
    #expect(few.best == 0 && !few.isOverwhelming)
    let far = PreprocessingVerdict([
      evidence(right: 50, of: 100, (3, 3)), evidence(right: 10, of: 100, (5, 5)),
    ])
    #expect(far.best == 0 && !far.isOverwhelming)
  }

  @Test func `keeps the usual order of channels unless the other does clearly better`() {
    func pair(_ usual: Int, _ opposite: Int) -> [PreprocessingEvidence] {
      [
        evidence(right: usual, of: 100),
        PreprocessingEvidence(
          name: "opposite", isRight: (0..<100).map { $0 < opposite }, fit: nil, entropy: 0.5,
          usualOrder: 0),
        evidence(right: 20, of: 100),
      ]
    }
    for (usual, opposite, best) in [(91, 88, 0), (88, 91, 0), (60, 91, 1)] {
      let verdict = PreprocessingVerdict(pair(usual, opposite))
      #expect(verdict.best == best && verdict.isOverwhelming)
    }
  }

  @Test func `is decided by batch norm without labels`() {
    let clear = PreprocessingVerdict([
      evidence(right: 0, of: 50, labelled: false, (2, 2)),
      evidence(right: 0, of: 50, labelled: false, (0.1, 0.1)),
    ])
    #expect(clear.best == 1 && clear.basis == .statistics && clear.isOverwhelming)
    let close = PreprocessingVerdict([
      evidence(right: 0, of: 50, labelled: false, (0.2, 0.2)),
      evidence(right: 0, of: 50, labelled: false, (0.1, 0.1)),
    ])
    #expect(close.best == 1 && !close.isOverwhelming)
  }

  @Test func `is none without labels and batch norm`() {
    let verdict = PreprocessingVerdict([
      evidence(right: 0, of: 50, labelled: false), evidence(right: 0, of: 50, labelled: false),
    ])
    #expect(verdict.best == nil && verdict.basis == nil && !verdict.isOverwhelming)
  }
}
