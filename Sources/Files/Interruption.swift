internal import Foundation
internal import Synchronization

/// Something on disk that is of no use once the run that made it has ended.
public protocol Temporary: AnyObject, Sendable {
  /// Removes it from the disk.
  func discard()
}

/// What a signal that ends the program must wait for, and what it must remove.
///
/// A signal comes to the process as a whole and on a thread of its own, so this is the one state
/// that all threads share.
public enum Interruption {
  private static let gate = NSRecursiveLock()
  /// In the order of their making.
  private static let temporaries = Mutex<[Reference]>([])

  private struct Reference: Sendable {
    let identifier: ObjectIdentifier
    weak var temporary: (any Temporary)?
  }

  /// Work that an interruption waits for, such as renames that belong together.
  public static func deferred<Result, Failure: Error>(
    _ work: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    gate.lock()
    defer { gate.unlock() }
    return try work()
  }

  /// Has a file or folder removed by an interruption; to be called with its making, `deferred`.
  public static func add(_ temporary: any Temporary) {
    temporaries.withLock {
      $0.append(Reference(identifier: ObjectIdentifier(temporary), temporary: temporary))
    }
  }

  /// What has become permanent, or is gone; to be called at the latest from its `deinit`.
  public static func remove(_ temporary: any Temporary) {
    let identifier = ObjectIdentifier(temporary)
    temporaries.withLock { $0.removeAll { $0.identifier == identifier } }
  }

  /// Removes all that is temporary, the newest first: it may lie in what was made before, and be
  /// protected by it. From then on every other thread waits at its next `deferred` work: the
  /// process has to end.
  public static func begin() {
    gate.lock()
    let found = temporaries.withLock { $0.reversed().compactMap(\.temporary) }
    for temporary in found { temporary.discard() }
  }
}
