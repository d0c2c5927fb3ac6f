internal import Dispatch
internal import Synchronization

/// A value that is computed on another thread while this one works.
private final class Prefetch<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isDone = DispatchSemaphore(value: 0)

  init(_ make: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global(qos: .userInitiated).async {
      let made = Result { try make() }
      self.result.withLock { $0 = made }
      self.isDone.signal()
    }
  }

  /// Waits for the value; call it once.
  func take() throws -> Value {
    isDone.wait()
    guard let made = result.withLock({ $0.take() }) else {
      preconditionFailure("a prefetched value is taken once")
    }
    return try made.get()
  }
}

/// Computes values one after the other and calls `body` with each; while it works on one, the next
/// is computed on another thread. Two values are in memory at a time.
///
/// - Throws: What `make` or `body` throws first; the rest is not computed.
package func forEachPrefetched<Value: Sendable>(
  _ count: Int, _ make: @escaping @Sendable (_ position: Int) throws -> Value,
  _ body: (Value) throws -> Void
) throws {
  func start(_ position: Int) -> Prefetch<Value>? {
    position < count ? Prefetch { try make(position) } : nil
  }
  var next = start(0)
  for position in 0..<count {
    guard let current = try next?.take() else { return }
    next = start(position + 1)
    try body(current)
  }
}
