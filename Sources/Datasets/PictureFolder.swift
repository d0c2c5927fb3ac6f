public import Files
internal import Foundation
internal import Images
internal import TensorCore

/// The PNG and JPEG files in a folder and its subfolders.
///
/// If several subfolders contain pictures, they are the classes. An example is a file that is
/// decoded when it is preprocessed: a corrupt file is an error then, not on opening.
///
/// What Fovea itself has drawn into such a folder does not count as its pictures. Tables in the
/// folder, `annotations.csv` and `factors.csv`, may annotate them.
public struct PictureFolder: Dataset {
  public let classNames: [String]
  public let singleClass: String?
  public let remarks: [String]
  private let root: String
  /// Relative to `root`, in alphabetical order.
  let files: [String]
  private let labels: [Int?]
  private let table: AnnotationTable?
  /// For one picture.
  private let memory: MemoryBudget

  static let extensions: Set<String> = ["png", "jpg", "jpeg", "jpe", "jfif"]

  /// - Parameters:
  ///   - classes: Those of the data set of which this folder is a part, or its own.
  ///   - memory: For the pictures that are decoded at the same time.
  init(_ folder: AnnotatedFolder, classes: AnnotatedFolder.Classes, memory: MemoryBudget) {
    precondition(!folder.pictures.isEmpty, "\(folder.path) without pictures")
    root = folder.path
    files = folder.pictures
    table = folder.table
    // Batches are decoded on all threads.
    self.memory = memory.divided(by: min(ThreadCount.current, files.count))
    remarks = folder.remarks
    (classNames, singleClass) = (classes.names, classes.single)
    let numbers = Dictionary(uniqueKeysWithValues: zip(classNames, classNames.indices))
    labels = files.map { folder.className(of: $0, by: classes).flatMap { numbers[$0] } }
  }

  /// A single picture.
  init(file path: String, memory: MemoryBudget) {
    self.memory = memory
    // As written, for messages.
    root = (path as NSString).deletingLastPathComponent
    files = [(path as NSString).lastPathComponent]
    labels = [nil]
    (classNames, singleClass) = ([], nil)
    remarks = []
    table = nil
  }

  public var count: Int { files.count }

  public var heldBytes: Int { table?.heldBytes ?? 0 }

  public func label(at index: Int) throws -> Int? { labels[index] }
  public func source(at index: Int) throws -> String { files[index] }

  public func annotations(at index: Int) throws -> Annotations {
    table?.annotations(of: files[index]) ?? Annotations()
  }

  public func example(at index: Int) throws -> Example {
    let path = (root as NSString).appendingPathComponent(files[index])
    return Example(
      .file(PictureFile(path, memory: memory)), label: labels[index], source: files[index],
      annotations: { try annotations(at: index) })
  }
}

/// The contents of a folder and its subfolders, without hidden files.
struct FolderContents: Sendable {
  let path: String
  /// Paths relative to the folder, sorted.
  private(set) var pictures: [String] = []
  /// All files except Fovea's figures and the files beside them, as paths relative to the folder.
  private(set) var files: [String] = []
  /// The number of files other than pictures, by file name extension.
  private var others: [String: Int] = [:]
  /// Links may lead back up; each folder is visited once.
  private var visited: Set<FolderIdentity> = []
  /// The folders with Fovea's figures, and their number.
  private var galleries: [String] = []
  private var figureCount = 0
  private var unreadableNames = 0

  init(_ path: String) throws(FileError) {
    self.path = path
    try collect(path, prefix: "")
    pictures.sort()
  }

  private mutating func collect(_ folder: String, prefix: String) throws(FileError) {
    if let identity = FolderIdentity(folder), !visited.insert(identity).inserted { return }
    let listing = try FolderListing(folder)
    let names = listing.names
    unreadableNames += listing.unreadableNames
    let figures = ownFigures(in: folder, names: names)
    if !figures.isEmpty {
      galleries.append(folder)
      figureCount += figures.count { !$0.hasSuffix("_thumbnail.jpg") }
    }
    for name in names where !figures.contains(name) {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      switch kindOfFile(path) {
      case .folder: try collect(path, prefix: "\(prefix)\(name)/")
      case .regular:
        let type = (name as NSString).pathExtension.lowercased()
        let isPicture = PictureFolder.extensions.contains(type)
        if isPicture || figures.isEmpty { files.append(prefix + name) }
        if isPicture {
          pictures.append(prefix + name)
        } else {
          others[type, default: 0] += 1
        }
      case .other, .none: continue
      }
    }
  }

  /// The first folder on the path to a file, if any.
  static func firstFolder(of file: String) -> String? {
    file.firstIndex(of: "/").map { String(file[..<$0]) }
  }

  /// What to say about files that were skipped.
  var remarks: [String] {
    var remarks = figureRemark.map { [$0] } ?? []
    if unreadableNames > 0 {
      let names = unreadableNames == 1 ? "1 name that is" : "\(unreadableNames) names that are"
      remarks.append("skipped \(names) not UTF-8")
    }
    let types = others.keys.filter(Self.otherPictures.contains).sorted()
    let count = types.reduce(0) { $0 + (others[$1] ?? 0) }
    if count > 0, !pictures.isEmpty {
      let list = types.map { ".\($0)" }.joined(separator: ", ")
      remarks.append(
        "left out \(count) \(count == 1 ? "picture" : "pictures") (\(list)): only PNG and JPEG files "
          + "are read")
    }
    return remarks
  }

  /// Types of pictures that are not read.
  private static let otherPictures: Set = [
    "avif", "bmp", "gif", "heic", "heif", "pgm", "ppm", "tif", "tiff", "webp",
  ]

  private var figureRemark: String? {
    guard let first = galleries.first else { return nil }
    let others = galleries.count - 1
    let more = others > 0 ? " and \(others) more folder\(others == 1 ? "" : "s")" : ""
    return "skipped \(figureCount) of Fovea's own figures in " + first + more
  }

  /// For error messages: `none`, or `3 other files (.txt, .webp)`.
  var otherFiles: String {
    if figureCount > 0 { return "only Fovea's own figures" }
    let count = others.values.reduce(0, +)
    guard count > 0 else { return unreadableNames > 0 ? "only names that are not UTF-8" : "none" }
    let types = others.keys.filter { !$0.isEmpty }.sorted().map { ".\($0)" }
    let kinds = types.isEmpty ? "" : " (\(types.joined(separator: ", ")))"
    return "\(count) other file\(count == 1 ? "" : "s")\(kinds)"
  }
}

/// Identifies a folder, whatever path leads to it.
private struct FolderIdentity: Hashable, Sendable {
  private let device: dev_t
  private let number: ino_t

  /// Nil if it does not exist.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (device, number) = (status.st_dev, status.st_ino)
  }
}
