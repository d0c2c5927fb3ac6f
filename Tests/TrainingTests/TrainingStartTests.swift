import Checkpoints
import Files
import Networks
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct `Training starts` {
  private let origin = TrainingStart.Origin(checkpoint: "given.onnx", sha256: "00")

  private func checkpoint(
    _ architecture: Architecture = .lenet5, classes names: [String], seed: UInt64 = 1
  ) throws -> Checkpoint {
    let input = architecture.usualInputShape
    return Checkpoint(
      try architecture.blueprint(classes: names.count, inputShape: input)
        .network(seed: seed, initialization: .he),
      design: Checkpoint.Design(
        architecture: architecture.rawValue, classes: names.count, input: input.extents),
      classNames: names, metadata: [Checkpoint.Key.recipe: "{}", "other": "kept"],
      state: ["momentum.x": Tensor(shape: [1], repeating: 0)])
  }

  private func same(_ a: Network, _ b: Network, _ name: String) -> Bool {
    a.parameters[name]?.elements == b.parameters[name]?.elements
  }

  @Test func `the same classes in another order keep the classifier`() throws {
    let given = try checkpoint(classes: ["a", "b", "c"])
    let start = try TrainingStart(
      from: given, origin, classNames: ["c", "a", "b"], rows: [2, 0, 1], seed: 0)
    #expect(start.freshParameters.isEmpty)
    #expect(start.checkpoint.classNames == ["c", "a", "b"])
    #expect(start.checkpoint.state.isEmpty)
    #expect(start.checkpoint.metadata[Checkpoint.Key.recipe] == nil)
    #expect(start.checkpoint.metadata["other"] == "kept")
    let pictures = Tensor.random([2, 1, 28, 28], seed: 1)
    let before = given.network.record(pictures).scores.elements
    let after = start.checkpoint.network.record(pictures).scores.elements
    expectClose(
      after, [2, 0, 1, 5, 3, 4].map { Double(before[$0]) }, relative: 1e-5, absolute: 1e-6)
    #expect(start.remarks.last == "the classifier is kept: given.onnx has all 3 classes")
    let identical = try TrainingStart(
      from: given, origin, classNames: given.classNames, rows: [0, 1, 2], seed: 0)
    for name in given.network.parameters.names {
      #expect(same(identical.checkpoint.network, given.network, name))
    }
  }

  @Test(arguments: [true, false])
  func `an architecture starts from scratch, named or not`(isNamed: Bool) throws {
    var given = try checkpoint(classes: ["a", "b", "c"])
    if !isNamed { given.design = nil }
    given.setMetadata(origin, for: TrainingStart.originKey)
    let start = try TrainingStart(architectureOf: given, classNames: ["d", "e"], seed: 4)
    let network = start.checkpoint.network
    #expect(network.classCount == 2)
    #expect(start.checkpoint.classNames == ["d", "e"])
    #expect(start.checkpoint.design?.classes == (isNamed ? 2 : nil))
    #expect(start.checkpoint.metadata[TrainingStart.originKey] == nil)
    #expect(start.freshParameters == network.learnedParameters)
    for name in network.learnedParameters where name.hasSuffix("weight") {
      #expect(!same(network, given.network, name), "\(name)")
    }
    let recipe = Recipe(architecture: "", data: "x", from: "given.onnx")
    let all = network.parameters.names.reduce(0) { $0 + (network.parameters[$1]?.count ?? 0) }
    #expect(try start.learnedCount(recipe) == all)
  }

  @Test func `what learns is counted`() throws {
    let given = try checkpoint(classes: ["a", "b", "c"])
    let start = try TrainingStart(
      from: given, origin, classNames: ["d", "e"], rows: [nil, nil], seed: 0)
    var recipe = Recipe(architecture: "", data: "x", from: "given.onnx")
    recipe.layers.copiedRate = 0
    let classifier = try start.checkpoint.network.classifier()
    let own = classifier.parameters.reduce(0) {
      $0 + (start.checkpoint.network.parameters[$1]?.count ?? 0)
    }
    #expect(try start.learnedCount(recipe) == own)
  }

  @Test func `other classes get a new classifier that begins with the rows it can keep`() throws {
    let given = try checkpoint(classes: ["a", "b", "c"])
    let classifier = try given.network.classifier()
    let start = try TrainingStart(
      from: given, origin, classNames: ["b", "d"], rows: [1, nil], seed: 0)
    #expect(start.freshParameters == classifier.parameters)
    #expect(start.checkpoint.design?.classes == 2)
    for name in given.network.learnedParameters.subtracting(classifier.parameters) {
      #expect(same(start.checkpoint.network, given.network, name))
    }
    #expect(
      start.remarks.last
        == "the classifier is new: given.onnx has 1 of the 2 classes; it begins with the rows of b")
    let fewer = try TrainingStart(
      from: given, origin, classNames: ["c", "a"], rows: [2, 0], seed: 0)
    #expect(
      fewer.remarks.last
        == "2 of the 3 classes of given.onnx are kept: the classifier has only their rows")
    let others = try TrainingStart(
      from: given, origin, classNames: ["d", "e", "f"], rows: [nil, nil, nil], seed: 0)
    #expect(
      others.remarks.last == "the classifier is new: given.onnx has none of the 3 classes")
    // It is written and read as the architecture that it is.
    let folder = try TemporaryFolder()
    try start.checkpoint.save(to: folder["/x.safetensors"])
    let read = try Checkpoint.load(folder["/x.safetensors"])
    #expect(read.network.classCount == 2)
    #expect(read.design == start.checkpoint.design)

    let new = try TrainingStart(
      from: given, origin, classNames: ["a", "b", "c"], rows: [0, 1, 2], newClassifier: true,
      seed: 0)
    #expect(new.freshParameters == classifier.parameters)
    #expect(new.remarks.last == "the classifier is new, as asked for")
    let weights = try #require(classifier.parts.first?.parameter)
    #expect(!same(new.checkpoint.network, given.network, weights))
    // The same seed gives the same rows.
    let again = try TrainingStart(
      from: given, origin, classNames: ["a", "b", "c"], rows: [0, 1, 2], newClassifier: true,
      seed: 0)
    #expect(same(new.checkpoint.network, again.checkpoint.network, weights))
  }

  @Test func `weights are copied into another network where they fit`() throws {
    let given = try checkpoint(.vggSmall, classes: ["a", "b", "c"])
    let fresh = try checkpoint(.vggSmall, classes: ["d", "c"], seed: 2)
    let start = try TrainingStart(fresh, copying: given, origin, rows: [nil, 2])
    let classifier = try given.network.classifier()
    #expect(start.freshParameters == classifier.parameters)
    let network = start.checkpoint.network
    for name in network.parameters.names where !classifier.parameters.contains(name) {
      #expect(same(network, given.network, name), "\(name)")
    }
    for part in classifier.parts {
      let width = try #require(given.network.parameters[part.parameter]).count / 3
      let (own, old, new) = (
        try #require(network.parameters[part.parameter]).elements,
        try #require(given.network.parameters[part.parameter]).elements,
        try #require(fresh.network.parameters[part.parameter]).elements
      )
      #expect(own[..<width] == new[..<width])
      #expect(Array(own[width...]) == Array(old[(2 * width)...]))
    }
    // Without a layer before it, the classifier has another size.
    var changes = ArchitectureChanges()
    try changes.add("remove=fc4")
    let changed = try TrainingStart(
      Checkpoint(
        try Architecture.lenet5.blueprint(classes: 2).changed(by: changes).blueprint
          .network(seed: 1, initialization: .he), design: nil, classNames: ["a", "b"]),
      copying: try checkpoint(.lenet5, classes: ["a", "b"]), origin, rows: [0, 1])
    let kept = try changed.checkpoint.metadata(
      TrainingStart.Origin.self, for: TrainingStart.originKey)
    #expect(kept?.keptClasses == [])
    #expect(
      changed.remarks.last == "the classifier is new, its layer in given.onnx is another one")
    let other = try checkpoint(.lenet5, classes: ["a", "b"])
    #expect(
      throws: FileError(
        .malformed, "given.onnx",
        "expected weights with names and shapes of those of lenet5, found none")
    ) {
      try TrainingStart(other, copying: given, origin, rows: [nil, nil])
    }
  }

  @Test func `dropout can be set in a network that was given`() throws {
    let given = try checkpoint(.alexnetSmall, classes: ["a", "b"])
    for design in [given.design, nil] {
      var given = given
      given.design = design
      let start = try TrainingStart(
        from: given, origin, classNames: ["a", "b"], rows: [0, 1], dropout: 0.125, seed: 0)
      let rates = start.checkpoint.network.graph.nodes.compactMap {
        ($0.operation as? Dropout)?.rate
      }
      #expect(!rates.isEmpty && rates.allSatisfy { $0 == 0.125 })
      #expect(start.checkpoint.design?.dropout == (design == nil ? nil : 0.125))
    }
  }
}
