import Analysis
import ArgumentParser
import Drawing
import Galleries

/// How figures become files, for papers and slides.
struct StyleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Also write each figure as pdf or svg, and its caption as txt or tex, separated by commas. A \
      gallery always has PNGs, which its page shows.
      """, valueName: "formats"))
  var format: String?

  @Option(
    help: ArgumentHelp(
      """
      Width of the figures on paper, such as 85mm, 17cm, 3.3in or 240pt. Where text would be too \
      small, figures are laid out in fewer columns.
      """, valueName: "length"))
  var width: String?

  @Option(
    help: """
      Pixels per inch of PNGs, which record it; by default 300 with --width. Without --width, a \
      point of the drawing is 1/72 inch.
      """)
  var dpi: Int?

  @Flag(help: "Leave out the title above each figure.")
  var noTitle = false

  @Flag(help: "Leave out the caption below each figure.")
  var noCaption = false

  @Option(help: ArgumentHelp("Font family of the figures' text.", valueName: "family"))
  var font: String?

  func validate() throws {
    if let width, PrintedWidth(width) == nil {
      throw ValidationError(
        "--width: expected a number with a unit (mm, cm, in, pt or px), from 1cm to 5m, such as "
          + "85mm; found '\(width)'")
    }
    if let dpi, !(10...4800).contains(dpi) {
      throw ValidationError("--dpi must be from 10 to 4,800, not \(dpi)")
    }
    _ = try formats()
    _ = try typeface()
  }

  /// Each once, in the order in which they were given.
  private func formats() throws -> [FigureFormat] {
    let known = FigureFormat.allCases.map(\.rawValue)
    return try (format.map { $0.split(separator: ",", omittingEmptySubsequences: false) } ?? [])
      .map { String($0.filter { $0 != " " }).lowercased() }
      .reduce(into: []) { formats, name in
        guard let format = FigureFormat(rawValue: name) else {
          throw ValidationError(
            "--format: no format '\(name)'; there are \(known.joined(separator: ", "))")
        }
        if !formats.contains(format) { formats.append(format) }
      }
  }

  private func typeface() throws -> Typeface? {
    guard let font else { return nil }
    guard let typeface = Typeface(installed: font) else {
      throw ValidationError("--font: no font family '\(font)' is installed")
    }
    return typeface
  }

  func style() throws -> FigureStyle {
    FigureStyle(
      formats: try formats(), width: width.flatMap { PrintedWidth($0) }, dpi: dpi,
      showsTitle: !noTitle, showsCaption: !noCaption, typeface: try typeface())
  }
}
