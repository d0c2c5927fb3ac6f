import ArgumentParser
import Kernels

/// With what a command computes.
struct ComputingOptions: ParsableArguments {
  @Option(
    help: """
      Number of threads to compute with; one for each processor core by default. Runs with the \
      same number write the same bytes.
      """)
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024, not \(threads)")
    }
  }

  /// To be called before anything is computed.
  func apply() {
    if let threads { computeWithThreads(threads) }
  }
}
