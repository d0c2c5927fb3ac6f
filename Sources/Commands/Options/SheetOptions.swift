import ArgumentParser
import Drawing

/// How sheets are drawn, whatever they show.
struct SheetOptions: ParsableArguments {
  @Flag(help: "Draw at twice the resolution, for high-resolution screens.")
  var sharp = false

  @Option(
    help: "Draw the figures dark on light, or light on dark. The page follows the reader's system.")
  var theme = Appearance.light

  @OptionGroup var style: StyleOptions

  func validate() throws {
    for option in ["width", "dpi"] where sharp {
      guard option == "width" ? style.width == nil : style.dpi == nil else {
        throw ValidationError(
          "give either --sharp or --\(option), not both; --dpi sets the resolution on paper")
      }
    }
  }

  /// Pixels per point, if nothing is said of paper.
  var pixelsPerPoint: Int { sharp ? 2 : 1 }
}
