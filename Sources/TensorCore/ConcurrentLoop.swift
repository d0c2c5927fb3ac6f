internal import Dispatch
internal import Foundation
internal import Synchronization

/// How many threads this process computes with.
public enum ThreadCount {
  private static let chosen = Atomic(0)

  /// One for each core that the process may use, unless another number was chosen.
  public static var current: Int {
    let chosen = chosen.load(ordering: .relaxed)
    return chosen > 0 ? chosen : ProcessInfo.processInfo.activeProcessorCount
  }

  /// Holds for the whole process; to be called once, before anything is computed.
  public static func choose(_ count: Int) {
    precondition(count > 0, "\(count) threads")
    chosen.store(count, ordering: .relaxed)
  }
}

/// Calls `body` for each of `0..<count`, as many at once as there are threads, in no order.
public func concurrently(_ count: Int, _ body: @Sendable (Int) -> Void) {
  let next = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: min(count, ThreadCount.current)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }
}
