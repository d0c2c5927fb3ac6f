import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Safetensors in several files` {
  private func tensor(_ values: [Float]) -> Tensor { Tensor(shape: [values.count], values) }

  /// Writes two files and an index.
  private func write(_ index: String, to folder: String) throws -> String {
    try SafeTensorsFile.write(
      ["a": tensor([1, 2]), "b": tensor([3])], metadata: ["format": "pt"],
      to: "\(folder)/m-00001-of-00002.safetensors")
    try SafeTensorsFile.write(["c": tensor([4])], to: "\(folder)/m-00002-of-00002.safetensors")
    let path = "\(folder)/m.safetensors.index.json"
    try writeFile(Data(index.utf8), to: path)
    return path
  }

  private func reason(_ index: String) throws -> String? {
    try withTemporaryFolder { folder in
      do {
        _ = try ShardedSafeTensors(write(index, to: folder))
        return nil
      } catch {
        return (error as? FileError)?.reason
      }
    }
  }

  @Test func `tensors are read from the file that the index names`() throws {
    try withTemporaryFolder { folder in
      let path = try write(
        """
        {"metadata": {"total_size": 16}, "weight_map": {
          "c": "m-00002-of-00002.safetensors", "a": "m-00001-of-00002.safetensors"}}
        """, to: folder)
      let file = try ShardedSafeTensors(path)
      #expect(file.path == path)
      #expect(file.entries.map(\.name) == ["a", "c"])
      #expect(try file.tensor("a").elements == [1, 2])
      #expect(try file.tensor("c").elements == [4])
      #expect(file["c"]?.shape == [1])
      #expect(file["b"] == nil)
      #expect(
        errorText { try file.tensor("b") }
          == "\(path): expected tensor \"b\", found none of that name; did you mean \"a\" or \"c\"?"
      )
    }
  }

  @Test func `a network is loaded from an index`() throws {
    try withTemporaryFolder { folder in
      let network = try Checkpoint.load(fixture("lenet5.pth")).network
      var (first, second): ([String: Tensor], [String: Tensor]) = ([:], [:])
      for name in network.parameters.names {
        if name.hasPrefix("conv") {
          first[name] = network.parameters[name]
        } else {
          second[name] = network.parameters[name]
        }
      }
      try SafeTensorsFile.write(first, to: "\(folder)/1.safetensors")
      try SafeTensorsFile.write(second, to: "\(folder)/2.safetensors")
      let map = network.parameters.names.map {
        "\"\($0)\": \"\($0.hasPrefix("conv") ? 1 : 2).safetensors\""
      }
      let path = "\(folder)/lenet5.safetensors.index.json"
      try writeFile(Data("{\"weight_map\": {\(map.joined(separator: ","))}}".utf8), to: path)
      #expect(try Checkpoint.load(path).design?.architecture == "lenet5")
    }
  }

  @Test(arguments: [
    "../secret.safetensors", "/etc/passwd", "a/b.safetensors", "..", ".hidden", "",
    "a\\\\b.safetensors", "c:x.safetensors",
  ])
  func `files outside the folder are refused`(name: String) throws {
    let shown = name.replacing("\\\\", with: "\\").debugDescription
    #expect(
      try reason("{\"weight_map\": {\"a\": \"\(name)\"}}")
        == "expected files in the index's own folder, found \(shown) for \"a\"")
  }

  @Test(arguments: [
    ("[1]", "expected an index of safetensors files with a weight_map"),
    ("{}", "expected an index of safetensors files with a weight_map"),
    ("{\"weight_map\": 1}", "expected an index of safetensors files with a weight_map"),
    ("{\"weight_map\": {\"a\": 1}}", "expected a file's name for \"a\", found 1"),
    ("{", "expected JSON, found an error at byte 1: expected '\"'"),
    (
      "{\"weight_map\": {\"z\": \"m-00001-of-00002.safetensors\"}}",
      "expected tensor \"z\" in \"m-00001-of-00002.safetensors\", found none of that name there"
    ),
    (
      "{\"weight_map\": {\"c\": \"m-00002-of-00002.safetensors\", "
        + "\"c\": \"m-00002-of-00002.safetensors\"}}",
      "expected every tensor once, found \"c\" twice"
    ),
    ("{\"weight_map\": {\"a\": \"none.safetensors\"}}", "no such file"),
  ])
  func `an index that is none is refused`(index: String, expected: String) throws {
    #expect(try reason(index) == expected)
  }
}
