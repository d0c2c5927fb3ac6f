import Analysis
import ArgumentParser

struct SaliencyCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "saliency", abstract: "Draw which pixels a class score depends on.")

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var pictures: PictureOptions

  @OptionGroup var attribution: AttributionOptions

  @OptionGroup var classes: ClassOptions

  @Option(help: "Number of top predictions to explain, if no class is given.")
  var top = 1

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...100).contains(top) else {
      throw ValidationError("--top must be from 1 to 100, not \(top)")
    }
    _ = try attribution.method(seed: pictures.seed)
  }

  func render(_ studio: Studio) throws {
    let shown = try studio.pictures(pictures).shown
    let isDrawn = try studio.addSaliency(
      of: shown, pictures.limit == nil ? shown.sample(16) : shown.indices,
      method: try attribution.method(seed: pictures.seed),
      classes: classes.indices(in: studio.model), choices: top)
    guard isDrawn else { throw studio.scoresNotFinite }
  }
}
