import Exhibits
import Foundation
import Kernels
import TensorCore

/// - Throws: `UsageError` if this machine cannot compute with these numbers.
func checkPrecision(_ precision: Precision) throws {
  guard precision == .bfloat16 else { return }
  let test = PrecisionTest(
    isAnnounced: BFloat16Check.isAnnounced, library: BFloat16Check.libraryVersion)
  if let problem = test.problem() {
    throw UsageError("--precision bf16: \(problem); use --precision f32")
  }
}

extension PrecisionTest {
  /// Runs the test in this process, and ends it: with a line on standard error and failure if
  /// something is wrong.
  static func runAndExit() -> Never {
    guard let problem = BFloat16Check.problem() else { exit(EXIT_SUCCESS) }
    Console.standardError(problem)
    exit(EXIT_FAILURE)
  }
}
