internal import Foundation
internal import Synchronization

/// Something on disk that is useless once the run that made it has ended.
public protocol Temporary: AnyObject, Sendable {
  /// Removes it from the disk.
  func discard()
}

/// What a terminating signal must wait for, and what it must remove.
///
/// A signal is delivered to the whole process, on a thread of its own, so this is the only state
/// that all threads share.
public enum Interruption {
  private static let gate = NSRecursiveLock()
  /// In order of creation.
  private static let temporaries = Mutex<[Reference]>([])

  private struct Reference: Sendable {
    let identifier: ObjectIdentifier
    weak var temporary: (any Temporary)?
  }

  /// Work that must not be interrupted, such as renames that belong together.
  public static func deferred<Result, Failure: Error>(
    _ work: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    gate.lock()
    defer { gate.unlock() }
    return try work()
  }

  /// Registers a file or folder to be removed on interruption; call it in the same `deferred` block
  /// that creates it.
  public static func add(_ temporary: any Temporary) {
    temporaries.withLock {
      $0.append(Reference(identifier: ObjectIdentifier(temporary), temporary: temporary))
    }
  }

  /// Unregisters what has become permanent or was removed; call it in its `deinit` at the latest.
  public static func remove(_ temporary: any Temporary) {
    let identifier = ObjectIdentifier(temporary)
    temporaries.withLock { $0.removeAll { $0.identifier == identifier } }
  }

  /// Removes everything temporary, the newest first, because it may be inside or protected by
  /// something older. From then on, every other thread blocks at its next `deferred` work: the
  /// process has to end.
  public static func begin() {
    gate.lock()
    let found = temporaries.withLock { $0.reversed().compactMap(\.temporary) }
    for temporary in found { temporary.discard() }
  }
}
