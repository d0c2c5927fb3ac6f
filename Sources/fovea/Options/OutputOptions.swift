import ArgumentParser

/// Where figures go.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The folder to write to; output/NAME for NAME.safetensors.")
  var output: String?

  @Flag(help: "Write beside other people's files, and replace an unreadable gallery.")
  var force = false

  @Flag(help: "The raw numbers beside each picture, as NAME.safetensors.")
  var arrays = false

  @Flag(help: "Twice as many pixels, for screens of high resolution.")
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
