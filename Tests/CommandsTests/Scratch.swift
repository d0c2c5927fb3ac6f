import Files
import Foundation

/// A folder to run the program in, removed with the test.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "fovea-tests-\(UUID().uuidString)").path
    try makeFolder(path)
  }

  deinit { remove() }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// - Parameter name: With a leading slash.
  subscript(name: String) -> String { path + name }

  func write(_ data: Data, _ name: String) throws {
    try makeFolder(URL(filePath: "\(path)/\(name)").deletingLastPathComponent().path)
    try writeFile(data, to: "\(path)/\(name)")
  }

  func write(_ text: String, _ name: String) throws { try write(Data(text.utf8), name) }

  func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
  }

  func text(_ name: String) throws -> String { String(decoding: try data(name), as: UTF8.self) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

  /// Writes options of single kinds of figures, as YAML.
  ///
  /// - Returns: What has `visualize` use them.
  func with(_ options: String) throws -> [String] {
    try write(options, Self.optionsName)
    return ["--with", Self.optionsName]
  }

  private static let optionsName = ".with.yaml"

  /// The names in a folder, including hidden ones, except for the program's outputs and `with`
  /// options.
  func names(_ folder: String = "") -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")
    return (names ?? []).filter { ![".output", ".errors", Self.optionsName].contains($0) }.sorted()
  }

  /// Every file in a folder with its bytes.
  func contents(_ folder: String) -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in names(folder) { contents[name] = try? data("\(folder)/\(name)") }
    return contents
  }

  func json(_ name: String) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: try data(name))
    return object as? [String: Any] ?? [:]
  }

  func copy(_ file: String, as name: String) throws {
    try makeFolder(URL(filePath: "\(path)/\(name)").deletingLastPathComponent().path)
    try FileManager.default.copyItem(atPath: file, toPath: "\(path)/\(name)")
  }
}
