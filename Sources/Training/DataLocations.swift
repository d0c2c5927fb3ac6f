internal import Files
internal import Foundation

/// Where a training run's pictures and given weights are, in a small file beside its checkpoints.
///
/// The checkpoints themselves only contain the last component of the paths, so that they can be
/// shared without revealing the names of anyone's folders.
public struct DataLocations: Sendable, Hashable, Codable {
  /// Relative to the file's folder; nil for pictures that do not come from a file.
  public let data: String?
  public let testData: String?
  /// The checkpoint that training started from; nil for none, and in files of earlier versions.
  public let from: String?
  /// The table with the pictures' classes; nil for none.
  public let labels: String?
  /// The command line's options with which the checkpoint was read; nil for none.
  public let options: [String]?

  /// - Parameter options: With the places of files that any folder understands.
  init(of recipe: Recipe, in folder: String, options: [String] = []) {
    self.options = options.isEmpty ? nil : options
    func place(_ path: String?) -> String? {
      guard let path, FileManager.default.fileExists(atPath: path) else { return nil }
      return relativePath(to: path, from: folder)
    }
    (data, testData) = (place(recipe.data), place(recipe.testData))
    (from, labels) = (place(recipe.from), place(recipe.labels))
  }

  /// Nil if the file does not exist or is not valid.
  public init?(beside checkpoint: String) {
    let folder = (checkpoint as NSString).deletingLastPathComponent
    let file = (folder as NSString).appendingPathComponent(TrainingFileNames.data)
    guard let bytes = try? readFile(file),
      let found = try? JSONDecoder().decode(DataLocations.self, from: bytes)
    else { return nil }
    func path(_ place: String?) -> String? {
      place.map { shortened((folder as NSString).appendingPathComponent($0)) }
    }
    (data, testData) = (path(found.data), path(found.testData))
    (from, labels) = (path(found.from), path(found.labels))
    options = found.options
  }

  var isEmpty: Bool { [data, testData, from, labels].allSatisfy { $0 == nil } }

  func write(to folder: String) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(self) else { preconditionFailure("paths have JSON") }
    try writeFile(bytes + Data("\n".utf8), to: "\(folder)/\(TrainingFileNames.data)")
  }
}

extension Recipe {
  /// With the places of pictures and weights, where they are known.
  func at(_ places: DataLocations) -> Recipe {
    var recipe = self
    recipe.data = places.data ?? data
    recipe.testData = places.testData ?? testData
    recipe.from = places.from ?? from
    recipe.labels = places.labels ?? labels
    return recipe
  }

  /// With only the last component of each path, as stored in checkpoints.
  public var withoutFolders: Recipe {
    func name(_ path: String) -> String { URL(filePath: path).lastPathComponent }
    var recipe = self
    recipe.data = data.contains("/") ? name(data) : data
    recipe.testData = testData.map { $0.contains("/") ? name($0) : $0 }
    recipe.from = from.map { $0.contains("/") ? name($0) : $0 }
    recipe.labels = labels.map { $0.contains("/") ? name($0) : $0 }
    return recipe
  }
}

/// A path without `..` in its middle, unless it would lead elsewhere after a link.
private func shortened(_ path: String) -> String {
  var parts: [String] = []
  for part in (path as NSString).pathComponents where part != "." {
    if part == "..", let last = parts.last, last != "..", last != "/" {
      parts.removeLast()
    } else {
      parts.append(part)
    }
  }
  let short = parts.isEmpty ? "." : NSString.path(withComponents: parts)
  return resolvedPath(short) == resolvedPath(path) ? short : path
}

/// Links are resolved first, because `..` after a link leaves the folder that the link points to.
private func relativePath(to path: String, from folder: String) -> String {
  let (to, from) = (
    (resolvedPath(path) as NSString).pathComponents,
    (resolvedPath(folder) as NSString).pathComponents
  )
  let shared = zip(to, from).prefix { $0 == $1 }.count
  let up = Array(repeating: "..", count: from.count - shared)
  let relative = up + to.dropFirst(shared)
  return relative.isEmpty ? "." : relative.joined(separator: "/")
}
