import Analysis
import ArgumentParser
import Foundation
import Networks

/// Which layers and units.
struct LayerOptions: ParsableArguments {
  @Option(help: "Layers by name, several with commas, * for any characters: 'conv*,fc6'.")
  var layers: String?

  @Option(help: "Units as a list such as 0,5,17 (or 5, for one), or how many.")
  var units: String?

  /// The layers that are asked for; what a pattern chose and a figure cannot show is left out with
  /// a remark.
  ///
  /// - Throws: `SelectionError` for a layer that is not there, or that cannot be shown.
  func names(in studio: Studio, usual: [String], for need: LayerNeed) throws -> [String] {
    guard let layers else { return usual }
    return try studio.layers(matching: layers, for: need)
  }

  /// A list of units, or how many of them.
  enum Choice { case list([Int]), count(Int) }

  func choice() throws -> Choice? {
    guard let units else { return nil }
    let parts = units.split(separator: ",").map { Int($0.filter { $0 != " " }) }
    let numbers = parts.compactMap { $0 }
    guard numbers.count == parts.count, !numbers.isEmpty, numbers.allSatisfy({ $0 >= 0 }) else {
      throw UsageError("--units: expected 0,5,17 or a number, found '\(units)'")
    }
    if numbers.count == 1, !units.contains(",") {
      guard numbers[0] > 0 else { throw UsageError("--units: expected at least 1, found 0") }
      return .count(numbers[0])
    }
    return .list(numbers)
  }

  /// The units listed, or `count` of those there are, evenly from all.
  ///
  /// - Parameter live: The units worth showing, where none are listed.
  func units(of layer: String, in network: Network, usual: Int, live: [Int]) throws -> [Int] {
    let count = network.unitCount(layer)
    let choice = try choice() ?? .count(usual)
    switch choice {
    case .list(let list):
      if let wrong = list.first(where: { $0 >= count }) {
        throw SelectionError("no unit \(wrong) in layer '\(layer)': it has \(count), from 0 on")
      }
      return list
    case .count(let wanted):
      let pool = live.isEmpty ? Array(0..<count) : live
      guard pool.count > wanted else { return pool }
      return (0..<wanted).map { pool[$0 * pool.count / wanted] }
    }
  }
}

/// Names with commas between them, without the spaces around each.
///
/// - Throws: `UsageError` where there is none.
func namePatterns(_ text: String, of option: String) throws -> [String] {
  let names = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    .filter { !$0.isEmpty }
  guard !names.isEmpty else {
    throw UsageError("\(option): expected names with commas between them, found '\(text)'")
  }
  return names
}
