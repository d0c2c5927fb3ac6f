internal import Dispatch
internal import Synchronization

/// A value that is computed on another thread while this one works.
package final class Prefetch<Value: Sendable, Failure: Error>: Sendable {
  private let result = Mutex<Result<Value, Failure>?>(nil)
  private let group = DispatchGroup()

  package init(_ make: @escaping @Sendable () throws(Failure) -> Value) {
    DispatchQueue.global(qos: .userInitiated).async(group: group) {
      let made = Result(catching: make)
      self.result.withLock { $0 = made }
    }
  }

  /// Returns once the value is known.
  package func wait() { group.wait() }

  /// Waits for the value; call it once.
  package func take() throws(Failure) -> Value {
    wait()
    guard let made = result.withLock({ $0.take() }) else {
      preconditionFailure("a prefetched value is taken once")
    }
    return try made.get()
  }
}
