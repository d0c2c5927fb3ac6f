import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

private func lenet5(classes: Int = 4) throws -> Checkpoint {
  let blueprint = try Architecture.lenet5.blueprint(classes: classes, inputShape: [3, 32, 32])
  return Checkpoint(
    try blueprint.network(seed: 3, initialization: .he),
    design: Checkpoint.Design(architecture: "lenet5", classes: classes, input: [3, 32, 32]))
}

private func tensors(of network: Network) -> [String: Tensor] {
  var tensors: [String: Tensor] = [:]
  for name in network.parameters.names { tensors[name] = network.parameters[name] }
  return tensors
}

private func file(
  _ tensors: [String: Tensor], metadata: [String: String] = [:]
) throws -> SafeTensorsFile {
  try SafeTensorsFile(
    data: SafeTensorsFile.bytes(tensors, metadata: metadata), path: "net.safetensors")
}

private func refusal(
  of tensors: [String: Tensor], metadata: [String: String] = [:], architecture: String? = "lenet5"
) -> String {
  do {
    _ = try Checkpoint.load(file(tensors, metadata: metadata), architecture: architecture)
    return "was accepted"
  } catch {
    #expect((error as? FileError)?.kind == .malformed)
    return "\(error)"
  }
}

@Suite struct `Checkpoints of series and volumes` {
  private static let networks: [(Architecture, [Int])] = [
    (.seriesSmall, [2, 50]), (.volumeSmall, [3, 5, 12, 9]),
  ]

  private func network(_ architecture: Architecture, _ input: [Int]) throws -> Network {
    try architecture.blueprint(classes: 3, inputShape: Shape(input))
      .network(seed: 2, initialization: .he)
  }

  @Test(arguments: networks)
  func `are read as they were saved`(architecture: Architecture, input: [Int]) throws {
    let folder = try TemporaryFolder()
    let network = try network(architecture, input)
    let design = Checkpoint.Design(
      architecture: architecture.rawValue, classes: 3, input: input)
    for design in [design, nil] {
      try Checkpoint(network, design: design).save(to: "\(folder.path)/a.safetensors")
      let loaded = try Checkpoint.load("\(folder.path)/a.safetensors")
      #expect(loaded.design == design && loaded.network.graph.inputShape == Shape(input))
      let examples = Tensor.random(Shape([2] + input), seed: 1)
      #expect(
        loaded.network.record(examples).scores.elements
          == network.record(examples).scores.elements)
    }
  }

  @Test(arguments: networks)
  func `are known by their tensors, with the channels of the first filters`(
    architecture: Architecture, input: [Int]
  ) throws {
    let tensors = tensors(of: try network(architecture, input))
    let found = try Checkpoint.load(file(tensors))
    #expect(found.design?.architecture == architecture.rawValue)
    let usual = architecture.usualInputShape.extents
    #expect(found.network.graph.inputShape.extents == [input[0]] + usual.dropFirst())
    // The length is nothing that the weights say.
    let given = try Checkpoint.load(
      file(tensors), architecture: architecture.rawValue, input: Shape(input))
    #expect(given.network.graph.inputShape == Shape(input) && given.network.classCount == 3)
    #expect(
      errorText {
        try Checkpoint.load(
          file(tensors), architecture: architecture.rawValue, input: [input[0], 8, 8])
      }?.contains(
        "expected an input of \(input.count == 2 ? "two" : "four") extents up to") == true)
  }

  @Test func `come as ONNX files with one or three axes`() throws {
    for axes in [1, 3] {
      let window = [Int](repeating: 3, count: axes)
      let model = SyntheticONNX(
        nodes: [
          SyntheticONNX.Node(
            "Conv", ["x", "w"], ["maps"],
            attributes: [SyntheticONNX.attribute("pads", [Int](repeating: 1, count: 2 * axes))]),
          SyntheticONNX.Node(
            "MaxPool", ["maps"], ["pooled"],
            attributes: [
              SyntheticONNX.attribute("kernel_shape", [Int](repeating: 2, count: axes)),
              SyntheticONNX.attribute("strides", [Int](repeating: 2, count: axes)),
            ]),
          SyntheticONNX.Node("GlobalAveragePool", ["pooled"], ["means"]),
          SyntheticONNX.Node("Flatten", ["means"], ["y"]),
        ],
        initializers: [
          .init("w", [4, 2] + window, (0..<(8 * window.reduce(1, *))).map { Float($0) })
        ],
        extents: [nil, 2] + [Int](repeating: 6, count: axes))
      let loaded = try Checkpoint.load(
        ONNXModel(FileBytes(model.data, path: "x.onnx")))
      #expect(
        loaded.network.graph.inputShape.extents == [2] + [Int](repeating: 6, count: axes))
      #expect(loaded.network.classCount == 4)
    }
  }
}

