internal import Foundation
internal import Synchronization

/// The use of an output by a single run, or by several that add to it.
///
/// The lock is a hidden file beside the output, `.NAME.fovea-lock`, removed by its last user: the
/// output itself may be replaced as a whole. If the parent folder is not writable, the lock is
/// inside the output folder.
public final class OutputLock: Temporary {
  public enum Use: Sendable, Hashable { case alone, shared }

  private let use: Use
  private let held = Mutex<Held?>(nil)

  private struct Held {
    let path: String
    let descriptor: Int32
    /// The folders that did not exist before, the deepest first.
    let missing: [String]
  }

  /// Acquires the lock, unless the file system does not support locks or nothing can be written
  /// there: reporting that is up to the writer.
  ///
  /// - Throws: `FileError` of kind `.unwritable` if other runs use the output in a way that
  ///   conflicts with this one, or if that cannot be determined.
  public init(_ output: String, _ use: Use) throws(FileError) {
    self.use = use
    try Interruption.deferred { () throws(FileError) in
      let found = try Self.acquire(output, use)
      held.withLock { $0 = found }
      Interruption.add(self)
    }
  }

  deinit { release() }

  /// Lets other runs use the output, and removes folders that are still empty.
  public func release() {
    Interruption.deferred {
      guard let held = held.withLock({ $0.take() }) else { return }
      Interruption.remove(self)
      // Others that share the lock still need the file.
      if use == .alone || flock(held.descriptor, LOCK_EX | LOCK_NB) == 0,
        names(held.path, held.descriptor)
      {
        unlink(held.path)
      }
      close(held.descriptor)
      for folder in held.missing where rmdir(folder) != 0 && errno != ENOENT { break }
    }
  }

  public func discard() { release() }

  /// The path of an output's lock, and which of the folders up to and including the output are
  /// missing.
  private static func place(of output: String) -> (path: String, missing: [String]) {
    let resolved = resolvedPath(output)
    let parent = (resolved as NSString).deletingLastPathComponent
    if kindOfFile(resolved) == .folder, resolved == parent || access(parent, W_OK) != 0 {
      return ("\(resolved)/.fovea-\(ending)", [])
    }
    var missing: [String] = []
    var folder = resolved
    while case .none = kindOfFile(folder), folder != "/" {
      missing.append(folder)
      folder = (folder as NSString).deletingLastPathComponent
    }
    let name = hiddenPrefix(for: (resolved as NSString).lastPathComponent) + ending
    return ("\(parent == "/" ? "" : parent)/\(name)", missing)
  }

  private static let ending = "lock"
  /// A run that has just ended holds its lock for a moment longer.
  private static let (attempts, pause): (Int, UInt32) = (20, 10_000)

  /// - Returns: Nil if no lock can be made, see `init`.
  private static func acquire(_ output: String, _ use: Use) throws(FileError) -> Held? {
    // What the last attempt found.
    var owner: String?
    var missing: [String] = []
    for attempt in 0..<attempts {
      if attempt > 0 { usleep(pause) }
      owner = nil
      // Other runs may create and remove folders on the way.
      let (path, missingNow) = place(of: output)
      if missingNow.count > missing.count { missing = missingNow }
      guard (try? makeFolder((path as NSString).deletingLastPathComponent)) != nil else { continue }
      var descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      if descriptor < 0, [EACCES, EPERM].contains(errno) {
        // Another user's file can be locked even if it cannot be written to. If there is none,
        // nothing can be written here.
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
      }
      guard descriptor >= 0 else {
        switch errno {
        case ENOENT: continue
        case EROFS: return nil
        default: throw unlockable(output, words(for: errno))
        }
      }
      switch FileLock.lock(descriptor, (use == .alone ? LOCK_EX : LOCK_SH) | LOCK_NB) {
      case nil: break
      case .taken:
        owner = process(descriptor)
        close(descriptor)
        continue
      case .unsupported, .missing:
        close(descriptor)
        unlink(path)
        return nil
      case .other(let reason):
        close(descriptor)
        throw unlockable(output, reason)
      }
      // The previous owner may have removed the file between the two calls.
      guard names(path, descriptor) else {
        close(descriptor)
        continue
      }
      ftruncate(descriptor, 0)
      // Only for messages, so a full disk does not matter here.
      if use == .alone { _ = writeAll(Data("\(getpid())\n".utf8), to: descriptor) }
      return Held(path: path, descriptor: descriptor, missing: missing)
    }
    guard let owner else { return nil }
    throw FileError(
      .unwritable, output,
      "another run\(owner) is writing here; wait for it, or use another --output")
  }

  private static func unlockable(_ output: String, _ reason: String) -> FileError {
    FileError(.unwritable, output, "cannot be locked: \(reason)")
  }

  /// Which process holds the lock on a file, for a message.
  private static func process(_ descriptor: Int32) -> String {
    var digits = [UInt8](repeating: 0, count: 20)
    let count = max(pread(descriptor, &digits, digits.count, 0), 0)
    let text = String(decoding: digits.prefix(count), as: UTF8.self)
    return Int32(text.trimmingCharacters(in: .newlines)).map { " (process \($0))" } ?? ""
  }
}
