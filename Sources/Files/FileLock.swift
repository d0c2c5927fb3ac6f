internal import Foundation

/// Exclusive use of a file or folder until the lock is given up or its process ends.
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// - Parameter waits: Whether to wait until another owner is done.
  /// - Returns: Nil where another owner has it, or where there is nothing of that name.
  public init?(_ path: String, waits: Bool) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
  }

  /// Waits for a folder that others may exchange for another in the meantime.
  ///
  /// - Returns: Nil where there is no such folder.
  public static func turn(at path: String) -> FileLock? {
    while let lock = FileLock(path, waits: true) {
      if lock.isHeld(at: path) { return lock }
    }
    return nil
  }

  deinit { close(descriptor) }

  /// Whether what is locked still goes by this name.
  public func isHeld(at path: String) -> Bool { names(path, descriptor) }
}

/// Whether a path leads to an open file.
func names(_ path: String, _ descriptor: Int32) -> Bool {
  var (held, named) = (stat(), stat())
  return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
    && held.st_dev == named.st_dev
}
