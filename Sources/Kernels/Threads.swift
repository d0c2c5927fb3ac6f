internal import Foundation
internal import TensorCore

/// Limits all that computes to a number of threads: oneDNN's, those of LAPACK and the program's
/// own loops. To be called once, at the start, on the thread that computes.
///
/// Sums are split among threads, so their rounding depends on the number of them: the same number
/// gives the same bytes.
public func computeWithThreads(_ count: Int) {
  ThreadCount.choose(count)
  // The libraries take the number at run time, but not through oneDNN's or LAPACK's interface. A
  // library that is linked otherwise, such as a LAPACK of a single thread, has no such function.
  let program = dlopen(nil, RTLD_NOW)
  for name in ["omp_set_num_threads", "openblas_set_num_threads"] {
    guard let symbol = dlsym(program, name) else { continue }
    unsafeBitCast(symbol, to: (@convention(c) (CInt) -> Void).self)(CInt(clamping: count))
  }
}
