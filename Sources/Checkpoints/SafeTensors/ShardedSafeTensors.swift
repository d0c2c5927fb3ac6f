public import Files
internal import Foundation
public import TensorCore

/// Tensors in several safetensors files, listed in an index: `model.safetensors.index.json` beside
/// `model-00001-of-00002.safetensors` and so on.
///
/// Source: huggingface.co/docs/transformers, "Instantiating a big model", "Sharded checkpoints".
public struct ShardedSafeTensors: WeightsFile {
  /// The path of the index.
  public let path: String
  /// The metadata of the first file that has any; the index's own is not used.
  public let metadata: [String: String]
  public let entries: [TensorEntry]
  private let shards: [String: SafeTensorsFile]

  /// No index is larger; a million names need less.
  private static let longestIndex = 1 << 28

  /// Opens the index and every file that it lists.
  ///
  /// - Throws: `FileError` if the index is invalid, names a file outside its own folder, or a file
  ///   lacks a tensor that it should contain.
  public init(_ path: String) throws(FileError) {
    try self.init(FileBytes(OpenFile(path)))
  }

  /// - Parameter index: Its path determines the folder of the other files.
  /// - Throws: The same errors as `init(_:)`.
  public init(_ index: FileBytes) throws(FileError) {
    let fileNames = try Self.fileNames(index)
    let folder = index.path.lastIndex(of: "/").map { String(index.path[...$0]) } ?? ""
    var (files, shards): ([String: SafeTensorsFile], [String: SafeTensorsFile]) = ([:], [:])
    var entries: [TensorEntry] = []
    var metadata: [String: String] = [:]
    for (name, fileName) in fileNames {
      let file: SafeTensorsFile
      if let known = files[fileName] {
        file = known
      } else {
        file = try SafeTensorsFile(index.companion(folder + fileName))
        files[fileName] = file
      }
      guard let entry = file[name] else {
        throw FileError(
          .malformed, index.path,
          "expected tensor \(quoted(name)) in \(quoted(fileName)), found none of that name there")
      }
      if metadata.isEmpty { metadata = file.metadata }
      guard shards.updateValue(file, forKey: name) == nil else {
        throw FileError(
          .malformed, index.path, "expected every tensor once, found \(quoted(name)) twice")
      }
      entries.append(entry)
    }
    path = index.path
    self.metadata = metadata
    self.entries = entries.sorted { $0.name < $1.name }
    self.shards = shards
  }

  public subscript(name: String) -> TensorEntry? { shards[name]?[name] }

  public func tensor(_ name: String) throws(FileError) -> Tensor {
    guard let shard = shards[name] else { throw missing(name) }
    return try shard.tensor(name)
  }

  /// The names of the tensors, each with the file that contains it, in the index's order.
  private static func fileNames(
    _ index: FileBytes
  ) throws(FileError) -> [(tensor: String, file: String)] {
    func malformed(_ reason: String) -> FileError { FileError(.malformed, index.path, reason) }
    guard index.size <= longestIndex else {
      throw malformed("expected an index of at most \(longestIndex) bytes, found \(index.size)")
    }
    let bytes = Array(try index.read(0..<index.size))
    let value: JSONValue
    do {
      value = try JSONValue(reading: bytes)
    } catch {
      throw malformed("expected JSON, found an error at byte \(error.position): \(error.reason)")
    }
    guard case .object(let fields) = value,
      case .object(let map)? = fields.first(where: { $0.name == "weight_map" })?.value
    else { throw malformed("expected an index of safetensors files with a weight_map") }
    var names: [(tensor: String, file: String)] = []
    for (name, file) in map {
      guard case .string(let fileName) = file else {
        throw malformed("expected a file's name for \(quoted(name)), found \(file.kind)")
      }
      guard isPlain(fileName) else {
        throw malformed(
          "expected files in the index's own folder, found \(quoted(fileName)) for \(quoted(name))"
        )
      }
      names.append((name, fileName))
    }
    return names
  }

  /// Whether a name refers to a file in the same folder.
  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".")
      && !name.contains { "/\\:\0".contains($0) || $0.isNewline }
  }
}
