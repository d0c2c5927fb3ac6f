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
