internal import Files
internal import Foundation

/// The contents of a folder that a gallery is to be written to or added to.
struct GalleryFolder: Sendable {
  /// As the user wrote it.
  let path: String
  /// Without symbolic links, so that renaming replaces the folder and not a link to it.
  let resolved: String
  let exists: Bool
  /// Nil if there is no gallery.
  let manifest: Manifest?
  /// Files that no record lists, by name.
  let foreign: [String]

  /// The prefix of the folders inside it in which galleries are prepared.
  static let stagingPrefix = ".fovea-"

  /// - Throws: `FileError` if the path is a file, or if its record cannot be read, unless
  ///   `force`.
  init(_ path: String, force: Bool) throws(FileError) {
    self.path = path
    resolved = resolvedPath(path)
    var isFolder: ObjCBool = false
    exists = FileManager.default.fileExists(atPath: resolved, isDirectory: &isFolder)
    guard exists else {
      (manifest, foreign) = (nil, [])
      return
    }
    guard isFolder.boolValue else {
      throw FileError(.unwritable, path, "expected a folder, found a file of that name")
    }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: resolved)
    } catch {
      throw FileError(.unwritable, path, "the folder cannot be read")
    }
    let record = "\(resolved)/\(Manifest.fileName)"
    var known: Manifest?
    if names.contains(Manifest.fileName) {
      do {
        known = try Manifest(contentsOf: record)
      } catch {
        guard force else {
          throw FileError(
            .malformed, "\(path)/\(Manifest.fileName)",
            "\(error.reason); use another --output, or --force")
        }
      }
    }
    let gallery = known.flatMap { $0.program == Manifest.programName ? $0 : nil }
    manifest = gallery
    let listed = Set(gallery?.files ?? [])
    foreign = names.filter { !listed.contains($0) && !Self.isPassing($0) }.sorted()
  }

  /// Whether a file with this name can be removed without loss.
  static func isPassing(_ name: String) -> Bool {
    // Finder leaves this file in every folder that it shows.
    name.hasPrefix(stagingPrefix) || name == ".DS_Store"
  }

  /// Whether the folder can be exchanged inside its parent: both are on one mount, the parent is
  /// writable, and the process's working directory is not in the folder.
  var canBeExchanged: Bool {
    guard exists else { return true }
    guard resolved != "/" else { return false }
    let parent = (resolved as NSString).deletingLastPathComponent
    var (inside, outside) = (stat(), stat())
    guard stat(resolved, &inside) == 0, stat(parent, &outside) == 0,
      inside.st_dev == outside.st_dev
    else { return false }
    // A file system mounted twice has one device number, but nothing can be renamed from one mount
    // to the other, which the system reports before it looks for the file.
    let nothing = "\(Self.stagingPrefix)\(UUID().uuidString)"
    guard rename("\(parent)/\(nothing)", "\(resolved)/\(nothing)") == 0 || errno != EXDEV else {
      return false
    }
    let here = FileManager.default.currentDirectoryPath
    return access(parent, W_OK) == 0 && here != resolved && !here.hasPrefix(resolved + "/")
  }

  /// - Throws: `FileError` if there are other people's files. A training run and the gallery of its
  ///   network may share a folder.
  func refuseForeign() throws(FileError) {
    let others = foreign.filter { !TrainingFileNames.contains($0) }
    guard !others.isEmpty else { return }
    throw FileError(
      .unwritable, path,
      "holds files that belong to no gallery (\(firstOf(others))); use another --output, or --force "
        + "to write beside them")
  }

  /// - Throws: `FileError` if the gallery belongs to another checkpoint.
  func refuseOther(than checkpoint: Manifest.Checkpoint) throws(FileError) {
    guard let found = manifest?.checkpoint, found.sha256 != checkpoint.sha256 else { return }
    throw FileError(
      .unwritable, path,
      "holds a gallery of \(found.name) (\(found.sha256.prefix(8))), not of "
        + "\(found.name == checkpoint.name ? "this " : "")\(checkpoint.name) "
        + "(\(checkpoint.sha256.prefix(8))); use another --output, or --force to replace it")
  }
}
