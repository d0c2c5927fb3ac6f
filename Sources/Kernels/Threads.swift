internal import Foundation
internal import TensorCore

/// Limits all computation to a number of threads: oneDNN, LAPACK and the program's own loops. Call
/// it once, at the start, on the thread that computes.
///
/// Sums are split among threads, so their rounding depends on the number of threads: the same
/// number gives identical results.
public func computeWithThreads(_ count: Int) {
  ThreadCount.choose(count)
  // The libraries accept the number at run time, but not through the interface of oneDNN or LAPACK.
  // A library that is linked differently, such as a single-threaded LAPACK, has no such function.
  let program = dlopen(nil, RTLD_NOW)
  for name in ["omp_set_num_threads", "openblas_set_num_threads"] {
    guard let symbol = dlsym(program, name) else { continue }
    unsafeBitCast(symbol, to: (@convention(c) (CInt) -> Void).self)(CInt(clamping: count))
  }
}

/// Runs some work whose kernels are so small that threads would mostly wait for each other: oneDNN's
/// threads wait actively, and where other programs use the cores, for milliseconds per kernel.
///
/// The number of threads is that of the calling thread, and is restored.
public func withSingleThread<Result>(_ body: () throws -> Result) rethrows -> Result {
  guard let threads = OpenMPThreads.shared, threads.count() > 1 else { return try body() }
  let before = threads.count()
  threads.set(1)
  defer { threads.set(before) }
  return try body()
}

/// OpenMP's own functions, if the program is linked with it.
private struct OpenMPThreads: Sendable {
  static let shared = OpenMPThreads()

  let count: @convention(c) () -> CInt
  let set: @convention(c) (CInt) -> Void

  private init?() {
    let program = dlopen(nil, RTLD_NOW)
    guard let count = dlsym(program, "omp_get_max_threads"),
      let set = dlsym(program, "omp_set_num_threads")
    else { return nil }
    self.count = unsafeBitCast(count, to: (@convention(c) () -> CInt).self)
    self.set = unsafeBitCast(set, to: (@convention(c) (CInt) -> Void).self)
  }
}
