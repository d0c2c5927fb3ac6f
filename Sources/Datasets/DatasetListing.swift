public import Files
public import Foundation

/// The files of a data set that ``openDataset(_:of:split:input:memory:)`` would open.
///
/// A cheap way to tell whether pictures have changed; none of them is read.
public struct DatasetListing: Sendable {
  private var lines: [String]
  /// When the file that changed last did; nil if that is not known of one of them.
  public private(set) var lastChanged: Date? = .distantPast

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
    let state = kindOfFile(file) == .regular ? FileState(of: file) : nil
    lines.append("\(name) \(state?.description ?? "none")")
    lastChanged = lastChanged.flatMap { last in state.map { max(last, $0.changed) } }
  }

  /// One line for each file, with its size and when it was modified and changed: the pictures of two
  /// equal texts are the same.
  public var text: String { lines.joined(separator: "\n") }
}
