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
    help: "per-filter or joint; by default each colour filter has its own and others share one.")
  var filterScale: FilterFigure.Scale?

  @OptionGroup var output: OutputOptions

  func render(_ studio: Studio) throws {
    try studio.addFilters(
      layers.names(
        in: studio, usual: studio.filterLayers(of: studio.network.featureLayers()), for: .filters),
      units: layers, scale: filterScale)
  }
}
