public import Files
internal import Foundation
public import TensorCore

/// Reads an array of numbers from a `.npy` file, or from an `.npz` archive the one with a given
/// name, or its only one.
///
/// - Throws: `FileError` that names the file and what it contains instead.
public func readArray(
  in path: String, named name: String, memory: MemoryBudget
) throws(FileError) -> Tensor {
  let file = FileBytes(try OpenFile(path))
  guard ZipArchive.isZip(try file.read(0..<min(4, file.size))) else {
    let stream = try ByteStream(file)
    return try NumPyArray(NumPyHeader(stream), stream).values(memory)
  }
  let archive = try ZipArchive(file)
  let names = archive.names.filter { $0.hasSuffix(".npy") }
  guard let chosen = names.first(where: { $0 == "\(name).npy" }) ?? names.first,
    names.count == 1 || chosen == "\(name).npy"
  else {
    let found = names.map { "'\($0.dropLast(4))'" }.joined(separator: ", ")
    throw FileError(
      .malformed, path,
      "expected an array '\(name)', or a single one, found \(found.isEmpty ? "none" : found)")
  }
  let stream = try archive.stream(of: chosen)
  return try NumPyArray(NumPyHeader(stream), stream).values(memory)
}
