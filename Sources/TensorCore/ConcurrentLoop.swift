internal import Dispatch
internal import Foundation
internal import Synchronization

/// How many threads this process computes with.
public enum ThreadCount {
  private static let chosen = Atomic(0)

  /// One per core available to the process, unless another number was chosen.
  public static var current: Int {
    let chosen = chosen.load(ordering: .relaxed)
    return chosen > 0 ? chosen : ProcessInfo.processInfo.activeProcessorCount
  }

  /// Applies to the whole process; call it once, before any computation.
  public static func choose(_ count: Int) {
    precondition(count > 0, "\(count) threads")
    chosen.store(count, ordering: .relaxed)
  }
}

/// Calls `body` for each of `0..<count`, on as many threads as there are, in no particular order.
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
