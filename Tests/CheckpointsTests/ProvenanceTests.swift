import Checkpoints
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

/// The fingerprint is that of the bytes from which the weights were read, even if the files have
/// been replaced since.
@Suite struct `Where weights come from` {
  /// A way to store a network that adds a number to its input.
  enum Kind: CaseIterable, Sendable {
    case safeTensors, sharded, onnx, onnxWithData

    /// Writes a network that adds `number`, and returns the file to load.
    func write(_ number: Float, to folder: String) throws -> String {
      try makeFolder(folder)
      switch self {
      case .safeTensors:
        return try save(number, to: "\(folder)/a.safetensors")
      case .sharded:
        let path = try save(number, to: "\(folder)/1.safetensors")
        let index = "\(folder)/a.safetensors.index.json"
        let names = try SafeTensorsFile(path).entries.map {
          "\"\($0.name)\": \"1.safetensors\""
        }
        try writeFile(Data("{\"weight_map\": {\(names.joined(separator: ", "))}}".utf8), to: index)
        return index
      case .onnx:
        return try model([.init("w", [16], numbers(number))], in: folder)
      case .onnxWithData:
        let bytes = numbers(number).withUnsafeBytes { Data($0) }
        try makeFolder("\(folder)/data")
        try writeFile(bytes, to: "\(folder)/data/w.bin")
        return try model([.init("w", [16], external: ["location": "data/w.bin"])], in: folder)
      }
    }

    private func numbers(_ number: Float) -> [Float] { [Float](repeating: number, count: 16) }

    private func model(
      _ initializers: [SyntheticONNX.Initializer], in folder: String
    ) throws -> String {
      let model = SyntheticONNX(
        nodes: [.init("Flatten", ["x"], ["f"]), .init("Add", ["f", "w"], ["y"])],
        initializers: initializers)
      try writeFile(model.data, to: "\(folder)/a.onnx")
      return "\(folder)/a.onnx"
    }

    private func save(_ number: Float, to path: String) throws -> String {
      var checkpoint = try Checkpoint.load(fixture("lenet5.pth"))
      for name in checkpoint.network.parameters.names where name.hasSuffix("bias") {
        let shape = checkpoint.network.parameters[name]?.shape ?? []
        checkpoint.network.parameters[name] = Tensor(shape: shape, repeating: number)
      }
      try checkpoint.save(to: path)
      return path
    }

    /// The number by which the networks differ.
    func number(of checkpoint: Checkpoint) -> Float? {
      let parameters = checkpoint.network.parameters
      let name = parameters.names.first { $0.hasSuffix("bias") } ?? parameters.names.first
      return name.flatMap { parameters[$0]?.elements.first }
    }
  }

  @Test(arguments: Kind.allCases) func `every byte of the weights counts`(kind: Kind) throws {
    try withTemporaryFolder { folder in
      func print(_ number: Float, _ name: String) throws -> String {
        let source = try Checkpoint.open(kind.write(number, to: "\(folder)/\(name)"))
        let checkpoint = try Checkpoint.load(source)
        #expect(kind.number(of: checkpoint) ?? number == number)
        return try PendingFingerprint(of: source).value()
      }
      let first = try print(1, "a")
      #expect(first.count == 64)
      #expect(try print(1, "b") == first)
      #expect(try print(2, "c") != first)
    }
  }

  @Test(arguments: Kind.allCases) func `files that take their names do not`(kind: Kind) throws {
    try withTemporaryFolder { folder in
      let source = try Checkpoint.open(kind.write(1, to: folder))
      _ = try Checkpoint.load(source)
      let before = try PendingFingerprint(of: source).value()
      _ = try kind.write(2, to: folder)
      #expect(try PendingFingerprint(of: source).value() == before)
      // A file that was opened once is not opened again.
      let again = try Checkpoint.load(source)
      #expect(kind.number(of: again) ?? 1 == 1)
    }
  }

  @Test func `one file has the sum that sha256sum prints`() throws {
    try withTemporaryFolder { folder in
      let path = try Kind.safeTensors.write(1, to: folder)
      let source = try Checkpoint.open(path)
      _ = try Checkpoint.load(source)
      #expect(try PendingFingerprint(of: source).value() == fingerprint(of: readFile(path)))
    }
  }
}
