internal import Foundation
internal import OneDNN
internal import TensorCore

/// Limits all computation to a number of threads: oneDNN, LAPACK and the program's own loops. Call
/// it once, at the start, on the thread that computes.
///
/// Sums are split among threads, so their rounding depends on the number of threads: the same
/// number gives identical results.
public func computeWithThreads(_ count: Int) {
  ThreadCount.choose(count)
  KernelThreads.choose(count)
  // OpenBLAS accepts the number at run time, but not through the interface of LAPACK. Other
  // libraries for LAPACK have no such function.
  guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "openblas_set_num_threads") else { return }
  unsafeBitCast(symbol, to: (@convention(c) (CInt) -> Void).self)(CInt(clamping: count))
}

/// Runs some work whose kernels are so small that threads would mostly wait for each other: oneDNN's
/// threads wait actively, and where other programs use the cores, for milliseconds per kernel.
///
/// Applies to the calling thread, whose number of threads is restored.
public func withSingleThread<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = KernelThreads.count
  KernelThreads.choose(1)
  defer { KernelThreads.choose(before) }
  return try ThreadCount.$isSingle.withValue(true) { try body() }
}

/// `body` of each index, in order, on as many threads as there are: each has kernels of one thread,
/// so that none waits for another before the end.
public func concurrentMapWithSingleThreads<Value: Sendable>(
  _ count: Int, _ body: @Sendable (Int) -> Value
) -> [Value] {
  concurrentMap(count) { index in withSingleThread { body(index) } }
}
