public import Files
internal import Foundation
public import TensorCore

extension NumPy {
  /// Reads an array of numbers from a `.npy` file, or from an `.npz` archive the one of a name,
  /// or its only one.
  ///
  /// - Throws: `FileError` that names the file and what it holds instead.
  public static func array(in path: String, named name: String) throws(FileError) -> Tensor {
    let data = try readFile(path)
    guard ZipArchive.isZip(data) else { return try array(data, file: path) }
    let archive = try ZipArchive(data, file: path)
    let names = archive.names.filter { $0.hasSuffix(".npy") }
    guard let chosen = names.first(where: { $0 == "\(name).npy" }) ?? names.first,
      names.count == 1 || chosen == "\(name).npy"
    else {
      let found = names.map { "'\($0.dropLast(4))'" }.joined(separator: ", ")
      throw FileError(
        .malformed, path,
        "expected an array '\(name)', or a single one, found \(found.isEmpty ? "none" : found)")
    }
    return try array(archive.contents(of: chosen), file: "\(path)/\(chosen)")
  }
}
