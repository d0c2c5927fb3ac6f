import Foundation
import TestSupport
import Testing

/// A small network and its pictures, made once by the program itself.
///
/// A folder holds `model.safetensors`, a `lenet5` of twelve classes for 32 × 32 pixels, and
/// `pictures` with four scenes of each class.
enum Sample {
  private static let made = Result { () throws -> TemporaryFolder in
    let folder = try TemporaryFolder()
    try check(
      Program.run(
        ["scenes", "--count", "48", "--size", "32", "--output", "pictures"], in: folder))
    try check(
      Program.run(
        [
          "train", "--architecture", "lenet5", "--data", "pictures", "--epochs", "2",
          "--batch-size", "16", "--output", "run",
        ], in: folder))
    // Its remark would be among the messages of every test.
    try FileManager.default.removeItem(atPath: folder["/pictures/factors.csv"])
    return folder
  }

  /// Nothing else removes the folder, because it is shared by all tests.
  private static let removal: Void = { _ = atexit { try? Sample.made.get().remove() } }()

  private struct Unmade: Error, CustomStringConvertible { let description: String }

  private static func check(_ outcome: Program.Outcome) throws {
    guard outcome.status == 0 else { throw Unmade(description: outcome.errors) }
  }

  /// A separate folder for a test.
  static func folder() throws -> TemporaryFolder {
    let (sample, folder) = (try made.get(), try TemporaryFolder())
    removal
    try folder.copy(sample["/run/final.safetensors"], as: "model.safetensors")
    try folder.copy(sample["/pictures"], as: "pictures")
    return folder
  }

  static func bytes() throws -> Data { try made.get().data("run/final.safetensors") }

  /// The model with NaN, or another number, as the first one of a weight.
  static func withNaN(_ weight: String, _ value: Float = .nan) throws -> Data {
    var data = try bytes()
    let length = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let object = try JSONSerialization.jsonObject(with: Data(data[8..<(8 + length)]))
    let entry = (object as? [String: Any])?[weight] as? [String: Any]
    let start = 8 + length + (try #require((entry?["data_offsets"] as? [Int])?.first))
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes in
      data.replaceSubrange(start..<(start + 4), with: bytes)
    }
    return data
  }

  /// The model with a changed header.
  static func checkpoint(_ change: (inout [String: Any]) -> Void) throws -> Data {
    let data = try bytes()
    let length = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    let object = try JSONSerialization.jsonObject(with: Data(data[8..<(8 + length)]))
    var header = object as? [String: Any] ?? [:]
    change(&header)
    let changed = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
    var file = Data()
    withUnsafeBytes(of: UInt64(changed.count).littleEndian) { file.append(contentsOf: $0) }
    return file + changed + data[(8 + length)...]
  }

  /// The model with a changed text in its metadata.
  static func checkpoint(_ key: String, _ change: (String) -> String) throws -> Data {
    try checkpoint { header in
      var metadata = header["__metadata__"] as? [String: String] ?? [:]
      metadata[key] = change(metadata[key] ?? "")
      header["__metadata__"] = metadata
    }
  }
}

extension TemporaryFolder {
  /// Runs the program and expects it to succeed.
  @discardableResult
  func run(
    _ arguments: String..., with options: String? = nil, location: SourceLocation = #_sourceLocation
  ) throws -> Program.Outcome {
    let arguments = try arguments + (options.map { try with($0) } ?? [])
    let outcome = try Program.run(arguments, in: self)
    try #require(
      outcome.status == 0 && !outcome.wasKilled,
      "fovea \(arguments.joined(separator: " ")) ends with \(outcome.status): \(outcome.errors)",
      sourceLocation: location)
    return outcome
  }

  /// Trains a network of another architecture than the sample's, as `mlp/final.safetensors`.
  func trainPerceptron() throws {
    try run(
      "train", "--architecture", "mlp", "--data", "pictures", "--epochs", "1", "--batch-size", "16",
      "--output", "mlp", "--quiet")
  }

  /// Runs the program and expects one line on standard error, nothing on standard output.
  func expect(
    _ message: String, status: Int32, from arguments: String...,
    location: SourceLocation = #_sourceLocation
  ) throws {
    try expect(message, status: status, from: arguments, location: location)
  }

  func expect(
    _ message: String, status: Int32, from arguments: [String],
    location: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try Program.run(arguments, in: self)
    #expect(outcome.errors == "fovea: \(message)\n", sourceLocation: location)
    #expect(outcome.output == "", sourceLocation: location)
    #expect(outcome.status == status, sourceLocation: location)
    #expect(!outcome.wasKilled, sourceLocation: location)
  }
}

/// All tests of the program, one after another, because its threads use every core.
@Suite(.serialized, .slow) struct `The program` {}
