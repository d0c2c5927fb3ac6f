import Analysis
import ArgumentParser
import Galleries

struct FeaturesCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "features", abstract: "Draw the feature maps of pictures.")

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var layers: LayerOptions

  @Option(
    name: .customLong("map-scale"), help: "shared: one scale for all maps; own: each its own.")
  var mapScale = FeatureMapFigure.Scale.shared

  @Option(help: "strongest-first or by-number.")
  var order = FeatureMapFigure.Order.strongestFirst

  @OptionGroup var output: OutputOptions

  func render(_ studio: Studio) throws {
    let shown = try studio.pictures(pictures).shown
    try studio.addFeatures(
      of: shown, pictures.limit ?? 1,
      layers: layers.names(in: studio.network, usual: studio.network.featureLayers()),
      units: layers, scale: mapScale, order: order)
  }
}
