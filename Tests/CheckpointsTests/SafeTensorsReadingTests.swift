import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

/// A safetensors file from its parts, valid or not.
func safeTensors(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) -> Data {
  let header = Array(header.utf8)
  let length = length ?? UInt64(header.count)
  return withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data(header) + Data(data)
}

@Suite struct `Reading safetensors` {
  private static let types: [(type: String, bytes: [Int], values: [Float])] = [
    ("BOOL", [0, 1, 2], [0, 1, 1]),
    ("U8", [0, 255, 7], [0, 255, 7]),
    ("I8", [0, 255, 0x80], [0, -1, -128]),
    ("U16", [0xFF, 0xFF, 1, 0], [65535, 1]),
    ("I16", [0xFF, 0xFF, 0, 0x80], [-1, -32768]),
    ("U32", [0, 0, 0, 0x80], [2_147_483_648]),
    ("I32", [0xFE, 0xFF, 0xFF, 0xFF], [-2]),
    ("U64", [0, 0, 0, 0, 1, 0, 0, 0], [4_294_967_296]),
    ("I64", [0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [-3]),
    ("F64", [0, 0, 0, 0, 0, 0, 0xF8, 0xBF], [-1.5]),
    ("F32", [0, 0, 0xC0, 0x3F], [1.5]),
    // 1.5, the smallest subnormal, the largest finite value, minus infinity.
    (
      "F16", [0x00, 0x3E, 0x01, 0x00, 0xFF, 0x7B, 0x00, 0xFC],
      [1.5, 5.960_464_5e-8, 65504, -.infinity]
    ),
    ("BF16", [0xC0, 0x3F, 0x00, 0xC0], [1.5, -2]),
    ("F8_E5M2", [0x3E, 0x01, 0x7B], [1.5, 1.525_878_9e-5, 57344]),
    ("F8_E4M3", [0x38, 0xB9, 0x01, 0x7E], [1, -1.125, 0.001_953_125, 448]),
  ]

  @Test(arguments: types)
  func `every type becomes Float`(type: String, bytes: [Int], expected: [Float]) throws {
    let header =
      #"{"x":{"dtype":"\#(type)","shape":[\#(expected.count)],"data_offsets":[0,\#(bytes.count)]}}"#
    let file = try SafeTensorsFile(
      data: safeTensors(header, bytes.map { UInt8($0) }), path: "x.safetensors")
    #expect(file.entries.map(\.elementType.rawValue) == [type])
    let tensor = try file.tensor("x")
    #expect(tensor.shape == [expected.count])
    #expect(tensor.elements == expected)
  }

  @Test func `names come sorted, metadata as text, and tensors from anywhere in the file`() throws {
    let header = """
       {"z":{"dtype":"U8","shape":[],"data_offsets":[0,1]},
        "empty":{"dtype":"F32","shape":[3,0],"data_offsets":[1,1]},
        "__metadata__":{"a\\u00e9\\ud83d\\ude00\\n":"\\"b\\\\"},
        "a":{"data_offsets":[1,3],"shape":[2,1],"dtype":"U8"}}
      """ + "   "
    let file = try SafeTensorsFile(data: safeTensors(header, [9, 1, 2]), path: "x")
    #expect(file.entries.map(\.name) == ["a", "empty", "z"])
    #expect(file.entries.map(\.shape) == [[2, 1], [3, 0], []])
    #expect(file.metadata == ["aé😀\n": "\"b\\"])
    #expect(try file.tensor("a").elements == [1, 2])
    #expect(try file.tensor("empty").elements == [])
    #expect(try file.tensor("z").scalar == 9)
  }

  @Test func `an unknown name is answered with the nearest`() throws {
    let header = #"{"conv1.weight":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}"#
    let file = try SafeTensorsFile(data: safeTensors(header, [9]), path: "x.safetensors")
    let error = #expect(throws: FileError.self) { try file.tensor("conv1.wieght") }
    #expect(
      error?.description == """
        x.safetensors: expected tensor "conv1.wieght", found none of that name; \
        did you mean "conv1.weight"?
        """)
    #expect(
      throws: FileError(
        .malformed, "x.safetensors", "expected tensor \"α\", found none of that name")
    ) {
      try file.tensor("α")
    }
  }

  @Test func `a missing file is said to be missing`() {
    #expect(throws: FileError(.missing, "no/such.safetensors", "no such file")) {
      try SafeTensorsFile("no/such.safetensors")
    }
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `ResNet-20 as PyTorch wrote it`() throws {
    let file = try SafeTensorsFile(SharedData.path("models/resnet20_cifar10.safetensors"))
    #expect(file.entries.count == 97)
    #expect(file.metadata["architecture"] == "CIFAR ResNet-20, option A shortcuts")
    #expect(file["conv1.weight"]?.shape == [16, 3, 3, 3])
    // The paper counts 0.27 M weights; running statistics add 2 · 688.
    let parameters = file.entries.filter { !$0.name.contains("running") }
      .reduce(0) { $0 + $1.shape.elementCount }
    #expect(parameters == 269_722)
    for entry in file.entries {
      let tensor = try file.tensor(entry.name)
      #expect(tensor.shape == entry.shape)
      #expect(tensor.reduce(true) { $0 && $1.isFinite })
      if entry.name.hasSuffix("running_var") { #expect(tensor.reduce(true) { $0 && $1 > 0 }) }
    }
  }

  @Test(
    .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `reference values are where they belong`() throws {
    let file = try SafeTensorsFile(SharedData.path("reference/captum/plain.expected.safetensors"))
    // ReLU after convolution, as the file itself states, and probabilities that sum to 1.
    let before = try file.tensor("act.conv1")
    #expect(try file.tensor("act.relu1").elements == before.map { max($0, 0) }.elements)
    let probabilities = try file.tensor("probabilities")
    #expect(probabilities.shape == [4, 10])
    for row in 0..<4 { #expect(abs(probabilities.rows(row..<(row + 1)).sum() - 1) < 1e-6) }
  }
}
