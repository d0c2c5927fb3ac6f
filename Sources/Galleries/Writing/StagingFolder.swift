internal import Files
internal import Foundation
internal import Synchronization

/// A hidden folder in which a gallery is prepared, on the file system where it will be.
///
/// It is locked as long as it is being filled, so that no other run takes it for a leftover.
final class StagingFolder: Temporary {
  enum Purpose: Sendable, Hashable {
    /// A new gallery. What a run with the same key has finished is kept where it `resumes`.
    case replacement(key: String, resumes: Bool)
    /// Figures that join others.
    case addition
  }

  /// What a new gallery finds of a run that was interrupted.
  enum Earlier: Sendable, Hashable { case nothing, resumed, other }

  let path: String
  let earlier: Earlier
  /// Whether it lies beside the gallery's folder, so that the two can change places.
  let isBeside: Bool
  private let lock: Mutex<FileLock?>
  private let isKept = Mutex(false)

  /// Holds the key of the run, whole; gone before the folder becomes a gallery.
  static let keyName = ".fovea-key"

  /// To be made `deferred`, see ``Interruption``.
  ///
  /// - Throws: `FileError` where it cannot be made, or another run uses it.
  init(for folder: GalleryFolder, _ purpose: Purpose) throws(FileError) {
    isBeside = folder.canBeExchanged
    let name: String
    switch purpose {
    case .replacement: name = StagingName.replacement
    case .addition: name = StagingName.addition()
    }
    path = StagingName.path(name, for: folder.resolved, beside: isBeside)
    lock = Mutex(try Self.lockedFolder(path, for: folder))
    earlier = try Self.take(path, for: purpose, of: folder)
    Interruption.add(self)
    if purpose != .addition { removeOthers(of: folder) }
  }

  deinit { Interruption.remove(self) }

  private static func lockedFolder(
    _ path: String, for folder: GalleryFolder
  ) throws(FileError) -> FileLock {
    // Another run may take the folder for a leftover before it is locked, and remove it.
    for _ in 0..<10 {
      do {
        try makeFolder(path)
      } catch {
        throw FileError(.unwritable, folder.path, error.reason)
      }
      guard let lock = FileLock(path, waits: false) else { continue }
      if lock.isHeld(at: path) { return lock }
    }
    throw FileError(.unwritable, folder.path, "another run is writing this gallery")
  }

  /// Keeps or removes what lies in the folder, and marks it with its key.
  private static func take(
    _ path: String, for purpose: Purpose, of folder: GalleryFolder
  ) throws(FileError) -> Earlier {
    guard case .replacement(let key, let resumes) = purpose else { return .nothing }
    let known = try? readFile("\(path)/\(keyName)")
    if resumes, known == Data(key.utf8) {
      removePartialFiles(in: path)
      return .resumed
    }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
    do {
      try writeFile(Data(key.utf8), to: "\(path)/\(keyName)")
    } catch {
      throw FileError(error.kind, folder.path, error.reason)
    }
    return known == nil ? .nothing : .other
  }

  /// An interruption leaves it to a run that resumes.
  func keep() { isKept.withLock { $0 = true } }

  func discard() { if !isKept.withLock(\.self) { remove() } }

  /// Gives up the lock, of what has become the gallery's folder too.
  func release() {
    Interruption.remove(self)
    lock.withLock { $0 = nil }
  }

  func remove() {
    guard lock.withLock({ $0 != nil }) else { return }
    try? FileManager.default.removeItem(atPath: path)
    release()
  }

  /// A gallery is prepared beside its folder or in it, as the folder allows; only one can be
  /// resumed.
  private func removeOthers(of folder: GalleryFolder) {
    for other in StagingName.paths(for: folder.resolved)
    where other != path && other.hasSuffix(StagingName.replacement) {
      guard let lock = FileLock(other, waits: false) else { continue }
      withExtendedLifetime(lock) { try? FileManager.default.removeItem(atPath: other) }
    }
  }
}

/// What the hidden folders are called: `.NAME.fovea-new` beside the gallery NAME, or `.fovea-new`
/// in it.
enum StagingName {
  static let replacement = "new"

  /// Several runs may add at a time.
  static func addition() -> String { "adding-\(UUID().uuidString.prefix(8))" }

  static func path(_ name: String, for gallery: String, beside isBeside: Bool) -> String {
    let (folder, start) = places(of: gallery)[isBeside ? 0 : 1]
    return "\(folder)/\(start)\(name)"
  }

  /// The hidden folders that there are for a gallery.
  static func paths(for gallery: String) -> [String] {
    places(of: gallery).flatMap { folder, start in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.filter { name in
        // Beside `a`, those of a gallery `a.fovea-b` begin in the same way.
        name.hasPrefix(start)
          && name.dropFirst(start.count).wholeMatch(of: /new|adding-[0-9A-F]{8}/) != nil
      }.sorted().map { "\(folder)/\($0)" }
    }
  }

  private static func places(of gallery: String) -> [(folder: String, start: String)] {
    let (parent, name) = (
      (gallery as NSString).deletingLastPathComponent, (gallery as NSString).lastPathComponent
    )
    return [
      (parent == "/" ? "" : parent, ".\(name)\(GalleryFolder.stagingPrefix)"),
      (gallery, GalleryFolder.stagingPrefix),
    ]
  }
}
