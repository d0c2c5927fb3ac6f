import ArgumentParser
import Galleries

/// Where a training run is written, and what becomes of an earlier one.
struct TrainingOutput: ParsableArguments {
  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String?

  @Flag(help: "Write the epochs' checkpoints in half precision, at half the size.")
  var halfPrecision = false

  @Flag(
    help: """
      After training, draw the curves, the confusion matrix with the accuracy of each class, and \
      the worst mistakes into the folder's gallery.
      """)
  var gallery = false

  @Flag(
    help: """
      Continue an interrupted run; the checkpoints are the same, byte for byte. With more --epochs \
      than before, prolong it. If there is none in the folder, begin one.
      """)
  var resume = false

  @Flag(help: "Replace an earlier run in the folder.")
  var restart = false

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    guard !(resume && restart) else {
      throw ValidationError("give either --resume or --restart, not both")
    }
    if let problem = output.flatMap(OutputName.folderProblem) {
      throw ValidationError("--output: \(problem)")
    }
  }
}
