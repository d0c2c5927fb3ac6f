import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

private typealias Node = SyntheticONNX.Node
private typealias Initializer = SyntheticONNX.Initializer

/// The output of one node of an older opset, and its shape.
private func output(
  _ kind: String, opset: Int? = 6, of image: Tensor, _ operands: [Initializer] = [],
  attributes: [Data] = []
) throws -> Tensor {
  let names = operands.indices.map { "w\($0)" }
  var model = SyntheticONNX(
    nodes: [Node(kind, ["x"] + names, ["y"], name: "node", attributes: attributes)],
    initializers: operands, extents: [nil] + image.shape.extents.dropFirst().map { $0 },
    opset: opset)
  if opset == nil { model.irVersion = 2 }
  let network = try ONNXModel(FileBytes(model.data, path: "x")).network().network
  return network.record(image)["y"]
}

private let image = Tensor(shape: [2, 2, 2, 3], (0..<24).map(Float.init))

/// Compared with ONNX's changelog on opsets 1 to 6.
@Suite struct `Operators of the first opsets` {
  @Test(arguments: [1, 6], [("Add", 1), ("Sub", -1)] as [(String, Float)])
  func `an axis says where an operand lies`(opset: Int, function: (String, Float)) throws {
    let found = try output(
      function.0, opset: opset, of: image, [.init("w0", [2], [100, 200])],
      attributes: [
        SyntheticONNX.attribute("broadcast", 1), SyntheticONNX.attribute("axis", 1),
      ])
    let expected = image.elements.enumerated().map { index, value in
      value + function.1 * (index / 6 % 2 == 0 ? 100 : 200)
    }
    #expect(found.elements == expected)
  }

  @Test func `without an axis an operand lies along the last axes`() throws {
    let found = try output(
      "Mul", of: image, [.init("w0", [3], [1, 10, 100])],
      attributes: [SyntheticONNX.attribute("broadcast", 1)])
    #expect(found.elements.prefix(6) == [0, 10, 200, 3, 40, 500])
  }

  @Test func `an operand that depends on the pictures is laid along an axis, too`() throws {
    let axis = [SyntheticONNX.attribute("broadcast", 1), SyntheticONNX.attribute("axis", 0)]
    let model = SyntheticONNX(
      nodes: [
        Node(
          "ReduceMax", ["x"], ["m"],
          attributes: [
            SyntheticONNX.attribute("axes", [2, 3]), SyntheticONNX.attribute("keepdims", 0),
          ]),
        Node("Sub", ["x", "m"], ["y"], attributes: axis),
      ], extents: [nil, 2, 2, 3], opset: 6)
    let network = try ONNXModel(FileBytes(model.data, path: "x")).network().network
    let found = network.record(image)["y"]
    #expect(found.elements == (0..<24).map { Float($0 % 6 - 5) })
  }

