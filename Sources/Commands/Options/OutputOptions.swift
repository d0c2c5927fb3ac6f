import ArgumentParser
import Drawing
import Exhibits

/// Where figures go.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: "The folder to write to. (default: output/NAME for NAME.onnx or NAME/final.safetensors)")
  var output: String?

  @Flag(
    help: """
      Write to a folder with other files in it, and replace a gallery that is unreadable or another \
      network's.
      """)
  var force = false

  @Flag(help: "Also write the raw numbers of each figure, as NAME.safetensors.")
  var arrays = false

  @Flag(help: "Draw at twice the resolution, for high-resolution screens.")
  var sharp = false

  @Option(
    help: "Draw the figures dark on light, or light on dark. The page follows the reader's system.")
  var theme = Appearance.light

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    guard output != "" else {
      throw ValidationError("--output: expected a folder, found nothing")
    }
  }

  func folder(for checkpoint: String) -> String {
    output ?? "output/\(galleryName(for: checkpoint))"
  }
}
