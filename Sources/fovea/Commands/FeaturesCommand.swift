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
    name: .customLong("map-scale"), help: "Colour scale: one for all maps, or one for each map.")
  var mapScale = FeatureMapFigure.Scale.shared

  @Option(help: "Order of the maps: by their greatest value, or by unit number.")
  var order = FeatureMapFigure.Order.strongestFirst

  @OptionGroup var output: OutputOptions

  func render(_ studio: Studio) throws {
    let shown = try studio.pictures(pictures).shown
    try studio.addFeatures(
      of: shown, pictures.limit ?? 1,
      layers: layers.names(
        in: studio, usual: studio.network.featureLayers(), for: .activations),
      units: layers, scale: mapScale, order: order)
  }
}
