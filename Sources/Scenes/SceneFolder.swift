public import Files
internal import Foundation

/// The contents of a folder that scenes, series or volumes are written to.
public struct SceneFolder: Sendable {
  private let path: String
  /// The files that its table lists, relative to it, whether they exist or not; of volumes, folders.
  private let scenes: [String]
  /// The files that no table lists, relative to it, without hidden files.
  public let foreign: [String]

  /// - Throws: `FileError` if it cannot be read.
  public init(_ path: String) throws(FileError) {
    self.path = path
    guard case .folder = kindOfFile(path) else {
      (scenes, foreign) = ([], [])
      return
    }
    let names = try namesInFolder(path)
    let table = names.contains(factorsFileName) ? Self.table(in: path) : nil
    scenes = table?.filter(Self.isWritten) ?? []
    let known = Set(scenes + (table == nil ? [] : [factorsFileName]))
    var found: [String] = []
    for name in names {
      if Self.classes.contains(name), kindOfFile("\(path)/\(name)") == .folder {
        found += try namesInFolder("\(path)/\(name)").map { "\(name)/\($0)" }
      } else {
        found.append(name)
      }
    }
    foreign = found.filter { !known.contains($0) }
  }

  private static let classes = Set(
    ObjectClass.allCases.map(\.rawValue) + SeriesClass.allCases.map(\.rawValue)
      + VolumeClass.allCases.map(\.rawValue))

  /// The files that the table lists; nil if it is an unrelated file of that name.
  private static func table(in folder: String) -> [String]? {
    let path = "\(folder)/\(factorsFileName)"
    guard let data = try? readFile(path) else { return nil }
    return filesOfExamples(inTable: data)
      ?? (try? FactorsTable(csv: String(decoding: data, as: UTF8.self), file: path))?
      .rows.map(\.file)
  }

  /// Whether Fovea can have written a name: a table may have been edited to list any file.
  private static func isWritten(_ name: String) -> Bool {
    name.wholeMatch(of: /(?:[a-z]+\/)?[a-z_]+-[0-9]+(?:-[a-z]+)?(?:\.png|\.csv)?/) != nil
  }

  /// - Throws: `FileError` if there are files that no table lists.
  public func refuseForeign() throws(FileError) {
    guard !foreign.isEmpty else { return }
    throw FileError(
      .unwritable, path,
      "holds files that \(factorsFileName) does not list (\(firstOf(foreign))); use another --output, "
        + "or --force to write beside them")
  }

  /// Removes the files that the table lists; the table itself stays until it is replaced.
  func removeScenes() throws(FileError) {
    for scene in scenes {
      if (scene as NSString).pathExtension.isEmpty, kindOfFile("\(path)/\(scene)") == .folder {
        try removeFrames(of: scene)
        continue
      }
      guard unlink("\(path)/\(scene)") == 0 || errno == ENOENT || errno == ENOTDIR else {
        throw FileError(
          .unwritable, "\(path)/\(scene)", "cannot be replaced: \(words(for: errno))")
      }
    }
    // Folders that contain other files stay.
    for folder in Set(scenes.map { ($0 as NSString).deletingLastPathComponent })
    where !folder.isEmpty {
      rmdir("\(path)/\(folder)")
    }
  }

  /// Removes the frames of a volume; other files in its folder stay.
  private func removeFrames(of volume: String) throws(FileError) {
    for name in try namesInFolder("\(path)/\(volume)")
    where name.wholeMatch(of: /frame-[0-9]+\.png/) != nil {
      guard unlink("\(path)/\(volume)/\(name)") == 0 || errno == ENOENT else {
        throw FileError(
          .unwritable, "\(path)/\(volume)/\(name)", "cannot be replaced: \(words(for: errno))")
      }
    }
    rmdir("\(path)/\(volume)")
  }
}
