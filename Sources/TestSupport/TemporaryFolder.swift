public import Files
public import Foundation

/// An empty folder for a single test, removed with it.
public final class TemporaryFolder: Sendable {
  /// Without links, as the system resolves it.
  public let path: String

  public init() throws(FileError) {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "fovea-tests-\(UUID().uuidString)").resolvingSymlinksInPath().path
    try makeFolder(path)
  }

  deinit { remove() }

  /// Only needed for a folder that outlives all tests.
  public func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file.
  ///
  /// - Parameter name: With a leading slash.
  public subscript(name: String) -> String { path + name }

  /// Writes a file, and creates the folders above it.
  ///
  /// - Returns: Its path.
  @discardableResult
  public func write(_ data: Data, _ name: String) throws -> String {
    let file = "\(path)/\(name)"
    try makeFolder(URL(filePath: file).deletingLastPathComponent().path)
    try writeFile(data, to: file)
    return file
  }

  @discardableResult
  public func write(_ text: String, _ name: String) throws -> String {
    try write(Data(text.utf8), name)
  }

  public func copy(_ file: String, as name: String) throws {
    try makeFolder(URL(filePath: "\(path)/\(name)").deletingLastPathComponent().path)
    try FileManager.default.copyItem(atPath: file, toPath: "\(path)/\(name)")
  }

  public func data(_ name: String) throws -> Data { try readFile("\(path)/\(name)") }

  public func text(_ name: String) throws -> String {
    String(decoding: try data(name), as: UTF8.self)
  }

  public func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(path)/\(name)")
  }

  /// Every file in a folder and below, including hidden ones, with its bytes; none if there is no
  /// such folder.
  ///
  /// - Parameter folder: Empty for this one.
  public func files(_ folder: String = "") throws -> [String: Data] {
    let root = folder.isEmpty ? path : "\(path)/\(folder)"
    guard let names = FileManager.default.enumerator(atPath: root) else { return [:] }
    var files: [String: Data] = [:]
    for case let name as String in names {
      var isFolder: ObjCBool = false
      let file = "\(root)/\(name)"
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder),
        !isFolder.boolValue
      else { continue }
      files[name] = try readFile(file)
    }
    return files
  }

  /// The names of ``files(_:)``, sorted.
  public func fileNames(_ folder: String = "") throws -> [String] {
    try files(folder).keys.sorted()
  }
}

/// Runs `body` with the path of an empty folder, which is removed afterwards.
public func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let folder = try TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder.path) }
}

/// The names of everything in a folder, including hidden files, sorted.
public func allNames(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}
