internal import Dispatch
internal import Foundation
internal import Synchronization

/// How many threads this process computes with.
public enum ThreadCount {
  private static let chosen = Atomic(0)

  /// Whether the current work is one of several parts that run at the same time.
  @TaskLocal package static var isSingle = false

  /// One per core available to the process, unless another number was chosen.
  public static var current: Int {
    if isSingle { return 1 }
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
  withoutActuallyEscaping(body) { body in
    let loop = SharedLoop(count, body)
    DispatchQueue.concurrentPerform(iterations: min(count, ThreadCount.current)) { _ in
      loop.work()
    }
  }
}

/// `body` of each index, in order; computed on all cores.
public func concurrentMap<Value: Sendable>(
  _ count: Int, _ body: @Sendable (Int) -> Value
) -> [Value] {
  [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
    nonisolated(unsafe) let start = buffer.baseAddress
    concurrently(count) { index in
      // Each index is written once.
      start.map { ($0 + index).initialize(to: body(index)) }
    }
    initialized = count
  }
}

/// The same for a loop between two kernels of oneDNN, on the threads of its kernels: for a while
/// after each, these wait actively, and other threads would have to share the cores with them.
///
/// - Parameter body: Runs no kernels and waits for nothing.
package func concurrentlyBetweenKernels(_ count: Int, _ body: @Sendable (Int) -> Void) {
  guard count > 1, let onKernelThreads else { return concurrently(count, body) }
  withoutActuallyEscaping(body) { body in
    let loop = SharedLoop(count, body)
    onKernelThreads(
      { loop in
        guard let loop else { return }
        Unmanaged<SharedLoop>.fromOpaque(loop).takeUnretainedValue().work()
      }, Unmanaged.passUnretained(loop).toOpaque(), 0, 0)
    withExtendedLifetime(loop) {}
  }
}

/// A loop from which each thread takes its next index.
private final class SharedLoop: Sendable {
  private let next = Atomic(0)
  private let count: Int
  private let body: @Sendable (Int) -> Void

  init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    (self.count, self.body) = (count, body)
  }

  func work() {
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }
}

/// Runs a function with its argument on all threads of OpenMP, whose number 0 leaves to it; nil if
/// the program is not linked with it. What compilers translate `#pragma omp parallel` to.
private let onKernelThreads: OpenMPCall? =
  dlsym(dlopen(nil, RTLD_NOW), "GOMP_parallel").map { unsafeBitCast($0, to: OpenMPCall.self) }

private typealias OpenMPCall =
  @convention(c) (
    @convention(c) (UnsafeMutableRawPointer?) -> Void, UnsafeMutableRawPointer?, CUnsignedInt,
    CUnsignedInt
  ) -> Void
