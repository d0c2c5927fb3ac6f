import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

/// Files in both formats, written by Fixtures/make_pth.py.
@Suite struct `PyTorch files` {
  private static let formats = ["", "-older"]

  private func open(_ name: String) throws -> PyTorchFile {
    try PyTorchFile(fixture("\(name).pth"))
  }

  @Test(arguments: formats)
  func `every type of element is read as a number`(format: String) throws {
    let file = try open("types" + format)
    #expect(
      file.entries.map(\.name) == [
        "bfloat16", "bool", "float16", "float32", "float64", "int16", "int32", "int64", "int8",
        "uint8",
      ])
    #expect(
      file.entries.map(\.elementType) == [
        .bfloat16, .boolean, .float16, .float32, .float64, .signed16, .signed32, .signed64,
        .signed8, .unsigned8,
      ])
    for entry in file.entries {
      #expect(entry.shape == [2, 3])
      let expected: [Float] =
        entry.elementType == .boolean ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 4, 100]
      #expect(try file.tensor(entry.name).elements == expected, "\(entry.name)")
    }
  }

  @Test(arguments: formats)
  func `floats of eight bits are read`(format: String) throws {
    let file = try open("float8" + format)
    #expect(file["e4m3"]?.elementType == .float8e4m3)
    #expect(file["e5m2"]?.elementType == .float8e5m2)
    #expect(try file.tensor("e4m3").elements == [0.5, -3.5])
    #expect(try file.tensor("e5m2").elements == [0.5, -3.5])
  }

  @Test(arguments: ["views", "views-older", "protocol4", "deflated"])
  func `tensors that see one storage in different ways are read as they see it`(
    name: String
  ) throws {
    let file = try open(name)
    func expect(_ name: String, _ shape: Shape, _ element: ([Int]) -> Int) throws {
      let tensor = try file.tensor(name)
      #expect(tensor.shape == shape)
      var index = [Int](repeating: 0, count: shape.rank)
      for (position, found) in tensor.elements.enumerated() {
        var rest = position
        for axis in (0..<shape.rank).reversed() {
          (index[axis], rest) = (rest % shape[axis], rest / shape[axis])
        }
        #expect(found == Float(element(index)), "\(name) \(index)")
      }
    }
    try expect("whole", [2, 3, 4, 5]) { $0[0] * 60 + $0[1] * 20 + $0[2] * 5 + $0[3] }
    try expect("channels_last", [2, 4, 5, 3]) { $0[0] * 60 + $0[3] * 20 + $0[1] * 5 + $0[2] }
    try expect("transposed", [12, 10]) { $0[1] * 12 + $0[0] }
    try expect("rows", [2, 12]) { ($0[0] + 3) * 12 + $0[1] }
    try expect("columns", [10, 4]) { $0[0] * 12 + 2 + 3 * $0[1] }
    try expect("expanded", [2, 4]) { 7 + $0[0] }
    try expect("diagonal", [10]) { 13 * $0[0] }
    try expect("scalar", []) { _ in 42 }
    try expect("empty", [0]) { _ in 0 }
  }

  @Test(arguments: formats)
  func `weights are found among what a training script keeps`(format: String) throws {
    let file = try open("training" + format)
    #expect(file.keys == ["state_dict"])
    #expect(file.entries.map(\.name) == ["module.bias", "module.weight"])
    #expect(try file.tensor("module.weight").elements == [0, 1, 2, 3, 4, 5])
    #expect(file["module.weight"]?.shape == [3, 2])
    #expect(file.metadata.isEmpty)
  }

  @Test func `averaged weights are found`() throws {
    let file = try open("averaged")
    #expect(file.keys == ["model_ema"])
    #expect(file.entries.count == 11)
  }

  @Test func `a name that is not there comes with the nearest ones`() throws {
    #expect(
      errorText { try open("views").tensor("row") }?.hasSuffix(
        "views.pth: expected tensor \"row\", found none of that name; did you mean \"rows\"?")
        == true)
  }

  @Test(
    .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"), arguments: ["plain", "wide"])
  func `a real state dict holds what the same weights in safetensors hold`(name: String) throws {
    let file = try PyTorchFile(SharedData.path("reference/captum/\(name).pth"))
    let expected = try SafeTensorsFile(
      SharedData.path("reference/captum/\(name).weights.safetensors"))
    // One of them has counters, which the other one omits.
    #expect(
      file.entries.filter { !$0.name.hasSuffix(".num_batches_tracked") } == expected.entries)
    for entry in expected.entries {
      #expect(try file.tensor(entry.name).elements == expected.tensor(entry.name).elements)
    }
  }
}
