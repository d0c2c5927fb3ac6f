internal import Analysis
package import ArgumentParser
internal import Galleries

/// Which checkpoints of a training run, and what of them is shown.
package struct EvolutionOptions: ParsableArguments {
  @OptionGroup package var images: PictureOptions
  @OptionGroup package var layers: LayerOptions

  @Option(
    help: ArgumentHelp(
      """
      Epochs of a training run's folder, such as 1,5,20 (default: 1, 2, 5, 10, 20, 30, 40 and 64 \
      as far as they were kept, and the last one).
      """, valueName: "numbers"))
  package var epochs: String?

  @Option(
    help: "How the strongest activation is propagated back to the pixels.")
  var project = ProjectionRule.deconvnet

  @Option(
    help: """
      What is shown of a picture: as for patches, the unit's receptive field up to half the \
      picture, and beyond it the part with 95 % of the squared gradient (auto).
      """)
  var crop = PatchCrop.auto

  package init() {}

  package func validate() throws {
    do {
      _ = try epochs.map(epochNumbers)
    } catch let error as UsageError {
      throw ValidationError(error.description)
    }
  }

  var viewing: PatchViewing {
    PatchViewing(project: project, projectFrom: .activation, crop: crop)
  }
}

extension FigureKind {
  static let evolution = FigureKind(
    "evolution", abstract: "What activates units most, from checkpoint to checkpoint.",
    heading: "Feature evolution",
    explanation: "What activates each unit most, from checkpoint to checkpoint.")
  static let movement = FigureKind(
    "movement", abstract: "How far features moved between checkpoints.", heading: "Movement",
    explanation: "How far the features of each layer moved since the checkpoint before.")
}
