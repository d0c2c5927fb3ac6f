import Analysis
import Datasets
import Galleries
import Networks

extension Studio {
  /// The convolutions behind some layers, from the first to the last.
  func filterLayers(of layers: [String]) -> [String] {
    layers.map(network.origin).reduce(into: []) { origins, layer in
      if network.graph[layer]?.operation is Convolution, !origins.contains(layer) {
        origins.append(layer)
      }
    }
  }

  func addFilters(_ layers: [String], units: LayerOptions, scale: FilterFigure.Scale?) throws {
    try check(units, layers)
    let selection = try units.selection()
    for layer in layers {
      if writer.resumes(.filters, layer) { continue }
      let finding = try FilterAnalysis().run(on: network, layer: layer)
      var figure = FilterFigure()
      figure.scale = scale
      figure.isBlueFirst = model.preprocessing.channelOrder == .bgr
      if let selection {
        figure.units = try self.units(selection, of: layer) { finding.norms }
      }
      var options: [String: String] = [:]
      options["scale"] = scale?.rawValue
      try add(
        figure.figure(of: finding, layer: self.layer(layer)), name: layer, facts(options: options)
      ) { FigureArrays(["filters": finding.filters]) }
    }
  }
}
