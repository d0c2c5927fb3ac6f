internal import Files
internal import Foundation

/// The contents of a folder and its subfolders, without hidden files.
struct FolderContents: Sendable {
  let path: String
  /// What it is searched for.
  let kind: ExampleKind
  /// Paths relative to the folder, sorted: of pictures, of series, or of the folders that have the
  /// frames of a volume.
  private(set) var examples: [String] = []
  /// All files except Fovea's figures and the files beside them, as paths relative to the folder.
  private(set) var files: [String] = []
  /// The number of files other than those of examples, by file name extension.
  private var others: [String: Int] = [:]
  /// Links may lead back up; each folder is visited once.
  private var visited: Set<FolderIdentity> = []
  /// The folders with Fovea's figures, and their number.
  private var galleries: [String] = []
  private var figureCount = 0
  private var unreadableNames = 0
  /// The folders in this one that may be classes.
  private var folders: [String] = []

  init(_ path: String, of kind: ExampleKind = .picture) throws(FileError) {
    (self.path, self.kind) = (path, kind)
    try collect(path, prefix: "")
    if kind == .volume {
      // The folder of the frames, which is this one if it has no other.
      examples = Array(Set(examples.map { ($0 as NSString).deletingLastPathComponent }))
    }
    examples.sort()
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
      case .folder:
        if prefix.isEmpty { folders.append(name) }
        try collect(path, prefix: "\(prefix)\(name)/")
      case .regular:
        let type = (name as NSString).pathExtension.lowercased()
        let isExample = kind.fileTypes.contains(type) && !AnnotationTable.fileNames.contains(name)
        if isExample || figures.isEmpty { files.append(prefix + name) }
        if isExample {
          examples.append(prefix + name)
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
    if count > 0, !examples.isEmpty, kind != .series {
      let list = types.map { ".\($0)" }.joined(separator: ", ")
      remarks.append(
        "left out \(count) \(count == 1 ? "picture" : "pictures") (\(list)): only PNG and JPEG files "
          + "are read")
    }
    let filled = Set(examples.compactMap(Self.firstFolder))
    let empty = folders.filter { name in
      let folder = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      return !filled.contains(name)
        && !galleries.contains { $0 == folder || $0.hasPrefix(folder + "/") }
    }
    if !filled.isEmpty, !empty.isEmpty {
      let list = empty.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      let more = empty.count > 3 ? " and \(empty.count - 3) more" : ""
      remarks.append("no \(kind.plural) in \(list)\(more)")
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

extension ExampleKind {
  /// The extensions of files of one example, or of one of its frames.
  var fileTypes: Set<String> {
    self == .series ? SeriesFile.extensions : ["png", "jpg", "jpeg", "jpe", "jfif"]
  }

  /// What a folder of them contains, for errors.
  var filesName: String {
    switch self {
    case .series: "series (CSV, WAV)"
    case .picture: "pictures (PNG, JPEG)"
    case .volume: "folders of numbered frames (PNG, JPEG)"
    }
  }
}
