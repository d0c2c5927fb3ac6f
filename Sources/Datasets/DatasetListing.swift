public import Files
public import Foundation

/// The files of a data set that ``openDataset(_:split:memory:)`` would open.
///
/// A cheap way to tell whether pictures have changed; none of them is read.
public struct DatasetListing: Sendable {
  private var lines: [String]
  /// When the file that changed last was modified; nil if that is not known of one of them.
  public private(set) var lastModified: Date? = .distantPast

  /// - Throws: `FileError` if there is nothing of that name.
  public init(_ path: String) throws(FileError) {
    lines = [URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)]
    switch kindOfFile(path) {
    case .folder:
      for file in try FolderContents(path).files.sorted() { add("\(path)/\(file)", as: file) }
    case .regular, .other:
      let beside = ["labels.txt", "batches.meta.txt"].map { "\(parentFolder(of: path))/\($0)" }
        .filter { kindOfFile($0) == .regular }
      for file in [path, labelsFile(beside: path)].compactMap(\.self) + beside {
        add(file, as: (file as NSString).lastPathComponent)
      }
    case .none: throw FileError(.missing, path, "no such file or folder")
    }
  }

  /// Adds a file that belongs to the data set.
  package mutating func add(_ file: String, as name: String) {
    // A pipe or a device says nothing about when its content changed.
    let stamp = kindOfFile(file) == .regular ? FileStamp(of: file) : nil
    lines.append("\(name) \(stamp?.description ?? "none")")
    lastModified = lastModified.flatMap { last in stamp.map { max(last, $0.modified) } }
  }

  /// One line for each file, with its size and modification time: two texts are equal if the
  /// pictures are.
  public var text: String { lines.joined(separator: "\n") }
}