@Suite struct Checkpoints {
  private struct Facts: Codable, Equatable {
    var rates: [Double]
    var note: String?
  }

  @Test func `everything is read as it was saved, and saved as the same bytes`() throws {
    let folder = try TemporaryFolder()
    var checkpoint = try lenet5()
    checkpoint.classNames = ["a", "b \"c\"", "ü", "d"]
    checkpoint.state["momentum.conv1.bias"] = Tensor(shape: [6], repeating: 0.25)
    checkpoint.setMetadata(Facts(rates: [0.1, 1e-7], note: nil), for: "fovea.facts")
    checkpoint.metadata["other"] = "program"
    try checkpoint.save(to: "\(folder.path)/a.safetensors")

    let loaded = try Checkpoint.load("\(folder.path)/a.safetensors")
    #expect(loaded.design == checkpoint.design)
    #expect(loaded.classNames == checkpoint.classNames)
    #expect(loaded.metadata == checkpoint.metadata)
    #expect(loaded.state.keys.sorted() == ["momentum.conv1.bias"])
    #expect(loaded.state["momentum.conv1.bias"]?.elements == [Float](repeating: 0.25, count: 6))
    #expect(try loaded.metadata(Facts.self, for: "fovea.facts") == Facts(rates: [0.1, 1e-7]))
    #expect(try loaded.metadata(Facts.self, for: "fovea.nothing") == nil)
    #expect(throws: FileError.self) { try loaded.metadata([Int].self, for: "fovea.facts") }
    let pictures = Tensor(shape: [2, 3, 32, 32], repeating: 0.5)
    #expect(
      loaded.network.record(pictures).scores.elements
        == checkpoint.network.record(pictures).scores.elements)