  @Test func `operands of other shapes need the flag`() throws {
    let text = errorText { try output("Add", of: image, [.init("w0", [3], [1, 2, 3])]) }
    #expect(
      text
        == "x: node \"node\" (Add): expected inputs of one shape, as broadcast is 0, found "
        + "[1, 2, 2, 3] and [3]")
  }

  @Test func `an operand that does not fit from its axis on`() throws {
    let text = errorText {
      try output(
        "Add", of: image, [.init("w0", [2, 3], [1, 2, 3, 4, 5, 6])],
        attributes: [
          SyntheticONNX.attribute("broadcast", 1), SyntheticONNX.attribute("axis", 3),
        ])
    }
    #expect(text == "x: node \"node\" (Add): [2, 3] does not fit [1, 2, 2, 3] from axis 3 on")
  }

  @Test func `slopes of PRelu belong to channels`() throws {
    let found = try output("PRelu", of: image.map { $0 - 24 }, [.init("w0", [2], [2, 3])])
    #expect(
      found.elements.prefix(12) == [-48, -46, -44, -42, -40, -38, -54, -51, -48, -45, -42, -39])
    let shared = try output("PRelu", of: image.map { $0 - 24 }, [.init("w0", [1], [2])])
    #expect(shared.elements == image.elements.map { 2 * ($0 - 24) })
  }

  @Test func `batch normalization and dropout as exported for inference`() throws {
    let found = try output(
      "BatchNormalization", of: image,
      [
        .init("w0", [2], [1, 2]), .init("w1", [2], [0, 5]), .init("w2", [2], [0, 6]),
        .init("w3", [2], [1, 1]),
      ],
      attributes: [
        SyntheticONNX.attribute("is_test", 1), SyntheticONNX.attribute("epsilon", Float(0)),
        SyntheticONNX.attribute("consumed_inputs", [0, 0, 0, 1, 1]),
      ])
    #expect(found.elements.prefix(8) == [0, 1, 2, 3, 4, 5, 5, 7])
    let kept = try output(
      "Dropout", of: image,
      attributes: [
        SyntheticONNX.attribute("is_test", 1), SyntheticONNX.attribute("ratio", Float(0.5)),
      ])
    #expect(kept.elements == image.elements)
  }

  @Test func `statistics of every position are refused`() throws {
    let numbers = (0..<4).map { Initializer("w\($0)", [2], [1, 1]) }
    let text = errorText {
      try output(
        "BatchNormalization", opset: 8, of: image, numbers,
        attributes: [SyntheticONNX.attribute("spatial", 0)])
    }
    #expect(
      text
        == "x: node \"node\" (BatchNormalization): expected statistics of each channel, "
        + "found spatial = 0")
  }

  @Test func `products of matrices`() throws {
    let rows = Tensor(shape: [2, 2], [1, 2, 3, 4])
    let found = try output(
      "Gemm", of: rows,
      [.init("w0", [3, 2], [1, 0, 0, 1, 1, 1]), .init("w1", [3], [10, 20, 30])],
      attributes: [
        SyntheticONNX.attribute("broadcast", 1), SyntheticONNX.attribute("transB", 1),
      ])
    #expect(found.elements == [11, 22, 33, 13, 24, 37])
  }

  @Test func `attributes under their first names and with their first defaults`() throws {
    let padded = try output(
      "Pad", opset: 1, of: image,
      attributes: [SyntheticONNX.attribute("paddings", [0, 0, 1, 0, 0, 0, 0, 0])])
    #expect(padded.shape == [2, 2, 3, 3])
    #expect(padded.elements.prefix(5) == [0, 0, 0, 0, 1])
    let reshaped = try output(
      "Reshape", opset: 1, of: image, attributes: [SyntheticONNX.attribute("shape", [0, -1])])
    #expect(reshaped.shape == [2, 12])
    let enlarged = try output(
      "Upsample", opset: 1, of: image,
      attributes: [
        SyntheticONNX.attribute("height_scale", Float(2)),
        SyntheticONNX.attribute("width_scale", Float(1)),
      ])
    #expect(enlarged.elements.prefix(6) == [0, 1, 2, 0, 1, 2])
    let selu = try output(
      "Selu", opset: 1, of: Tensor(shape: [1, 1], [2]))
    #expect(abs(selu.elements[0] - 2 * 1.0507) < 1e-6)
    let norm = try output(
      "GlobalLpPool", opset: 1, of: image, attributes: [SyntheticONNX.attribute("p", Float(1))])
    #expect(norm.elements == [15, 51, 87, 123])
  }

  @Test func `tiles along one axis`() throws {
    let found = try output(
      "Tile", opset: 1, of: image, [.init("w0", integers: [2]), .init("w1", integers: [3])])
    #expect(found.shape == [2, 2, 2, 6])
    #expect(found.elements.prefix(6) == [0, 1, 2, 0, 1, 2])
  }

  @Test func `types by name`() throws {
    let found = try output(
      "Cast", opset: 1, of: image.map { $0 + 0.5 },
      attributes: [SyntheticONNX.attribute("to", "INT32")])
    #expect(found.elements == image.elements)
    let text = errorText {
      try output(
        "Cast", opset: 1, of: image, attributes: [SyntheticONNX.attribute("to", "STRING")])
    }
    #expect(
      text == "x: node \"node\" (Cast): expected a type of numbers to cast to, found \"STRING\"")
  }

  @Test func `channels are joined unless an axis is given`() throws {
    let model = SyntheticONNX(
      nodes: [Node("Concat", ["x", "x"], ["y"])], extents: [nil, 2, 2, 3], opset: 1)
    let network = try ONNXModel(FileBytes(model.data, path: "x")).network().network
    #expect(network.shapes["y"] == [1, 4, 2, 3])
  }

  @Test func `a file of the first format versions says no opset`() throws {
    #expect(try output("Relu", opset: nil, of: image).elements == image.elements)
  }
}
