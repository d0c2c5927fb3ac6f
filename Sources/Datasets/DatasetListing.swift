public import Files
internal import Foundation

/// The files of a data set that ``openDataset(_:split:memory:)`` would open, one line each with the
/// size and the modification time: two listings are equal if the pictures are.
///
/// A cheap way to tell whether pictures have changed; none of them is read.
///
/// - Throws: `FileError` if there is nothing of that name.
public func listing(ofDataset path: String) throws(FileError) -> String {
  var lines = [URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)]
  func add(_ file: String, as name: String) {
    lines.append("\(name) \(FileStamp(of: file)?.description ?? "none")")
  }
  switch kindOfFile(path) {
  case .folder:
    for file in try FolderContents(path).files.sorted() { add("\(path)/\(file)", as: file) }
  case .regular, .other:
    let beside = ["labels.txt", "batches.meta.txt"].map { "\(parentFolder(of: path))/\($0)" }
    for file in [path, labelsFile(beside: path)].compactMap(\.self) + beside { add(file, as: file) }
  case .none: throw FileError(.missing, path, "no such file or folder")
  }
  return lines.joined(separator: "\n")
}
