internal import Foundation

/// The number of threads that OpenMP gives to the kernels of the calling thread, if the program is
/// linked with it. A kernel is created for a number of threads.
package enum KernelThreads {
  /// 1 without OpenMP.
  package static var count: Int { functions.map { Int($0.count()) } ?? 1 }

  package static func choose(_ count: Int) { functions?.choose(CInt(clamping: count)) }

  private struct Functions: Sendable {
    let count: @convention(c) () -> CInt
    let choose: @convention(c) (CInt) -> Void
  }

  // Not part of oneDNN's interface; a library that is built with other threads has none of them.
  private static let functions: Functions? = {
    let program = dlopen(nil, RTLD_NOW)
    guard let count = dlsym(program, "omp_get_max_threads"),
      let choose = dlsym(program, "omp_set_num_threads")
    else { return nil }
    return Functions(
      count: unsafeBitCast(count, to: (@convention(c) () -> CInt).self),
      choose: unsafeBitCast(choose, to: (@convention(c) (CInt) -> Void).self))
  }()
}
