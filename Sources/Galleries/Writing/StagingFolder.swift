internal import Files
internal import Foundation
internal import Synchronization

/// A hidden folder in which a gallery is prepared, on the file system of its destination.
///
/// It is locked while it is being filled, so that no other run takes it for a leftover.
final class StagingFolder: Temporary {
  enum Purpose: Sendable, Hashable {
    /// A new gallery. What a run with the same key has finished is kept if it `resumes`.
    case replacement(key: String, resumes: Bool)
    /// Figures that are added to others.
    case addition
  }

  /// What an interrupted run has left for a new gallery.
  enum Earlier: Sendable, Hashable { case nothing, resumed, other }

  let path: String
  let earlier: Earlier
  /// The figures drawn by the run that is resumed.
  let finishedFigures: [FigureRecord]
  /// Whether it is beside the gallery's folder, so that the two can be exchanged.
  let isBeside: Bool
  private let folder: GalleryFolder
  private let purpose: Purpose
  private let state: Mutex<State>

  private struct State {
    var lock: FileLock?
    /// Whether the folder's contents belong to this run.
    var hasBegun = false
    /// Whether it is of use to a later run.
    var isKept: Bool
    var isReleased = false
  }

  /// Contains the complete key of the run; removed once the folder has become a gallery.
  static let keyName = ".fovea-key"

  /// Must be created `deferred`; see ``Interruption``.
  ///
  /// - Throws: `FileError` if it cannot be created, or another run uses it.
  init(for folder: GalleryFolder, _ purpose: Purpose) throws(FileError) {
    (self.folder, self.purpose) = (folder, purpose)
    isBeside = folder.canBeExchanged
    let name: String
    switch purpose {
    case .replacement: name = StagingName.replacement
    case .addition: name = StagingName.addition()
    }
    path = StagingName.path(name, for: folder.resolved, beside: isBeside)
    let lock = try Self.lockedFolder(path, for: folder)
    earlier = Self.earlier(in: path, for: purpose)
    finishedFigures = earlier == .resumed ? Self.figures(in: path) : []
    state = Mutex(State(lock: lock, isKept: earlier == .other || !finishedFigures.isEmpty))
    Interruption.add(self)
  }

  deinit { Interruption.remove(self) }

  private static func lockedFolder(
    _ path: String, for folder: GalleryFolder
  ) throws(FileError) -> FileLock? {
    var isTaken = false
    // Another run may take the folder for a leftover before it is locked, and remove it.
    for _ in 0..<10 {
      do {
        try makeFolder(path)
      } catch {
        throw FileError(.unwritable, folder.path, error.reason)
      }
      do throws(FileLock.Problem) {
        let lock = try FileLock(path, waits: false)
        if lock.isHeld(at: path) { return lock }
        isTaken = false
      } catch {
        switch error {
        case .taken: isTaken = true
        case .missing: isTaken = false
        // Without locks, no run takes the folder for a leftover either.
        case .unsupported: return nil
        case .other(let reason):
          throw FileError(.unwritable, folder.path, "cannot be locked: \(reason)")
        }
      }
    }
    guard isTaken else { return nil }
    throw FileError(.unwritable, folder.path, "another run is writing this gallery")
  }

  private static func earlier(in path: String, for purpose: Purpose) -> Earlier {
    guard case .replacement(let key, let resumes) = purpose,
      let known = try? readFile("\(path)/\(keyName)")
    else { return .nothing }
    return resumes && known == Data(key.utf8) ? .resumed : .other
  }

  private static func figures(in path: String) -> [FigureRecord] {
    let manifest = try? Manifest(contentsOf: "\(path)/\(Manifest.fileName)")
    return (manifest?.figures ?? []).filter { record in
      record.files.allSatisfy { kindOfFile("\(path)/\($0)") == .regular }
    }
  }

  /// Claims the folder for this run; must be called before its first file is written. Until then,
  /// what other runs have finished is kept: this run may produce nothing.
  ///
  /// - Throws: `FileError` if it cannot be written to.
  func begin() throws(FileError) {
    guard case .replacement(let key, _) = purpose else { return }
    try Interruption.deferred { () throws(FileError) in
      try state.withLock { state throws(FileError) in
        guard !state.hasBegun else { return }
        if earlier == .resumed {
          removePartialFiles(in: path)
        } else {
          state.isKept = false
          try empty(key: key)
        }
        removeOthers()
        state.hasBegun = true
      }
    }
  }

  /// Removes the folder's contents, and marks it with its key.
  private func empty(key: String) throws(FileError) {
    // The old key goes first, because it says that the rest can be resumed.
    Self.removeKey(in: path)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
    do {
      try writeFile(Data(key.utf8), to: "\(path)/\(Self.keyName)")
    } catch {
      throw FileError(error.kind, folder.path, error.reason)
    }
  }

  static func removeKey(in path: String) { unlink("\(path)/\(keyName)") }

  /// Keeps the contents for a later run.
  func keep() { state.withLock { $0.isKept = true } }

  /// Removes the folder, unless it is of use to a later run.
  func discard() {
    if state.withLock(\.isKept) { release() } else { remove() }
  }

  /// Lets others use it, also if it has become the gallery's folder.
  func release() {
    Interruption.remove(self)
    state.withLock { ($0.lock, $0.isReleased) = (nil, true) }
  }

  func remove() {
    guard state.withLock({ !$0.isReleased }) else { return }
    try? FileManager.default.removeItem(atPath: path)
    release()
  }

  /// A gallery is prepared beside its folder or in it, as the folder allows; only one can be
  /// resumed.
  private func removeOthers() {
    for other in StagingName.paths(for: folder.resolved)
    where other != path && other.hasSuffix(StagingName.replacement) {
      guard let lock = try? FileLock(other, waits: false) else { continue }
      withExtendedLifetime(lock) { try? FileManager.default.removeItem(atPath: other) }
    }
  }
}

/// What the hidden folders are called: `.NAME.fovea-new` beside the gallery NAME, or `.fovea-new`
/// in it.
enum StagingName {
  static let replacement = "new"

  /// Several runs may add at the same time.
  static func addition() -> String { "adding-\(UUID().uuidString.prefix(8))" }

  static func path(_ name: String, for gallery: String, beside isBeside: Bool) -> String {
    let (folder, start) = places(of: gallery)[isBeside ? 0 : 1]
    return "\(folder)/\(start)\(name)"
  }

  /// Whether other runs prepare figures inside a gallery's folder, which must not be moved then.
  static func isUsed(inside gallery: String) -> Bool {
    paths(for: gallery).contains {
      $0.hasPrefix(gallery + "/") && (try? FileLock($0, waits: false)) == nil
    }
  }

  /// The existing hidden folders of a gallery.
  static func paths(for gallery: String) -> [String] {
    places(of: gallery).flatMap { folder, start in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.filter { name in
        // The hidden folders of a neighbouring gallery `a.fovea-b` begin like those of `a`.
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
