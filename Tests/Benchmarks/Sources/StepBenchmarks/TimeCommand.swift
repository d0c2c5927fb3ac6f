import ArgumentParser
import Kernels

/// Times the steps that are also timed in the other implementation.
struct TimeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "time", abstract: "Time training steps and passes; all, or those named.")

  @Argument(help: "Names of cases.") var cases: [String] = []
  @Option(help: "Number of threads; one per core by default.") var threads: Int?

  private struct Result: Encodable {
    let `case`: String
    /// Of nine rounds.
    let medianMs: Double
    let gflops: Double
    /// What one large convolution reaches before and after.
    let limitGflops: Double
    let limit: String
    let ofLimit: Double
  }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: expected 1 to 1,024, found \(threads)")
    }
    for name in cases where !Case.all.contains(where: { $0.name == name }) {
      let known = Case.all.map(\.name).joined(separator: ", ")
      throw ValidationError("expected cases of \(known), found '\(name)'")
    }
  }

  func run() throws {
    if let threads { computeWithThreads(threads) }
    let limit = try LimitConvolution.fastest()
    for example in Case.all where cases.isEmpty || cases.contains(example.name) {
      let (run, multiplyAdds) = try example.make()
      // Not between the rounds: the limit's blocks would take the place of the step's.
      var limits = limit.speeds(rounds: 3)
      for _ in 0..<3 { run() }
      let rounds = times(9) { for _ in 0..<example.repeats { run() } }
      let seconds = median(rounds) / Double(example.repeats)
      limits += limit.speeds(rounds: 3)
      let (speed, most) = (gigaflops(multiplyAdds, in: seconds), median(limits))
      try printJSON(
        Result(
          case: example.name, medianMs: 1000 * seconds,
          gflops: speed, limitGflops: most,
          limit: limit.name, ofLimit: speed / most))
    }
  }
}
