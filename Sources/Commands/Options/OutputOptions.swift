import ArgumentParser
import Exhibits

/// Where figures go.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The folder to write to; output/NAME for NAME.safetensors.")
  var output: String?

  @Flag(help: "Write to a folder with other files in it, and replace an unreadable gallery.")
  var force = false

  @Flag(help: "Also write the raw numbers of each figure, as NAME.safetensors.")
  var arrays = false

  @Flag(help: "Draw at twice the resolution, for high-resolution screens.")
  var sharp = false

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    guard output != "" else {
      throw ValidationError("--output: expected a folder, found nothing")
    }
  }

  func folder(for checkpoint: String) -> String { output ?? "output/\(baseName(checkpoint))" }
}
