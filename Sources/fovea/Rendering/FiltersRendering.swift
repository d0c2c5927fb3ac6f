import Analysis
import Galleries
import Networks

extension Studio {
  /// The convolutions whose filters are worth drawing, from the first to the last.
  func filterLayers() -> [String] {
    var origins: [String] = []
    for layer in network.featureLayers() {
      let origin = network.origin(of: layer)
      if !origins.contains(origin) { origins.append(origin) }
    }
    return origins
  }

  func addFilters(_ layers: [String], units: LayerOptions, scale: FilterFigure.Scale?) throws {
    for layer in layers {
      let finding = try FilterAnalysis().run(on: network, layer: layer)
      if writer.resumes(.filters, layer) { continue }
      var figure = FilterFigure()
      figure.scale = scale
      switch try units.choice() {
      case .list: figure.units = try units.units(of: layer, in: network, usual: 0, live: [])
      case .count(let count):
        figure.mostFilters = count
        figure.mostTiles = count
      case nil: break
      }
      var options: [String: String] = [:]
      options["scale"] = scale?.rawValue
      try add(
        figure.figure(of: finding, layer: self.layer(layer)), name: layer, facts(options: options)
      ) { ["filters": finding.filters] }
    }
  }
}
