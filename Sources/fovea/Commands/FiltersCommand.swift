import Analysis
import ArgumentParser
import Galleries

struct FiltersCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "filters", abstract: "Draw the weights of convolutions.")

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var layers: LayerOptions

  @Option(
    name: .customLong("filter-scale"),
    help: """
      Colour scale: one for each filter, or one for all. By default, filters of colour pictures have \
      a scale each and other filters share one.
      """)
  var filterScale: FilterFigure.Scale?

  @OptionGroup var output: OutputOptions

  func render(_ studio: Studio) throws {
    try studio.addFilters(
      layers.names(
        in: studio, usual: studio.filterLayers(of: studio.network.featureLayers()), for: .filters),
      units: layers, scale: filterScale)
  }
}
