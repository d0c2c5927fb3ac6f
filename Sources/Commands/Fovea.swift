import ArgumentParser
import Drawing
import Exhibits
import Foundation

@main
struct Fovea: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fovea",
    abstract: "See what a convolutional network has learned.",
    discussion: """
      Give it a checkpoint and pictures; it draws a gallery of PNGs, and a page that shows them all:

        fovea visualize samples/objects.safetensors
        fovea train --architecture lenet5 --data mnist --epochs 10 --output output/mnist
        fovea visualize output/mnist/final.safetensors --images mnist
      """,
    version: Release.version,
    subcommands: renderCommands + [
      CompareCommand.self, EvolutionCommand.self, PredictCommand.self, InspectCommand.self,
      ArithmeticCommand.self, ConvolveCommand.self, ConvertCommand.self, TrainCommand.self,
      FinetuneCommand.self, ExperimentCommand.self, ScenesCommand.self, BatchCommand.self,
      ManualCommand.self,
    ])

  static func main() {
    StandardStreams.prepare()
    // Before there are threads.
    BundledFonts.find()
    Signals.handle()
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      if arguments == [PrecisionTest.argument] { PrecisionTest.runAndExit() }
      var command = try parseAsRoot(try TypedArguments.checked(arguments))
      try command.run()
    } catch {
      exit(reporting: error)
    }
  }

  /// Ends the program with one line and the status that says whose fault it was.
  private static func exit(reporting error: any Error) -> Never {
    guard let status = ExitStatus(of: error) else {
      // Help, or the program's version.
      do {
        try Console.results([fullMessage(for: error)])
      } catch {
        exit(reporting: error)
      }
      Foundation.exit(EXIT_SUCCESS)
    }
    // The argument parser ends its errors with the help command to run.
    let help = fullMessage(for: error).firstMatch(of: /'(fovea [^']*--help)'/)
    var text = ExitStatus.message(for: error)
    if help != nil, text.hasSuffix(".") { text.removeLast() }
    if let command = help?.output.1.split(separator: " ").dropFirst().first {
      text = TypedArguments.explaining(unknownOption: text, of: String(command))
    }
    Console.standardError(
      "fovea: \(text)\(help.map { " (see \($0.output.1))" } ?? "")")
    Foundation.exit(status.rawValue)
  }
}
