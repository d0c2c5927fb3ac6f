import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct `Writing safetensors` {
  @Test func `the bytes are those of the format, names in order, the data aligned`() {
    let tensors = [
      "b": Tensor(shape: [], [-2]), "a": Tensor(shape: [1, 2], [1, 1.5]),
    ]
    let header =
      #"{"__metadata__":{"k\n":"\"v\"\u0001"},"#
      + #""a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let data: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0]
    #expect(
      SafeTensorsFile.bytes(tensors, metadata: ["k\n": "\"v\"\u{1}"])
        == safeTensors(padded, data))
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `what is written is read back`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var tensors: [String: Tensor] = [:]
    for index in 0..<Int.random(in: 1...9, using: &random) {
      let shape = Shape(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          Int.random(in: 0...5, using: &random)
        })
      tensors["tensor \"\(index)\" ü\t"] = Tensor(
        shape: shape, (0..<shape.elementCount).map { _ in random.normal() })
    }
    let metadata = ["fovea.a": "{\"x\":1}\n", "é": ""]
    let folder = try TemporaryFolder()
    try SafeTensorsFile.write(tensors, metadata: metadata, to: "\(folder.path)/a.safetensors")
    let file = try SafeTensorsFile("\(folder.path)/a.safetensors")
    #expect(file.metadata == metadata)
    #expect(file.entries.map(\.name) == tensors.keys.sorted())
    for (name, tensor) in tensors {
      let read = try file.tensor(name)
      #expect(read.shape == tensor.shape)
      #expect(read.elements == tensor.elements)
    }
    #expect(try allNames(folder.path) == ["a.safetensors"])
  }

  @Test func `channels-last tensors are written in row-major order`() throws {
    let tensor = Tensor(shape: [2, 3, 2, 2], (0..<24).map { Float($0) })
    #expect(
      SafeTensorsFile.bytes(["a": tensor.arranged(as: .channelsLast)])
        == SafeTensorsFile.bytes(["a": tensor]))
  }

  @Test func `half precision keeps every value that it has and rounds to the nearest even`() throws
  {
    // All finite 16-bit floats, and the midpoints between neighbours.
    let exponents = 0..<31
    let values = exponents.flatMap { exponent in
      (0..<1024).map { fraction -> Float in
        exponent == 0
          ? Float(fraction) * 0x1p-24
          : Float(sign: .plus, exponent: exponent - 25, significand: Float(1024 + fraction))
      }
    }
    let midpoints = zip(values, values.dropFirst()).map { ($0 + $1) / 2 }
    let even = zip(values, values.dropFirst()).enumerated()
      .map { index, pair in index.isMultiple(of: 2) ? pair.0 : pair.1 }
    let all = values + values.map { -$0 } + midpoints + [70000, -.infinity, 65519]
    let expected = values + values.map { -$0 } + even + [.infinity, -.infinity, 65504]
    let bytes = SafeTensorsFile.bytes(
      ["a": Tensor(shape: [all.count], all)], precision: .half)
    let file = try SafeTensorsFile(data: bytes, path: "x")
    #expect(file["a"]?.elementType == .float16)
    #expect(try file.tensor("a").elements == expected)
    let nan = SafeTensorsFile.bytes(["a": Tensor(shape: [], [.nan])], precision: .half)
    #expect(try SafeTensorsFile(data: nan, path: "x").tensor("a").scalar.isNaN)
  }

  @Test func `a folder that is not there is said so and nothing is left`() {
    #expect(throws: FileError.self) {
      try SafeTensorsFile.write([:], to: "no/such/folder/a.safetensors")
    }
  }
}
