public import Files
internal import Foundation
internal import Images

/// The PNG and JPEG files of a folder and the folders in it.
///
/// Where there are several sub-folders with pictures, they are the classes. Pictures are read one
/// at a time, when they are asked for.
public struct PictureFolder: Dataset {
  public let classNames: [String]
  private let root: String
  /// Relative to `root`, in alphabetical order.
  private let files: [String]
  private let labels: [Int?]

  static let extensions: Set<String> = ["png", "jpg", "jpeg", "jpe", "jfif"]

  /// - Throws: `FileError` where there is no picture.
  public init(_ path: String) throws(FileError) {
    var files: [String] = []
    // The enumerator follows no link, not even its first.
    let resolved = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
    guard let walker = FileManager.default.enumerator(atPath: resolved) else {
      throw FileError(.missing, path, "the folder cannot be read")
    }
    for case let file as String in walker
    where Self.extensions.contains((file as NSString).pathExtension.lowercased()) {
      let isHidden = file.split(separator: "/").contains { $0.hasPrefix(".") }
      if !isHidden { files.append(file) }
    }
    guard !files.isEmpty else {
      throw FileError(
        .missing, path, "expected PNG or JPEG pictures, IDX, CIFAR or NumPy files, found none")
    }
    files.sort()
    root = path
    self.files = files
    let folders = files.map { file in file.split(separator: "/").dropLast().first.map(String.init) }
    let names = Set(folders.compactMap { $0 }).sorted()
    classNames = names.count > 1 ? names : []
    labels =
      names.count > 1
      ? folders.map { folder in folder.flatMap { names.firstIndex(of: $0) } }
      : files.map { _ in nil }
  }

  /// One picture.
  init(file path: String) {
    // As it was written, for messages.
    root = (path as NSString).deletingLastPathComponent
    files = [(path as NSString).lastPathComponent]
    labels = [nil]
    classNames = []
  }

  public var count: Int { files.count }

  public func label(at index: Int) throws -> Int? { labels[index] }

  public func example(at index: Int) throws -> Example {
    let path = (root as NSString).appendingPathComponent(files[index])
    return Example(
      .picture(try Image(contentsOf: path)), label: labels[index], source: files[index])
  }
}
