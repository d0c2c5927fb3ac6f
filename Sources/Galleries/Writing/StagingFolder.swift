internal import Files
internal import Foundation

/// A hidden folder in which a gallery is prepared, on the file system where it will be.
///
/// It is locked as long as its owner lives, so that no other run takes it for a leftover.
final class StagingFolder: Sendable {
  let path: String
  /// Whether it lies beside the gallery's folder, so that the two can change places.
  let isBeside: Bool
  private let lock: FolderLock

  /// - Parameters:
  ///   - key: What the folder is for; its name.
  ///   - keeping: Whether what lies in such a folder already is kept.
  /// - Throws: `FileError` where it cannot be made, or another run uses it.
  init(for folder: GalleryFolder, key: String, keeping: Bool) throws(FileError) {
    let parent = (folder.resolved as NSString).deletingLastPathComponent
    isBeside = !folder.exists || canRename(between: folder.resolved, and: parent)
    path =
      isBeside
      ? "\(parent)/\(Self.prefix(of: folder))\(key)"
      : "\(folder.resolved)/\(GalleryFolder.stagingPrefix)\(key)"
    let path = path
    do {
      try makeFolder(path)
    } catch {
      throw FileError(.unwritable, folder.path, error.reason)
    }
    guard let lock = FolderLock(path, waits: false) else {
      throw FileError(.unwritable, folder.path, "another run is writing this gallery")
    }
    self.lock = lock
    guard !keeping else { return }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }

  /// Removes what earlier runs left for the same gallery.
  ///
  /// - Parameter prefix: Of the keys of what is removed.
  static func removeLeftovers(
    for folder: GalleryFolder, keyPrefix prefix: String = "", except key: String
  ) {
    let parent = (folder.resolved as NSString).deletingLastPathComponent
    let places = [
      (parent, Self.prefix(of: folder)), (folder.resolved, GalleryFolder.stagingPrefix),
    ]
    for (place, start) in places {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
      where name.hasPrefix(start + prefix) && name != start + key {
        // What is locked is not left over.
        guard let lock = FolderLock("\(place)/\(name)", waits: false) else { continue }
        // A run that ended between two renames has left the earlier gallery here.
        if name.hasSuffix(earlierSuffix),
          !FileManager.default.fileExists(atPath: folder.resolved),
          rename("\(place)/\(name)", folder.resolved) == 0
        {
          continue
        }
        withExtendedLifetime(lock) {
          try? FileManager.default.removeItem(atPath: "\(place)/\(name)")
        }
      }
    }
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }

  private static func prefix(of folder: GalleryFolder) -> String {
    ".\((folder.resolved as NSString).lastPathComponent).fovea-"
  }
}

/// Ends the name of a folder that is about to be replaced.
let earlierSuffix = "-earlier"

/// Exclusive use of a folder until the lock is given up or its process ends.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// - Parameter waits: Whether to wait until another owner is done.
  /// - Returns: Nil where another owner has it, or where there is no such folder.
  init?(_ path: String, waits: Bool) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }
}

/// Whether a folder can change its place inside its parent: both on one file system, the parent
/// writable, and no process of ours at home in the folder.
private func canRename(between folder: String, and parent: String) -> Bool {
  var (inside, outside) = (stat(), stat())
  guard stat(folder, &inside) == 0, stat(parent, &outside) == 0, inside.st_dev == outside.st_dev
  else { return false }
  let here = FileManager.default.currentDirectoryPath
  return access(parent, W_OK) == 0 && here != folder && !here.hasPrefix(folder + "/")
}
