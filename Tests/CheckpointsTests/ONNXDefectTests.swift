import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

/// The error for a file with these bytes; "was accepted" if there is none.
private func refusal(of data: Data) -> String {
  do throws(FileError) {
    _ = try ONNXModel(FileBytes(data, path: "x")).network(memory: MemoryBudget(bytes: 2 << 30))
    return "was accepted"
  } catch {
    #expect(!error.description.contains("\n"))
    return error.description
  }
}

private func refusal(of model: SyntheticONNX) -> String { refusal(of: model.data) }

@Suite struct `Broken ONNX models` {
  private typealias Node = SyntheticONNX.Node

  @Test func `nodes in a circle`() {
    let model = SyntheticONNX(nodes: [
      Node("Add", ["x", "b"], ["a"], name: "first"), Node("Relu", ["a"], ["b"], name: "second"),
      Node("Relu", ["b"], ["y"], name: "last"),
    ])
    #expect(
      refusal(of: model)
        == "x: node \"first\" (Add): depends on its own output")
  }

  @Test(.slow) func `a long chain is no deep recursion`() throws {
    let nodes = (0..<20_000).map { Node("Identity", [$0 == 0 ? "x" : "v\($0)"], ["v\($0 + 1)"]) }
    let model = SyntheticONNX(nodes: nodes.reversed() + [Node("Relu", ["v20000"], ["y"])])
    #expect(refusal(of: model) == "was accepted")
  }

  @Test func `names that are given twice`() {
    let twice = SyntheticONNX(nodes: [
      Node("Relu", ["x"], ["y"], name: "one"), Node("Neg", ["x"], ["y"], name: "two"),
    ])
    #expect(
      refusal(of: twice) == "x: node \"two\" (Neg): expected every value once, found \"y\" twice")
    let weights = SyntheticONNX(
      nodes: [Node("Add", ["x", "w"], ["y"])],
      initializers: [.init("w", [1], [2]), .init("w", [1], [3])])
    #expect(
      refusal(of: weights) == "x: expected every initialiser once, found \"w\" twice")
  }

  @Test func `weights that are not there`() {
    let model = SyntheticONNX(nodes: [Node("Conv", ["x", "w"], ["y"], name: "conv")])
    #expect(
      refusal(of: model)
        == "x: node \"conv\" (Conv): reads \"w\", which no node in the file computes")
  }

  @Test func `an output that nothing gives`() {
    #expect(
      refusal(of: SyntheticONNX(nodes: [Node("Relu", ["x"], ["z"])]))
        == "x: no node computes the output \"y\"")
  }

  @Test func `dimensions below nothing and beyond any file`() {
    func refusalOfWeights(_ extents: [Int]) -> String {
      refusal(
        of: SyntheticONNX(
          nodes: [Node("Add", ["x", "w"], ["y"])], initializers: [.init("w", extents, [1])]))
    }
    #expect(
      refusalOfWeights([-1]) == "x: tensor \"w\": expected extents of at least 0, found [-1]")
    #expect(
      refusalOfWeights([1 << 40, 1 << 40])
        == "x: tensor \"w\": shape [1099511627776, 1099511627776] is too large for any file")
    #expect(
      refusalOfWeights([1 << 30])
        == "x: tensor \"w\": expected 4294967296 bytes for F32 [1073741824], found 4")
  }

  @Test func `constants that unfold to more than memory`() {
    let model = SyntheticONNX(
      nodes: [
        Node("ConstantOfShape", ["s"], ["big"], name: "fill"), Node("Add", ["x", "big"], ["y"]),
      ], initializers: [.init("s", integers: [1 << 20, 1 << 10])])
    #expect(
      refusal(of: model)
        == "x: node \"fill\" (ConstantOfShape): needs 4 GiB for constants that the file describes "
        + "but does not contain, more than the 1 GiB that remain for them")
  }

  @Test func `activations larger than memory`() {
    let model = SyntheticONNX(
      nodes: [Node("Tile", ["x", "r"], ["y"], name: "tile")],
      initializers: [.init("r", integers: [1, 1, 1 << 16, 1 << 14])])
    #expect(refusal(of: model).hasPrefix("x: node \"tile\" (Tile): "))
  }

  @Test func `an operator that nobody knows`() {
    let model = SyntheticONNX(
      nodes: [Node("Frobnicate", ["x"], ["y"], name: "frob", domain: "org.example")])
    #expect(
      refusal(of: model)
        == "x: node \"frob\" (Frobnicate): the operator \"Frobnicate\" of \"org.example\", "
        + "opset 1, is not supported")
    let nodes = try? ONNXModel(FileBytes(model.data, path: "x")).nodes
    #expect(nodes?.map(\.operatorName) == ["Frobnicate"])
    #expect(nodes?.first?.domain == "org.example")
  }

  @Test func `numbers that do not end`() {
    #expect(
      refusal(of: Data([0x08, 0xFF, 0xFF]))
        == "x: expected the number at byte 1 to end, found the end of the message")
    #expect(
      refusal(of: Data([0x08] + [UInt8](repeating: 0xFF, count: 12)))
        == "x: expected a number of 64 bits at byte 1, found a longer one")
    #expect(
      refusal(of: Data([0x3A, 0x7F, 0x00]))
        == "x: expected 127 bytes from byte 2 on, found 1: the file is cut off or damaged")
  }

  @Test func `graphs nested without end`() {
    // Each level: a graph with a node whose attribute is a graph.
    var graph = Data()
    for _ in 0..<100 {
      let attribute = field(6, graph)
      graph = field(1, field(5, attribute))
    }
    #expect(
      refusal(of: field(7, graph)) == "x: expected at most 16 graphs within each other")
  }

  @Test(arguments: ["../secret.bin", "/etc/hostname", "sub/../../secret.bin", "link/secret.bin"])
  func `weights in files outside the folder`(location: String) throws {
    try withTemporaryFolder { folder in
      let (inside, outside) = ("\(folder)/model", "\(folder)/elsewhere")
      try makeFolder(inside)
      try makeFolder(outside)
      for place in ["\(folder)/secret.bin", "\(outside)/secret.bin"] {
        try writeFile(Data(count: 4), to: place)
      }
      try FileManager.default.createSymbolicLink(
        atPath: "\(inside)/link", withDestinationPath: outside)
      let model = SyntheticONNX(
        nodes: [Node("Add", ["x", "w"], ["y"])],
        initializers: [.init("w", [1], external: ["location": location])])
      try writeFile(model.data, to: "\(inside)/model.onnx")
      let text = errorText { try ONNXModel("\(inside)/model.onnx").network() }
      #expect(
        text?.hasSuffix(
          "expected a file in the model's folder, found the location \"\(location)\"") == true)
    }
  }

  @Test(arguments: 0..<20)
  func `damaged files are refused or read, and never stop the program`(seed: UInt64) {
    let model = SyntheticONNX(
      nodes: [
        Node("Conv", ["x", "w"], ["c"]), Node("Relu", ["c"], ["r"]),
        Node("Reshape", ["r", "s"], ["y"]),
      ],
      initializers: [
        .init("w", [2, 1, 3, 3], [Float](repeating: 0.5, count: 18)),
        .init("s", integers: [1, -1]),
      ]
    ).data
    var mutations = Mutations(seed: seed)
    var reads = DamagedReads()
    for _ in 0..<200 {
      reads.attempt {
        try ONNXModel(FileBytes(mutations.changed(model), path: "x"))
          .network(memory: MemoryBudget(bytes: 2 << 30))
      }
    }
    reads.expectBoth()
  }
}