    try loaded.save(to: "\(folder.path)/b.safetensors")
    #expect(
      try readFile("\(folder.path)/a.safetensors") == readFile("\(folder.path)/b.safetensors"))
    try checkpoint.save(to: "\(folder.path)/half.safetensors", precision: .half)
    let half = try Checkpoint.load("\(folder.path)/half.safetensors")
    #expect(half.network.parameters.names == checkpoint.network.parameters.names)
    for name in checkpoint.network.parameters.names {
      let (rounded, exact) = (
        try #require(half.network.parameters[name]).elements,
        try #require(checkpoint.network.parameters[name]).elements
      )
      #expect(rounded.count == exact.count)
      #expect(zip(rounded, exact).allSatisfy { abs($0 - $1) <= abs($1) / 2048 + 0x1p-25 })
    }
  }

  @Test func `another program's weights tell their channels and classes`() throws {
    let weights = tensors(of: try lenet5(classes: 7).network)
    #expect(
      refusal(of: weights, architecture: "lenet")
        == "net.safetensors: expected the name of an architecture, found \"lenet\"; "
        + "did you mean \"lenet5\" or \"alexnet\"?")
    let loaded = try Checkpoint.load(file(weights), architecture: "lenet5")
    #expect(
      loaded.design == Checkpoint.Design(architecture: "lenet5", classes: 7, input: [3, 28, 28]))
    let wide = try Checkpoint.load(file(weights), architecture: "lenet5", input: [3, 32, 32])
    #expect(wide.network.graph.inputShape == [3, 32, 32])
  }

  @Test func `PyTorch's wrappers and counters do not matter`() throws {
    var weights: [String: Tensor] = [:]
    for (name, tensor) in tensors(of: try lenet5().network) { weights["module." + name] = tensor }
    weights["module.bn.num_batches_tracked"] = Tensor(shape: [], [5])
    #expect(try Checkpoint.load(file(weights), architecture: "lenet5").classNames == [])
  }

  @Test func `weights that do not fit are named with both shapes`() throws {
    var weights = tensors(of: try lenet5().network)
    weights["fc4.weight"] = Tensor(shape: [84, 121], repeating: 0)
    #expect(
      refusal(of: weights)
        == """
        net.safetensors: expected "fc4.weight" of lenet5 to be [84, 120], found [84, 121]
        """)
  }

  @Test func `missing and unexpected weights are counted, the first is named`() throws {
    var weights = tensors(of: try lenet5().network)
    weights["fc4.wieght"] = weights.removeValue(forKey: "fc4.weight")
    weights["extra"] = Tensor(shape: [], [0])
    #expect(
      refusal(of: weights)
        == """
        net.safetensors: lacks 1 of the 10 parameters of lenet5, the first "fc4.weight", and has \
        2 that lenet5 does not have; did you mean "fc4.wieght"?
        """)
    weights["fc4.weight"] = weights["fc4.wieght"]
    #expect(
      refusal(of: weights)
        == """
        net.safetensors: has 2 tensors that lenet5 does not have, the first "extra"
        """)
  }

  @Test func `weights that are no floating-point numbers are refused`() throws {
    var data = SafeTensorsFile.bytes(tensors(of: try lenet5().network))
    let place = try #require(data.range(of: Data("F32".utf8)))
    data.replaceSubrange(place, with: Data("I32".utf8))
    let file = try SafeTensorsFile(data: data, path: "x")
    #expect(
      throws: FileError(
        .malformed, "x", "expected \"conv1.bias\" in floating point, found I32")
    ) { try Checkpoint.load(file, architecture: "lenet5") }
  }

  private static let designs: [(design: String, reason: String)] = [
    (
      #"{"architecture":"lenet5","classes":4,"input":[3,32]}"#,
      "expected an input of three extents up to 65536, found [3, 32]"
    ),
    (
      #"{"architecture":"lenet5","classes":4,"input":[3,32,99999999999]}"#,
      "expected an input of three extents up to 65536, found [3, 32, 99999999999]"
    ),
    (
      #"{"architecture":"lenet5","classes":0,"input":[3,32,32]}"#,
      "expected 1 to 1000000 classes, found 0"
    ),
    (
      #"{"architecture":"lenet5","classes":4,"dropout":1,"input":[3,32,32]}"#,
      "expected a dropout from 0 and below 1, found 1.0"
    ),
    (
      #"{"classes":4}"#,
      #"expected the network's design in its metadata, found "{\"classes\":4}""#
    ),
  ]

  @Test(arguments: designs)
  func `a design that nothing can be built by is refused`(design: String, reason: String) throws {
    #expect(
      refusal(
        of: tensors(of: try lenet5().network), metadata: ["fovea.network": design],
        architecture: nil) == "net.safetensors: \(reason)")
  }

  @Test func `a design with the largest input of all is refused without a trap`() throws {
    for architecture in Architecture.allCases {
      let rank = architecture.usualInputShape.rank
      let extents = [[65536, 65536, 65536, 65536], [1, 1, 1, 1], [65536, 1, 65536, 1]]
      for extents in extents.map({ $0.prefix(rank).map(String.init).joined(separator: ",") }) {
        let design =
          #"{"architecture":"\#(architecture.rawValue)","classes":1000000,"input":[\#(extents)]}"#
        let reason = refusal(of: [:], metadata: ["fovea.network": design], architecture: nil)
        #expect(
          reason.contains("expected pictures that") || reason.contains("lacks")
            || rank == 4 && reason.contains("expected an input of four extents"))
      }
    }
  }

  @Test(.slow, arguments: 0..<4 as Range<UInt64>)
  func `a checkpoint with random errors is loaded or refused, never fatal`(seed: UInt64) throws {
    var checkpoint = try lenet5()
    checkpoint.classNames = ["a", "b", "c", "d"]
    checkpoint.state["momentum.conv1.bias"] = Tensor(shape: [6], repeating: 0)
    var tensors = tensors(of: checkpoint.network)
    tensors["state.momentum.conv1.bias"] = Tensor(shape: [6], repeating: 0)
    let whole = Array(
      SafeTensorsFile.bytes(
        tensors,
        metadata: [
          "fovea.network": #"{"architecture":"lenet5","classes":4,"input":[3,32,32]}"#,
          "fovea.classes": #"["a","b","c","d"]"#,
        ]))
    var random = SeededGenerator(seed: seed)
    let telling = Array("{}[]\",:0123456789-.e\\ lenet5".utf8)
    var reads = DamagedReads()
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        // The length is kept, so that most files get past the header.
        bytes[8 + Int.random(in: 0..<200, using: &random)] =
          telling.randomElement(using: &random) ?? 0
      }
      guard let file = try? SafeTensorsFile(data: Data(bytes), path: "x") else { continue }
      for architecture in [nil, "lenet5", "mlp"] {
        reads.attempt {
          let loaded = try Checkpoint.load(file, architecture: architecture)
          #expect(loaded.network.classCount == loaded.design?.classes)
        }
      }
    }
    reads.expectBoth()
  }

  @Test func `class names must be as many as the classes`() throws {
    let metadata = [
      "fovea.network": #"{"architecture":"lenet5","classes":4,"input":[3,32,32]}"#,
      "fovea.classes": #"["a","b"]"#,
    ]
    #expect(
      refusal(of: tensors(of: try lenet5().network), metadata: metadata, architecture: nil)
        == "net.safetensors: expected 4 class names, found 2")
    #expect(
      refusal(of: tensors(of: try lenet5().network), metadata: metadata, architecture: "mlp")
        == "net.safetensors: expected mlp, found weights of lenet5")
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `a real file of another architecture is refused with its names`() throws {
    let path = SharedData.path("models/resnet20_cifar10.safetensors")
    let error = #expect(throws: FileError.self) {
      try Checkpoint.load(path, architecture: "vgg11")
    }
    #expect(
      error?.reason == """
        lacks 22 of the 22 parameters of vgg11, the first "classifier.0.bias", and has 97 that \
        vgg11 does not have
        """)
  }
}
