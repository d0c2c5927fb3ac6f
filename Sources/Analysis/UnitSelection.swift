public import Networks
internal import TensorCore

/// Which units of a layer to show. The text has the same meaning for every figure:
///
///     0,5,17         these units, in this order
///     8-15           a range, both ends included
///     cat,dog        by name, if the units are classes
///     strongest:16   those with the greatest norm, activation or excitation, whichever is drawn
///     even:16        spread evenly over all units
///     selective:16   those with the most selective responses to a data set, each with other pictures
public struct UnitSelection: Sendable, Hashable {
  private enum Choice: Sendable, Hashable {
    case listed([Item])
    case strongest(Int)
    case even(Int)
    case selective(Int)
  }

  private enum Item: Sendable, Hashable {
    case units(ClosedRange<Int>)
    case name(String)
  }

  private let text: String
  private let choice: Choice

  /// - Throws: `SelectionError` if the text is none of the above.
  public init(_ text: String) throws(SelectionError) {
    self.text = text
    let parts = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    guard !parts.isEmpty else { throw Self.unknown(text) }
    guard let colon = text.firstIndex(of: ":") else {
      var items: [Item] = []
      for part in parts { items.append(try Self.item(part, of: text)) }
      choice = .listed(items)
      return
    }
    guard let count = Int(text[text.index(after: colon)...]), count > 0 else {
      throw Self.unknown(text)
    }
    switch text[..<colon] {
    case "strongest": choice = .strongest(count)
    case "even": choice = .even(count)
    case "selective": choice = .selective(count)
    default: throw Self.unknown(text)
    }
  }

  private static func unknown(_ text: String) -> SelectionError {
    SelectionError(
      "expected units such as 0,5,17 or 8-15, names of classes, strongest:16, even:16 or "
        + "selective:16, found '\(text)'")
  }

  private static func item(
    _ part: Substring, of text: String
  ) throws(SelectionError) -> Item {
    let ends = part.split(separator: "-", omittingEmptySubsequences: false)
    let areNumbers = ends.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isWholeNumber) }
    guard areNumbers, ends.count <= 2 else { return .name(String(part)) }
    guard let first = Int(ends[0]), let last = Int(ends[ends.count - 1]), first <= last else {
      throw unknown(text)
    }
    return .units(first...last)
  }

  /// The number of strongest units to show; nil for every other selection.
  public var strongestCount: Int? {
    if case .strongest(let count) = choice { count } else { nil }
  }

  /// The number of selective units to show; nil for every other selection.
  public var selectiveCount: Int? {
    if case .selective(let count) = choice { count } else { nil }
  }

  /// - Parameters:
  ///   - names: The units' names, if they are classes.
  ///   - strengths: The strength of each unit; called only if the strongest are selected.
  /// - Throws: `SelectionError` for a unit that the layer does not have, and for selective units,
  ///   which only a pass over a data set finds.
  public func units(
    of layer: String, in network: Network, names: ClassNames?, strengths: () -> [Float]
  ) throws(SelectionError) -> [Int] {
    let count = network.unitCount(layer)
    switch choice {
    case .even(let wanted):
      return (0..<count).spread(most: wanted)
    case .strongest(let wanted):
      let strengths = strengths().map { $0.isNaN ? -.infinity : $0 }
      return Array(
        strengths.indices.sorted { (-strengths[$0], $0) < (-strengths[$1], $1) }.prefix(wanted))
    case .selective:
      throw SelectionError(
        "'\(text)' needs the responses to a data set, which only patches, unit and evolution have; "
          + "'strongest:16' is for every figure")
    case .listed(let items):
      // A name may contain a comma, as ImageNet's do; a number is a unit, whatever its name.
      let areUnits = items.allSatisfy { if case .units = $0 { true } else { false } }
      if !areUnits, let names, let whole = try? names.index(of: text) { return [whole] }
      var units: [Int] = []
      for item in items {
        switch item {
        case .units(let range):
          guard range.upperBound < count else {
            throw absent(max(range.lowerBound, count), layer, count)
          }
          units += range
        case .name(let name):
          guard let names else {
            throw SelectionError("no unit '\(name)' in layer '\(layer)': only classes have names")
          }
          units.append(try names.index(of: name))
        }
      }
      var seen: Set<Int> = []
      return units.filter { seen.insert($0).inserted }
    }
  }

  /// Checks the selection against layers before anything is computed.
  ///
  /// - Parameter hasResponses: Whether there will be responses to a data set, of which some units
  ///   are selective.
  /// - Throws: `SelectionError` for the first unit that a layer does not have.
  public func check(
    _ layers: [String], in network: Network, hasResponses: Bool = false,
    names: (String) -> ClassNames?
  ) throws(SelectionError) {
    if selectiveCount != nil, hasResponses { return }
    for layer in layers {
      _ = try units(of: layer, in: network, names: names(layer)) { [] }
    }
  }

  private func absent(_ unit: Int, _ layer: String, _ count: Int) -> SelectionError {
    let advice = Int(text).map { "; for a number of units say 'even:\($0)'" } ?? ""
    return SelectionError(
      "no unit \(unit) in layer '\(layer)': it has \(count), from 0 on\(advice)")
  }
}

extension Network {
  /// How many units a node has: channels of maps, or features; 0 if its output does not depend
  /// on the pictures.
  public func unitCount(_ name: String) -> Int {
    dependsOnPictures(name) ? shapes[name].map { $0[1] } ?? 0 : 0
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var part = drop { $0 == " " }
    while part.last == " " { part.removeLast() }
    return part
  }
}
