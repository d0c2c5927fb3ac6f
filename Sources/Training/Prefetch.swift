internal import Foundation
internal import Synchronization

/// A value that is computed on another thread while this one works.
final class Prefetch<Value: Sendable>: Sendable {
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
