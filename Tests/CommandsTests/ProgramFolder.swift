import Foundation
import TestSupport

/// A folder to run the program in.
extension TemporaryFolder {
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
}
