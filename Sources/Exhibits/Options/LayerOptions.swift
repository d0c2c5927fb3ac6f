internal import Analysis
public import ArgumentParser
internal import Foundation
internal import Networks

/// Which layers and units.
public struct LayerOptions: ParsableArguments {
  @Option(help: "Layers by name, separated by commas; * matches any characters: 'conv*,fc6'.")
  public var layers: String?

  @Option(
    help: """
      Units: numbers, ranges and class names separated by commas ('0,5,8-15'); strongest:16 for \
      the 16 strongest, by the measure that the figure's caption names; even:16 for 16 spread \
      evenly over the layer; selective:16 for the 16 that respond most selectively to a data set \
      (patches, unit and evolution only).
      """)
  public var units: String?

  public init() {}

  public func validate() throws {
    do {
      _ = try selection()
    } catch let error as UsageError {
      throw ValidationError(error.description)
    }
  }

  /// The layers that are asked for; what a pattern chose and a figure cannot show is left out with
  /// a remark.
  ///
  /// - Throws: `SelectionError` for a layer that is not there, or that cannot be shown.
  func names(in studio: Studio, usual: [String], for need: LayerNeed) throws -> [String] {
    guard let layers else { return usual }
    return try studio.layers(matching: layers, for: need)
  }

  /// Nil if no units are named.
  func selection() throws -> UnitSelection? {
    do {
      return try units.map { text throws(SelectionError) in try UnitSelection(text) }
    } catch {
      throw UsageError("--units: \(error)")
    }
  }
}

extension Studio {
  /// The units that are named.
  ///
  /// - Parameter strengths: Of each unit.
  func units(
    _ selection: UnitSelection, of layer: String, strengths: () -> [Float]
  ) throws -> [Int] {
    try selection.units(
      of: layer, in: network, names: unitNames(layer), strengths: strengths)
  }

  /// The units that are named.
  ///
  /// - Parameter ranked: All units, the strongest first.
  func units(
    _ selection: UnitSelection, of layer: String, ranked: [Int]
  ) throws -> [Int] {
    if let count = selection.strongestCount { return Array(ranked.prefix(count)) }
    return try units(selection, of: layer) { [] }
  }

  /// The units that are named; nil if none are.
  ///
  /// - Parameter hasResponses: Whether selective units can be found.
  /// - Throws: `SelectionError` for units that a layer does not have.
  func selection(
    _ options: LayerOptions, of layers: [String], hasResponses: Bool = false
  ) throws -> UnitSelection? {
    let selection = try options.selection()
    try selection?.check(layers, in: network, hasResponses: hasResponses, names: unitNames)
    return selection
  }

  /// Only class scores have names.
  private func unitNames(_ layer: String) -> ClassNames? {
    network.hasClassScores && layer == network.graph.scoreName ? model.classNames : nil
  }
}

/// Names with commas between them, without the spaces around each.
///
/// - Throws: `UsageError` if there is none.
package func namePatterns(_ text: String, of option: String) throws -> [String] {
  let names = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    .filter { !$0.isEmpty }
  guard !names.isEmpty else {
    throw UsageError("\(option): expected names separated by commas, found '\(text)'")
  }
  return names
}
