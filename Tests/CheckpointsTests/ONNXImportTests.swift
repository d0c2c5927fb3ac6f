import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

private typealias Node = SyntheticONNX.Node

private func network(
  _ model: SyntheticONNX, inputShape: Shape? = nil
) throws -> ONNXModel.Import {
  try ONNXModel(FileBytes(model.data, path: "x")).network(inputShape: inputShape)
}

@Suite struct `ONNX graphs as networks` {
  /// The format allows a message in parts, which follow each other.
  @Test func `a graph in two parts`() throws {
    let data = SyntheticONNX(
      nodes: [Node("Relu", ["x"], ["h"]), Node("Sigmoid", ["h"], ["y"])]
    ).data
    var model = try #require(WireMessage(data))
    let graph = try #require(model.messages(7).first)
    model.fields.removeAll { $0.key == 7 }
    for place in graph.fields.indices {
      var part = graph
      part.fields = [graph.fields[place]]
      model.fields.append((7, .bytes(part.data)))
    }
    let whole = try ONNXModel(FileBytes(data, path: "x")).network(inputShape: nil).network
    let parts = try ONNXModel(FileBytes(model.data, path: "x")).network(inputShape: nil).network
    #expect(parts.graph.nodes.map(\.name) == ["h", "y"])
    #expect(parts.graph.nodes.map(\.inputs) == whole.graph.nodes.map(\.inputs))
    #expect(parts.graph.inputShape == whole.graph.inputShape)
  }

  @Test func `the arithmetic on shapes leaves no nodes behind`() throws {
    // x.view(x.size(0), -1), as PyTorch writes it.
    let built = try network(
      SyntheticONNX(
        nodes: [
          Node("Shape", ["x"], ["shape"]),
          Node(
            "Gather", ["shape", "zero"], ["batch"],
            attributes: [
              SyntheticONNX.attribute("axis", 0)
            ]),
          Node(
            "Concat", ["batch", "minus"], ["target"],
            attributes: [
              SyntheticONNX.attribute("axis", 0)
            ]),
          Node("Reshape", ["x", "target"], ["/Reshape_output_0"], name: "/Reshape"),
          Node("Relu", ["/Reshape_output_0"], ["y"]),
        ],
        initializers: [.init("zero", integers: [0]), .init("minus", integers: [-1])])
    ).network
    #expect(built.graph.nodes.map(\.name) == ["/Reshape", "y"])
    #expect(built.graph["/Reshape_output_0"]?.name == "/Reshape")
    #expect(built.shapes["y"] == [1, 16])
    // A batch of another size also runs.
    #expect(built.record(Tensor(shape: [3, 1, 4, 4], repeating: 1))["y"].shape == [3, 16])
  }

  @Test func `a slice to the greatest integer keeps the rest`() throws {
    let built = try network(
      SyntheticONNX(
        nodes: [Node("Slice", ["x", "starts", "ends", "axes"], ["y"])],
        initializers: [
          .init("starts", integers: [1]), .init("ends", integers: [.max]),
          .init("axes", integers: [3]),
        ])
    ).network
    #expect(built.shapes["y"] == [1, 1, 4, 3])
  }

