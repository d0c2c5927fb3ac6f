import Checkpoints
import Files
import Foundation
import TensorCore
import TestSupport
import Testing

/// The values, or the error, for a model with one tensor [2] in another file.
private func outcome(
  _ facts: [String: String], file: Data? = Data(repeating: 0x3F, count: 16)
) throws -> String {
  try withTemporaryFolder { folder in
    if let file { try writeFile(file, to: "\(folder)/weights.bin") }
    let model = SyntheticONNX(
      nodes: [SyntheticONNX.Node("Add", ["x", "w"], ["y"])],
      initializers: [
        .init("w", [2], external: facts.merging(["location": "weights.bin"]) { first, _ in first })
      ], extents: [nil, 2])
    try writeFile(model.data, to: "\(folder)/model.onnx")
    let text = errorText { try ONNXModel("\(folder)/model.onnx").network() }
    return text?.replacingOccurrences(of: "\(folder)/", with: "")
      .replacingOccurrences(of: folder, with: "") ?? "was accepted"
  }
}

@Suite struct `Weights in files beside an ONNX model` {
  @Test func `a length that is the tensor's is accepted, and so is none`() throws {
    #expect(try outcome(["offset": "8", "length": "8"]) == "was accepted")
    #expect(try outcome(["offset": "4"]) == "was accepted")
    #expect(try outcome([:]) == "was accepted")
  }

  @Test(arguments: ["0", "7", "9", "16"])
  func `another length than the tensor's is refused`(length: String) throws {
    #expect(
      try outcome(["length": length])
        == "model.onnx: tensor \"w\": expected 8 bytes in \"weights.bin\", "
        + "found a length of \(length)")
  }

  @Test(arguments: ["-1", "", "8 ", "99999999999999999999"])
  func `numbers that are none are refused`(text: String) throws {
    #expect(
      try outcome(["length": text])
        == "model.onnx: tensor \"w\": expected a length of at least 0, found \"\(text)\"")
    #expect(
      try outcome(["offset": text])
        == "model.onnx: tensor \"w\": expected an offset of at least 0, found \"\(text)\"")
  }

  @Test func `a file that ends too early is named`() throws {
    #expect(
      try outcome(["offset": "12", "length": "8"])
        == "weights.bin: expected 8 bytes of tensor \"w\" from byte 12 on, "
        + "found a file of 16 bytes")
  }

  @Test func `a file that is missing is named`() throws {
    #expect(
      try outcome([:], file: nil)
        == "weights.bin: no such file; the model keeps tensor \"w\" in it")
  }
}
