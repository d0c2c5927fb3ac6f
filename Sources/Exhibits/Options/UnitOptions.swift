internal import Analysis
public import ArgumentParser
internal import Networks

/// Which units get a sheet.
public struct UnitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Draw a sheet for each of these units, separated by commas: 'relu3:17,conv1:0-3'; a class \
      stands for its score. 'shown' stands for all units that patches shows, and in a gallery \
      'none' for none; by default a gallery has the most selective of them of each layer.
      """, valueName: "layer:unit"))
  public var unit: String?

  /// What stands for all units that `patches` shows.
  static let shown = "shown"
  /// What stands for no unit of a gallery.
  package static let none = "none"

  public init() {}
}

extension Studio {
  /// The units that a text names: `relu3:17,conv1:0-3,mug`.
  ///
  /// - Throws: `SelectionError` for a layer, unit or class that is not there, and for a layer
  ///   without a unit.
  func layerUnits(_ text: String) throws -> [LayerUnit] {
    // A name may itself hold a comma, as ImageNet's do.
    if let unit = classUnit(text) { return [unit] }
    return try namePatterns(text, of: "LAYER:UNIT").flatMap(layerUnits(part:)).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }

  private func layerUnits(part: String) throws -> [LayerUnit] {
    if let unit = classUnit(part) { return [unit] }
    // A layer's name may hold a colon.
    guard let colon = part.lastIndex(of: ":") else { throw noUnit(in: part) }
    let layers = try network.layers(matching: [String(part[..<colon])], for: .activations).layers
    let units = try UnitSelection(String(part[part.index(after: colon)...]))
    return try layers.flatMap { layer in
      try self.units(units, of: layer) { [] }.map { LayerUnit(layer: layer, unit: $0) }
    }
  }

  /// The score of a class by its name; a number alone is no name.
  private func classUnit(_ name: String) -> LayerUnit? {
    guard network.hasClassScores, Int(name) == nil, network.graph[name] == nil,
      let index = try? model.classNames.index(of: name)
    else { return nil }
    return LayerUnit(layer: network.graph.scoreName, unit: index)
  }

  private func noUnit(in part: String) -> SelectionError {
    let layers = network.graph.nodes.map(\.name).filter {
      network.obstacle(to: .activations, at: $0) == nil
    }
    let layer = network.graph.aliases[part] ?? part
    guard layers.contains(layer) else {
      let form = "expected LAYER:UNIT, such as '\(layers.first ?? "conv1"):0', or a class"
      return SelectionError("\(form), found '\(part)'\(suggestion(for: part, among: layers))")
    }
    let last = network.unitCount(layer) - 1
    return SelectionError(
      "'\(part)' is a layer without a unit: expected LAYER:UNIT, from '\(part):0' to "
        + "'\(part):\(last)'")
  }
}
