import ArgumentParser
import Drawing
import Exhibits
import Galleries

/// Where figures go.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: """
      The folder to write to. A command that draws one figure also writes a file that ends in .png, \
      .pdf or .svg. (default: output/NAME for NAME.onnx or NAME/final.safetensors)
      """)
  var output: String?

  @Flag(
    help: """
      Write to a folder with other files in it, and replace an existing file or a gallery that is \
      unreadable or another network's.
      """)
  var force = false

  // Without a value, it is one of safetensors: `TypedArguments` and `YAMLArguments` add that. The
  // parser's own options of this kind ignore a value that another option follows.
  @Option(
    help: ArgumentHelp(
      """
      Also write the numbers of each figure, with their names: as NAME.safetensors, which is also \
      meant by --arrays alone, as NAME.npz for NumPy, or as a table, NAME.csv.
      """, valueName: "format"))
  var arrays: ArraysFormat?

  @OptionGroup var sheet: SheetOptions
  @OptionGroup var computing: ComputingOptions
  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    guard output != "" else {
      throw ValidationError("--output: expected a folder, found nothing")
    }
    if let problem = output.flatMap(OutputName.problem) {
      throw ValidationError("--output: \(problem)")
    }
  }

  var pixelsPerPoint: Int { sheet.pixelsPerPoint }
  var theme: Appearance { sheet.theme }
  var style: StyleOptions { sheet.style }

  /// The file that a single figure is written to, and its format; nil for a folder.
  var figureFile: (path: String, format: FigureFormat)? {
    output.flatMap { path in FigureFile.format(of: path).map { (path, $0) } }
  }

  func folder(for checkpoint: String) -> String {
    output ?? "output/\(galleryName(for: checkpoint))"
  }
}
