internal import Files
internal import Foundation
internal import Synchronization

/// A hidden folder in which a gallery is prepared, on the file system where it will be.
///
/// It is locked as long as it is being filled, so that no other run takes it for a leftover.
final class StagingFolder: Sendable {
  let path: String
  /// Whether it lies beside the gallery's folder, so that the two can change places.
  let isBeside: Bool
  private let lock: Mutex<FolderLock?>

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
    lock = Mutex(try Self.lockedFolder(path, for: folder))
    guard !keeping else { return }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }

  private static func lockedFolder(
    _ path: String, for folder: GalleryFolder
  ) throws(FileError) -> FolderLock {
    // Another run may take the folder for a leftover before it is locked, and remove it.
    for _ in 0..<10 {
      do {
        try makeFolder(path)
      } catch {
        throw FileError(.unwritable, folder.path, error.reason)
      }
      guard let lock = FolderLock(path, waits: false) else { continue }
      if lock.isHeld(at: path) { return lock }
    }
    throw FileError(.unwritable, folder.path, "another run is writing this gallery")
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

  /// Gives up the lock, of what has become the gallery's folder too.
  func release() { lock.withLock { $0 = nil } }

  func remove() {
    try? FileManager.default.removeItem(atPath: path)
    release()
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

  /// Whether the folder that is locked still goes by this name.
  func isHeld(at path: String) -> Bool {
    var (held, named) = (stat(), stat())
    return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
      && held.st_dev == named.st_dev
  }
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