  @Test func `nodes may stand in any order, and unneeded ones are left out`() throws {
    let built = try network(
      SyntheticONNX(
        nodes: [
          Node("Neg", ["b"], ["y"]), Node("Frobnicate", ["x"], ["aux"]),
          Node("Relu", ["x"], ["b"]),
        ], outputs: ["y", "aux"]))
    #expect(built.network.graph.nodes.map(\.name) == ["b", "y"])
    #expect(
      built.notes == [
        "the network ends with \"y\", and leaves out \"aux\"; --head NAME changes that"
      ])
  }

  @Test func `a network ends with the output that is asked for`() throws {
    let folder = try TemporaryFolder()
    let file = SyntheticONNX(
      nodes: [
        Node("Neg", ["b"], ["y"]), Node("Abs", ["x"], ["aux"]), Node("Relu", ["x"], ["b"]),
      ], outputs: ["y", "aux"])
    try folder.write(file.data, "two.onnx")
    let built = try Checkpoint.load(folder["/two.onnx"], head: "aux")
    #expect(built.network.graph.nodes.map(\.name) == ["aux"])
    #expect(
      built.notes.first
        == "the network ends with \"aux\", and leaves out \"y\"; --head NAME changes that")
    do throws(FileError) {
      _ = try Checkpoint.load(folder["/two.onnx"], head: "b")
      Issue.record("'b' is no output")
    } catch {
      #expect(error.description.hasSuffix("has no output \"b\"; it has \"y\", \"aux\""))
    }
  }

  @Test func `a value called input is no picture`() throws {
    let built = try network(
      SyntheticONNX(nodes: [Node("Relu", ["x"], ["input"]), Node("Neg", ["input"], ["y"])]))
    #expect(built.network.graph.nodes.map(\.name) == ["input.1", "y"])
    let output = built.network.record(Tensor(shape: [1, 1, 4, 4], repeating: 2))["y"]
    #expect(output.elements.allSatisfy { $0 == -2 })
  }

  @Test func `an open size is ImageNet's for three channels, and asked for otherwise`() throws {
    let node = [Node("Relu", ["x"], ["y"])]
    let color = try network(SyntheticONNX(nodes: node, extents: [nil, 3, nil, nil]))
    #expect(color.network.graph.inputShape == [3, 224, 224])
    #expect(
      color.notes == [
        "the file leaves the pictures' size open; built for 224 × 224; --input CxHxW changes that"
      ])
    let gray = SyntheticONNX(nodes: node, extents: [nil, 1, nil, nil])
    #expect(
      errorText { try network(gray) }
        == "x: leaves the size of its pictures open; expected it to be given")
    #expect(try network(gray, inputShape: [1, 9, 8]).network.shapes["y"] == [1, 1, 9, 8])
    #expect(
      errorText { try network(gray, inputShape: [3, 9, 8]) }
        == "x: expected pictures of [1, any, any], found [3, 9, 8]")
  }

  @Test func `pictures that TensorFlow lays out by pixels are turned`() throws {
    let built = try network(
      SyntheticONNX(
        nodes: [
          Node(
            "Transpose", ["x"], ["t"],
            attributes: [
              SyntheticONNX.attribute("perm", [0, 3, 1, 2])
            ]),
          Node("Relu", ["t"], ["y"]),
        ], extents: [nil, 16, 8, 3]))
    #expect(built.network.graph.inputShape == [3, 16, 8])
    #expect(built.network.graph.nodes.map(\.name) == ["y"])
  }

  /// A cast between two transpositions is kept when these cancel out: 100 / 255 is not 0.
  @Test(arguments: [2, 6]) func `whole numbers become fractions where the file says so`(
    type: Int
  ) throws {
    var model = SyntheticONNX(
      nodes: [
        Node("Cast", ["x"], ["f"], attributes: [SyntheticONNX.attribute("to", 1)]),
        Node(
          "Transpose", ["f"], ["t"], attributes: [SyntheticONNX.attribute("perm", [0, 3, 1, 2])]),
        Node("Div", ["t", "s"], ["y"]),
      ], initializers: [.init("s", [], [255])], extents: [nil, 16, 8, 3])
    model.type = type
    let built = try network(model)
    #expect(built.takesIntegers)
    let output = built.network.record(Tensor(shape: [1, 3, 16, 8], repeating: 100))["y"]
    #expect(output.elements.allSatisfy { abs($0 - 100 / 255) < 1e-6 })
  }

  @Test func `weights of every storage form are the same numbers`() throws {
    func sum(_ initializer: SyntheticONNX.Initializer) throws -> [Float] {
      let built = try network(
        SyntheticONNX(
          nodes: [Node("Add", ["x", "w"], ["y"])], initializers: [initializer],
          extents: [nil, 2])
      ).network
      return built.record(Tensor(shape: [1, 2], repeating: 0))["y"].elements
    }
    let expected: [Float] = [1.5, -2]
    func packed(_ number: Int, _ bytes: [UInt8]) -> Data { field(number, Data(bytes)) }
    let doubles = expected.flatMap { number in
      withUnsafeBytes(of: Double(number).bitPattern.littleEndian) { Array($0) }
    }
    let floats = expected.flatMap { number in
      withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    }
    for (type, content) in [
      (1, packed(4, floats)), (1, packed(9, floats)), (11, packed(10, doubles)),
      (11, packed(9, doubles)),
      (10, packed(9, [0x00, 0x3E, 0x00, 0xC0])), (16, packed(9, [0xC0, 0x3F, 0x00, 0xC0])),
      // The bits of float16 as numbers: 15872 and 49152.
      (10, packed(5, [0x80, 0x7C, 0x80, 0x80, 0x03])),
    ] {
      #expect(try sum(.init("w", [2], type: type, content)) == expected, "type \(type)")
    }
    #expect(try sum(.init("w", [2], type: 3, packed(9, [1, 0xFE]))) == [1, -2])
  }

  @Test func `weights in a file beside the model`() throws {
    try withTemporaryFolder { folder in
      var weights = Data(count: 8)
      for number: Float in [3, 4] {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { weights.append(contentsOf: $0) }
      }
      try writeFile(weights, to: "\(folder)/weights.bin")
      let model = SyntheticONNX(
        nodes: [Node("Add", ["x", "w"], ["y"])],
        initializers: [
          .init("w", [2], external: ["location": "weights.bin", "offset": "8", "length": "8"])
        ], extents: [nil, 2])
      try writeFile(model.data, to: "\(folder)/model.onnx")
      let built = try ONNXModel("\(folder)/model.onnx").network().network
      #expect(
        built.record(Tensor(shape: [1, 2], repeating: 0))["y"].elements == [3, 4])
    }
  }

  @Test func `a checkpoint keeps who wrote it`() throws {
    let model = SyntheticONNX(nodes: [Node("Flatten", ["x"], ["y"])])
    let checkpoint = try Checkpoint.load(FileBytes(model.data, path: "x.onnx"))
    #expect(checkpoint.design == nil)
    #expect(checkpoint.network.classCount == 16)
  }
}
