import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

private typealias Node = SyntheticONNX.Node

/// Pictures, and an auxiliary input of five numbers.
private func model(_ extents: [Int?] = [nil, 5], batch: Int? = nil) -> SyntheticONNX {
  var model = SyntheticONNX(
    nodes: [
      Node("GlobalAveragePool", ["x"], ["p"]), Node("Flatten", ["p"], ["f"]),
      Node(
        "Concat", ["f", "meta"], ["c"], attributes: [SyntheticONNX.attribute("axis", 1)]),
      Node("MatMul", ["c", "w"], ["y"]),
    ],
    initializers: [.init("w", [6, 2], [1, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5])],
    extents: [batch, 1, 4, 4])
  model.moreInputs = [.init("meta", extents)]
  return model
}

private func load(
  _ model: SyntheticONNX, _ constants: [String: InputConstant]
) throws -> Checkpoint {
  try Checkpoint.load(FileBytes(model.data, path: "x.onnx"), constants: constants)
}

@Suite struct `Inputs that take no pictures` {
  private let pictures = Tensor(shape: [3, 1, 4, 4], (0..<48).map { Float($0 / 16) })

  @Test(arguments: [nil, 1, 4])
  func `a number fills the shape that the file states, for any number of pictures`(
    batch: Int?
  ) throws {
    let loaded = try load(model([batch, 5], batch: batch), ["meta": .number(2)])
    #expect(loaded.network.graph.inputShape == [1, 4, 4])
    #expect(loaded.network.record(pictures).scores.elements == [0, 30, 1, 30, 2, 30])
  }

  @Test func `an array is taken as it is`() throws {
    let array = InputConstant.array(Tensor(shape: [1, 5], [1, 0, 0, 0, 1]), source: "meta.npy")
    let loaded = try load(model(), ["meta": array])
    #expect(loaded.network.record(pictures).scores.elements == [0, 6, 1, 6, 2, 6])
    #expect(loaded.metadata["onnx.constants"] == #"{"meta":"meta.npy [1, 5]"}"#)
  }

  @Test func `a converted network needs the constant no more, and says what it was`() throws {
    try withTemporaryFolder { folder in
      try load(model(), ["meta": .number(2)]).save(to: "\(folder)/own.safetensors")
      let own = try Checkpoint.load("\(folder)/own.safetensors")
      #expect(own.metadata["onnx.constants"] == #"{"meta":"2.0"}"#)
      #expect(own.network.record(pictures).scores.elements == [0, 30, 1, 30, 2, 30])
    }
  }

  @Test func `without a constant all inputs are named`() {
    #expect(
      errorText { try load(model(), [:]) }
        == "x.onnx: expected one input for pictures, found \"x\" [any, 1, 4, 4] and "
        + "\"meta\" [any, 5]; all but one need a constant: --constant NAME=VALUE|FILE")
  }

  @Test func `constants that do not fit are refused`() {
    #expect(
      errorText { try load(model(), ["metta": .number(1)]) }
        == "x.onnx: expected an input \"metta\" to give a constant, found \"x\" [any, 1, 4, 4], "
        + "\"meta\" [any, 5]; did you mean \"meta\"?")
    #expect(
      errorText { try load(model([nil, nil]), ["meta": .number(1)]) }
        == "x.onnx: leaves the shape of \"meta\" [any, any] open; expected an array for it, "
        + "not a number")
    let array = InputConstant.array(Tensor(shape: [4, 5], repeating: 0), source: "meta.npy")
    #expect(
      errorText { try load(model(), ["meta": array]) }
        == "meta.npy: expected one array for all pictures for \"meta\" [any, 5], found [4, 5]")
    #expect(
      errorText { try load(model(), ["meta": .number(1), "x": .number(1)]) }
        == "x.onnx: all inputs are given as constants; leave one for the pictures")
    #expect(
      errorText { try load(model([1, 1 << 40]), ["meta": .number(1)]) }
        == "x.onnx: expected an input of at most 67108864 numbers, found "
        + "\"meta\" [1, 1099511627776]")
  }

  @Test func `an output that the pictures do not reach is refused`() {
    var model = SyntheticONNX(nodes: [Node("Relu", ["meta"], ["y"])])
    model.moreInputs = [.init("meta", [nil, 5])]
    #expect(
      errorText { try load(model, ["meta": .number(1)]) }
        == "x.onnx: expected an output that depends on the pictures, found \"y\"; "
        + "which input is given a constant?")
  }

  @Test func `only models of several inputs take constants`() throws {
    try withTemporaryFolder { folder in
      try load(model(), ["meta": .number(2)]).save(to: "\(folder)/own.safetensors")
      #expect(
        errorText { try Checkpoint.load("\(folder)/own.safetensors", constants: ["x": .number(1)]) }
          == "\(folder)/own.safetensors: has one input, for pictures; constants are for ONNX models "
          + "with several")
    }
  }
}
