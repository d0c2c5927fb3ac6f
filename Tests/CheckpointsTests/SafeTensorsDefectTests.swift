import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

private func refusal(of data: Data) -> String {
  do throws(FileError) {
    _ = try SafeTensorsFile(data: data, path: "x")
    return "was accepted"
  } catch {
    #expect(error.kind == .malformed)
    #expect(!error.description.contains("\n"))
    return error.description
  }
}

private func entry(
  _ name: String, _ offsets: String, dtype: String = "\"U8\"", shape: String
) -> String {
  #""\#(name)":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}"#
}

@Suite struct `Broken safetensors` {
  @Test func `files shorter than the length of the header`() {
    #expect(refusal(of: Data()) == "x: expected at least 8 bytes of a safetensors file, found 0")
    #expect(
      refusal(of: Data([1, 0, 0])) == "x: expected at least 8 bytes of a safetensors file, found 3")
  }

  @Test func `a header that runs past the end`() {
    #expect(
      refusal(of: safeTensors("{}", length: 3))
        == "x: expected a header of at most 2 bytes, found a length of 3")
    #expect(
      refusal(of: safeTensors("{}", length: .max))
        == "x: expected a header of at most 2 bytes, found a length of 18446744073709551615")
  }

  @Test func `a header of absurd length`() {
    let data = safeTensors("", length: 100_000_001) + Data(count: 100_000_001)
    #expect(
      refusal(of: data)
        == "x: expected a header of at most 100000000 bytes, found a length of 100000001")
  }

  @Test(arguments: [
    ("", "0: expected a value"),
    ("{", "1: expected '\"'"),
    ("{\"a\"", "4: expected ':'"),
    ("{\"a\":1 \"b\"", "7: expected '}'"),
    ("{\"a\":[1 2]}", "8: expected ']'"),
    ("{}x", "2: expected the end after the first value"),
    ("{\"a\":01}", "5: expected a value"),
    ("{\"a\":nul}", "5: expected a value"),
    ("{\"a\":+1}", "5: expected a value"),
    ("{\"a\":.5}", "5: expected a value"),
    ("{\"a\\x\":1}", "4: expected one of the escapes of JSON"),
    ("{\"a\\ud800\":1}", "9: expected a character's code"),
    ("{\"a\\ud800\\n\":1}", "10: expected a low surrogate"),
    ("{\"a\\u12g4\":1}", "5: expected four hexadecimal digits"),
    ("{\"a\n\":1}", "3: expected control characters to be escaped in a text"),
    ("{\"a", "3: expected '\"' at the end of a text"),
    (String(repeating: "[", count: 100), "16: nested too deeply"),
  ])
  func `a header that is not JSON`(header: String, reason: String) {
    #expect(
      refusal(of: safeTensors(header))
        == "x: expected a JSON header, found an error at its byte \(reason)")
  }

  @Test func `a header that is not UTF-8`() {
    var data = safeTensors("{\"a\":1}")
    data[10] = 0xFF
    #expect(
      refusal(of: data)
        == "x: expected a JSON header, found an error at its byte 2: expected UTF-8 in a text")
  }

  private static let violations: [(header: String, reason: String)] = [
    ("[]", "expected the header to be an object, found a list"),
    ("{\"a\":3}", "expected tensor \"a\" to be an object, found 3"),
    ("{\"a\\nb\":null}", "expected tensor \"a\\nb\" to be an object, found null"),
    ("{\"__metadata__\":[]}", "expected __metadata__ to be an object, found a list"),
    ("{\"__metadata__\":{\"a\":1.5}}", "expected a text for metadata \"a\", found 1.5"),
    (
      "{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}",
      "expected every name once, found metadata \"a\" twice"
    ),
    (
      "{\"__metadata__\":{},\"__metadata__\":{}}",
      "expected every name once, found \"__metadata__\" twice"
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"kind\":1}}",
      "expected dtype, shape and data_offsets for tensor \"a\", found \"kind\""
    ),
    (
      "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}",
      "tensor \"a\" has two fields \"dtype\""
    ),
    (
      "{\(entry("a", "[0,4]", dtype: "\"F33\"", shape: "[4]"))}",
      """
      expected dtype of tensor "a" to be one of BOOL, U8, I8, F8_E5M2, F8_E4M3, U16, I16, F16, \
      BF16, U32, I32, F32, U64, I64, F64; found the text "F33"
      """
    ),
    (
      "{\"a\":{\"shape\":[4],\"data_offsets\":[0,4]}}",
      """
      expected dtype of tensor "a" to be one of BOOL, U8, I8, F8_E5M2, F8_E4M3, U16, I16, F16, \
      BF16, U32, I32, F32, U64, I64, F64; found none
      """
    ),
    (
      "{\(entry("a", "[0,4]", shape: "4"))}",
      "expected a list of integers as shape of tensor \"a\", found 4"
    ),
    (
      "{\(entry("a", "[0,4]", shape: "[-4]"))}",
      "expected integers of at least 0 in shape of tensor \"a\", found -4"
    ),
    (
      "{\(entry("a", "[0,4]", shape: "[4.0]"))}",
      "expected integers of at least 0 in shape of tensor \"a\", found 4.0"
    ),
    (
      "{\(entry("a", "[0,4]", shape: "[99999999999999999999]"))}",
      "expected integers of at least 0 in shape of tensor \"a\", found 99999999999999999999"
    ),
    (
      "{\(entry("a", "[0,4]", shape: "[4611686018427387904,4611686018427387904]"))}",
      """
      shape [4611686018427387904, 4611686018427387904] of tensor "a" is too large for any file
      """
    ),
    (
      "{\(entry("a", "[0,4]", dtype: "\"F64\"", shape: "[2305843009213693952]"))}",
      "shape [2305843009213693952] of tensor \"a\" is too large for any file"
    ),
    (
      "{\(entry("a", "[0,4,8]", shape: "[4]"))}",
      "expected two rising data_offsets for tensor \"a\", found [0, 4, 8]"
    ),
    (
      "{\(entry("a", "[4,0]", shape: "[4]"))}",
      "expected two rising data_offsets for tensor \"a\", found [4, 0]"
    ),
    (
      "{\(entry("a", "[0,9]", shape: "[9]"))}",
      "expected data_offsets of tensor \"a\" within the 8 bytes of data, found [0, 9]"
    ),
    (
      "{\(entry("a", "[0,8]", dtype: "\"F32\"", shape: "[1,3]"))}",
      "expected 12 bytes for tensor \"a\" of F32 [1, 3], found 8"
    ),
    (
      "{\(entry("a", "[0,5]", shape: "[5]")),\(entry("b", "[4,8]", shape: "[4]"))}",
      "expected tensor \"b\" to begin at offset 5, found 4: it overlaps another"
    ),
    (
      "{\(entry("a", "[0,3]", shape: "[3]")),\(entry("b", "[4,8]", shape: "[4]"))}",
      "expected tensor \"b\" to begin at offset 3, found 4: there is a gap"
    ),
    (
      "{\(entry("a", "[0,4]", shape: "[4]"))}",
      "expected the tensors to fill 8 bytes of data, found 4"
    ),
    (
      "{\(entry("a", "[0,4]", shape: "[4]")),\(entry("a", "[4,8]", shape: "[4]"))}",
      "expected every name once, found \"a\" twice"
    ),
  ]

  @Test(arguments: violations)
  func `a header that breaks the format`(header: String, reason: String) {
    #expect(refusal(of: safeTensors(header, [UInt8](repeating: 0, count: 8))) == "x: \(reason)")
  }

  @Test func `a truncated file names the missing bytes`() {
    let whole = SafeTensorsFile.bytes(["a": Tensor(shape: [2, 3], repeating: 1)])
    #expect(
      refusal(of: whole.dropLast(1))
        == "x: expected data_offsets of tensor \"a\" within the 23 bytes of data, found [0, 24]")
    for length in 0..<whole.count {
      #expect(refusal(of: Data(whole.prefix(length))) != "was accepted")
    }
  }

  @Test(.slow, arguments: 0..<8 as Range<UInt64>)
  func `a file with random errors is read or refused, never fatal`(seed: UInt64) {
    let tensors = [
      "conv1.weight": Tensor(shape: [4, 1, 3, 3], repeating: 0.5),
      "conv1.bias": Tensor(shape: [4], repeating: -1),
    ]
    let whole = Array(SafeTensorsFile.bytes(tensors, metadata: ["fovea.epoch": "12"]))
    var random = SeededGenerator(seed: seed)
    let telling = Array("{}[]\",:0123456789-.eE\\u \u{0}ÿ".utf8)
    var reads = DamagedReads()
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let at = Int.random(in: 0..<min(bytes.count, 200), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = telling.randomElement(using: &random) ?? 0
        case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.remove(at: at)
        default: bytes.insert(telling.randomElement(using: &random) ?? 0, at: at)
        }
      }
      // Slices may begin at an index other than 0, like data from other readers.
      let data = (Data([0]) + Data(bytes)).dropFirst()
      reads.attempt {
        let file = try SafeTensorsFile(data: data, path: "x")
        for entry in file.entries { #expect((try? file.tensor(entry.name))?.shape == entry.shape) }
      }
    }
    reads.expectBoth()
  }
}
