import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

private typealias Node = SyntheticONNX.Node
private typealias Initializer = SyntheticONNX.Initializer

private func network(
  _ model: SyntheticONNX, memory: MemoryBudget = .ofMachine()
) throws -> ONNXModel.Import {
  try ONNXModel(FileBytes(model.data, path: "x")).network(memory: memory)
}

@Suite struct `Constants of ONNX graphs` {
  @Test func `one value stays one value until a node needs the numbers`() throws {
    // 2²⁷ numbers, half a gibibyte; only their shape is requested, 64 times.
    var nodes = [Node("ConstantOfShape", ["s"], ["big"])]
    for index in 0..<64 {
      nodes.append(Node("ConstantOfShape", ["s"], ["big\(index)"]))
      nodes.append(Node("Shape", ["big\(index)"], ["s\(index)"]))
      nodes.append(
        Node(
          "Gather", ["s\(index)", "first"], ["n\(index)"],
          attributes: [SyntheticONNX.attribute("axis", 0)]))
    }
    nodes.append(
      Node(
        "Concat", (0..<64).map { "n\($0)" }, ["all"],
        attributes: [SyntheticONNX.attribute("axis", 0)]))
    nodes.append(
      Node(
        "ReduceMin", ["all"], ["least"], attributes: [SyntheticONNX.attribute("keepdims", 1)]))
    nodes.append(
      Node("Cast", ["least"], ["float"], attributes: [SyntheticONNX.attribute("to", 1)]))
    nodes.append(Node("Add", ["x", "float"], ["y"]))
    let built = try network(
      SyntheticONNX(
        nodes: nodes,
        initializers: [.init("s", integers: [2, 1 << 26]), .init("first", integers: [0])],
        extents: [nil, 1]))
    #expect(built.network.record(Tensor(shape: [1, 1], [0]))["y"].elements == [2])
  }

  @Test(arguments: [true, false])
  func `weights of one value fill a matrix, however it lies`(isTurned: Bool) throws {
    // More numbers than the reader used to allow for all constants of a small file together.
    let (rows, columns) = (1 << 13, 1 << 12)
    let model = SyntheticONNX(
      nodes: [
        Node(
          "ConstantOfShape", ["s"], ["w"],
          attributes: [SyntheticONNX.attribute("value", Initializer("", [1], [0.5]))]),
        Node(
          "Gemm", ["x", "w"], ["y"],
          attributes: [SyntheticONNX.attribute("transB", isTurned ? 1 : 0)]),
      ], initializers: [.init("s", integers: isTurned ? [rows, columns] : [columns, rows])],
      extents: [nil, columns])
    let output = try network(model).network.record(Tensor(shape: [1, columns], repeating: 1))["y"]
    #expect(output.shape == [1, rows])
    #expect(output.elements.allSatisfy { $0 == Float(columns) / 2 })
  }

  @Test func `weights of one value that are too many altogether`() {
    // Each one is below the limit, but not both together.
    let model = SyntheticONNX(
      nodes: [
        Node("ConstantOfShape", ["s"], ["a"]), Node("ConstantOfShape", ["t"], ["b"]),
        Node("MatMul", ["x", "a"], ["m"], name: "first"),
        Node("MatMul", ["m", "b"], ["y"], name: "second"),
      ],
      initializers: [
        .init("s", integers: [4, 1 << 14]), .init("t", integers: [1 << 14, (1 << 14) - 1]),
      ], extents: [nil, 4])
    let text = errorText { try network(model, memory: MemoryBudget(bytes: 2 << 30)) }
    #expect(text?.hasPrefix("x: node \"second\" (MatMul): needs 1023 MiB for constants") == true)
  }

  /// By the specification's numbers for the types.
  private static func lowestBits(_ number: Int, type: Int) -> Float {
    switch type {
    case 2: Float(UInt8(truncatingIfNeeded: number))
    case 3: Float(Int8(truncatingIfNeeded: number))
    case 4: Float(UInt16(truncatingIfNeeded: number))
    case 5: Float(Int16(truncatingIfNeeded: number))
    case 6: Float(Int32(truncatingIfNeeded: number))
    case 12: Float(UInt32(truncatingIfNeeded: number))
    default: Float(number)
    }
  }

  @Test(arguments: [2, 3, 4, 5, 6, 12, 7])
  func `casting takes the lowest bits of any number`(type: Int) throws {
    let numbers: [Int] = [
      .max, .min, .max - 1, .min + 1, -1, 0, 1, 127, 128, -129, 65_535, 1 << 31,
    ]
    let model = SyntheticONNX(
      nodes: [
        Node("Cast", ["n"], ["small"], attributes: [SyntheticONNX.attribute("to", type)]),
        Node("Cast", ["small"], ["float"], attributes: [SyntheticONNX.attribute("to", 1)]),
        Node("Add", ["x", "float"], ["y"]),
      ], initializers: [.init("n", integers: numbers)], extents: [nil, numbers.count])
    let found = try network(model).network.record(
      Tensor(shape: [1, numbers.count], repeating: 0))["y"]
    #expect(found.elements == numbers.map { Self.lowestBits($0, type: type) })
  }

  @Test(arguments: ["Abs", "Neg"])
  func `the least whole number has no opposite`(kind: String) throws {
    let model = SyntheticONNX(
      nodes: [
        Node(kind, ["n"], ["m"]),
        Node("Cast", ["m"], ["float"], attributes: [SyntheticONNX.attribute("to", 1)]),
        Node("Add", ["x", "float"], ["y"]),
      ], initializers: [.init("n", integers: [.min])], extents: [nil, 1])
    let found = try network(model).network.record(Tensor(shape: [1, 1], repeating: 0))["y"]
    #expect(found.elements == [Float(Int.min)])
  }

  @Test func `an empty axis hides no product that overflows`() {
    // 0 · 2⁴⁰ · 2⁴⁰ is 0, but the second half alone overflows.
    let model = SyntheticONNX(
      nodes: [
        Node(
          "ConstantOfShape", ["s"], ["none"],
          attributes: [SyntheticONNX.attribute("value", Initializer("", integers: [1]))]),
        Node("Expand", ["none", "t"], ["wide"], name: "expand"),
        Node("Flatten", ["wide"], ["flat"]), Node("Shape", ["flat"], ["y"]),
      ],
      initializers: [
        .init("s", integers: [0, 1 << 39, 1]), .init("t", integers: [1, 1, 1 << 39]),
      ])
    let text = errorText { try network(model) }
    #expect(text?.hasPrefix("x: node \"expand\" (Expand): an array of [0, ") == true)
  }
}
