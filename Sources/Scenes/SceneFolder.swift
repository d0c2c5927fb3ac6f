public import Files
internal import Foundation

/// What lies in a folder that scenes are written to.
public struct SceneFolder: Sendable {
  private let path: String
  /// The pictures that its table lists, relative to it, whether they are there or not.
  private let scenes: [String]
  /// What no table lists, relative to it, without hidden files.
  public let foreign: [String]

  /// - Throws: `FileError` where it cannot be read.
  public init(_ path: String) throws(FileError) {
    self.path = path
    guard case .folder = kindOfFile(path) else {
      (scenes, foreign) = ([], [])
      return
    }
    let names = try namesInFolder(path)
    let table = names.contains(factorsFileName) ? Self.table(in: path) : nil
    scenes = table?.rows.map(\.file).filter(Self.isPicture) ?? []
    let known = Set(scenes + (table == nil ? [] : [factorsFileName]))
    var found: [String] = []
    for name in names {
      if ObjectClass(rawValue: name) != nil, kindOfFile("\(path)/\(name)") == .folder {
        found += try namesInFolder("\(path)/\(name)").map { "\(name)/\($0)" }
      } else {
        found.append(name)
      }
    }
    foreign = found.filter { !known.contains($0) }
  }

  /// Nil where it is somebody else's file of that name.
  private static func table(in folder: String) -> FactorsTable? {
    let path = "\(folder)/\(factorsFileName)"
    guard let data = try? readFile(path) else { return nil }
    return try? FactorsTable(csv: String(decoding: data, as: UTF8.self), file: path)
  }

  /// Whether a name can be one of `writeScenes`: a table may be changed to list any file.
  private static func isPicture(_ name: String) -> Bool {
    name.wholeMatch(of: /(?:[a-z]+\/)?[a-z_]+-[0-9]+(?:-[a-z]+)?\.png/) != nil
  }

  /// - Throws: `FileError` where there are files that no table lists.
  public func refuseForeign() throws(FileError) {
    guard !foreign.isEmpty else { return }
    throw FileError(
      .unwritable, path,
      "holds files that \(factorsFileName) does not list (\(firstOf(foreign))); use another --output, "
        + "or --force to write beside them")
  }

  /// Removes the pictures that the table lists; what lists them stays until there is another.
  func removeScenes() throws(FileError) {
    for scene in scenes {
      guard unlink("\(path)/\(scene)") == 0 || errno == ENOENT || errno == ENOTDIR else {
        throw FileError(
          .unwritable, "\(path)/\(scene)", "cannot be replaced: \(words(for: errno))")
      }
    }
    // Those with other files in them stay.
    for folder in Set(scenes.map { ($0 as NSString).deletingLastPathComponent })
    where !folder.isEmpty {
      rmdir("\(path)/\(folder)")
    }
  }
}
