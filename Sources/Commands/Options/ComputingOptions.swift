import ArgumentParser
import Kernels

/// The resources that a command computes with.
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

  /// Must be called before anything is computed.
  func apply() {
    if let threads { computeWithThreads(threads) }
  }
}
