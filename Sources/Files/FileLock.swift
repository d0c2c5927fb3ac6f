internal import Foundation

/// Exclusive use of a file or folder until the lock is released or its process ends.
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// Why the lock could not be acquired.
  public enum Problem: Error, Sendable, Hashable {
    /// Another owner has it.
    case taken
    /// There is no file of that name.
    case missing
    /// The file system does not support locks.
    case unsupported
    /// In the system's own words.
    case other(String)
  }

  /// - Parameter waits: Whether to wait until another owner is done.
  public init(_ path: String, waits: Bool) throws(Problem) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR ? .missing : .other(words(for: errno))
    }
    if let problem = Self.lock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) {
      close(descriptor)
      throw problem
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Waits for a lock on a folder that other processes may replace in the meantime.
  ///
  /// - Parameter name: How errors refer to the folder.
  /// - Returns: Nil if there is no such folder, or its file system does not support locks.
  /// - Throws: `FileError` if it cannot be locked.
  public static func turn(at path: String, called name: String) throws(FileError) -> FileLock? {
    for _ in 0..<mostExchanges {
      do throws(Problem) {
        let lock = try FileLock(path, waits: true)
        if lock.isHeld(at: path) { return lock }
      } catch {
        switch error {
        case .missing, .unsupported: return nil
        case .taken: continue
        case .other(let reason):
          throw FileError(.unwritable, name, "cannot be locked: \(reason)")
        }
      }
    }
    // On some file systems it is impossible to tell whether a folder is still the same.
    return nil
  }

  /// Far more than happen during one wait.
  private static let mostExchanges = 100

  /// Whether the path still leads to the locked file.
  public func isHeld(at path: String) -> Bool { names(path, descriptor) }

  /// Locks an open file.
  ///
  /// - Parameter operation: As for `flock`.
  /// - Returns: Why it cannot be locked; nil if it is.
  static func lock(_ descriptor: Int32, _ operation: Int32) -> Problem? {
    while flock(descriptor, operation) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: return .taken
      // NFS returns EBADF for a file that is open for reading only.
      case ENOTSUP, EOPNOTSUPP, ENOLCK, ENOSYS, EBADF: return .unsupported
      default: return .other(words(for: errno))
      }
    }
    return nil
  }
}

/// Whether a path leads to an open file.
func names(_ path: String, _ descriptor: Int32) -> Bool {
  var (held, named) = (stat(), stat())
  return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
    && held.st_dev == named.st_dev
}
