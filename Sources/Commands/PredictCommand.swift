import Analysis
import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries

/// What a network says of pictures: numbers, not figures, so it is no exhibit. The figures of the
/// same pass are: the confusions and the mistakes, which have their own commands and their places
/// in a gallery.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Print the top choices for each picture, and how often they are right.",
    discussion: """
      A table on standard output, or CSV or JSON. If the pictures have labels (folders, the data \
      set's own, or a table given with --labels), the accuracy, that of each class and the \
      confusion matrix follow. With --output, the confusion matrix and the worst mistakes are also \
      drawn into that gallery. Doubts whether the network is set up as it was trained are reported \
      on standard error.

        fovea predict resnet20.safetensors --images cifar-10 --preprocess auto
      """)

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var pictures: PictureOptions

  @Option(help: "Number of choices per picture.")
  var top = 3

  @Option(
    help: ArgumentHelp(
      """
      Also write all class scores (before softmax or sigmoid): .csv with the pictures' names, .npz with the \
      arrays scores, files and labels (−1 where unknown), or .npy with the names in NAME.files.txt.
      """, valueName: "file"))
  var scores: String?

  @Option(
    name: .shortAndLong,
    help: "Also draw the confusion matrix and the worst mistakes into this folder.")
  var output: String?

  @Flag(
    help: """
      Write to a folder with other files in it, and replace an unreadable gallery or an existing \
      file of scores.
      """)
  var force = false

  @Flag(help: "Print one line of comma-separated values per picture, and nothing else.")
  var csv = false

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Show no progress and no notes.")
  var quiet = false

  @OptionGroup var numbers: PrecisionOptions
  @OptionGroup var computing: ComputingOptions

  func validate() throws {
    guard top > 0 else { throw ValidationError("--top must be at least 1, not \(top)") }
    guard !csv || !json else { throw ValidationError("give either --csv or --json, not both") }
    guard output != "" else {
      throw ValidationError("--output: expected a folder, found nothing")
    }
    if let problem = output.flatMap(OutputName.folderProblem) {
      throw ValidationError("--output: \(problem)")
    }
    if let scores, ScoreFile(scores) == nil {
      throw ValidationError(
        "--scores: expected a file that ends in .csv, .npz or .npy, found '\(scores)'")
    }
  }

  func run() throws {
    computing.apply()
    let console = Console(isQuiet: quiet)
    let scoreFile = scores.flatMap { ScoreFile($0) }
    try scoreFile?.check(force: force)
    try checkPrecision(numbers.precision)
    let studio = try Studio(
      checkpoint.load(console).computing(with: numbers.precision),
      command: commandText(Array(CommandLine.arguments.dropFirst())), memo: StudioMemo(),
      reporter: console
    ).adapted(to: pictures)
    let pass = try PredictionPass(pictures, top: top, keepsScores: scoreFile != nil, in: studio)
    var files = try draw(pass, in: studio, console)
    let predictions = try pass.predictions(in: studio)
    if let scoreFile { files += try scoreFile.write(predictions) }
    for doubt in predictions.doubts { console.warn(doubt) }
    let report = PredictionReport(predictions, of: studio.model, top: top)
    if json {
      return try Console.results([report.json(files: files)])
    }
    try Console.results(csv ? report.csvLines : report.tableLines)
    for file in files { console.say(file) }
  }

  /// Goes through the pictures once, and draws what is asked for.
  ///
  /// - Returns: The paths written.
  private func draw(
    _ pass: PredictionPass, in studio: Studio, _ console: Console
  ) throws -> [String] {
    guard let output else {
      try studio.scan(pass.scan)
      return []
    }
    return try studio.drawAnswers(
      to: pictures, into: output, force: force, console, alongside: pass.scan)
  }
}
