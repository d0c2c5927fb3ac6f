/// Colours for numbers in `0...1`.
public struct Colormap: Sendable {
  public let name: String
  /// Whether ½ is a neutral midpoint between two hues, so that the map suits signed numbers.
  public let isDiverging: Bool
  /// The colours at equal steps from 0 to 1, as RGBA bytes.
  let table: [SIMD4<UInt8>]
  /// The same on a dark page, for a map that begins with the colour of the page.
  private let darkTable: [SIMD4<UInt8>]?

  /// A colour map that is linear between stops, each a position in `0...1` and its colour.
  ///
  /// A diverging map has one entry more than a sequential one, so that ½ falls on an entry.
  ///
  /// - Parameter darkStops: The stops on a dark page, if the map begins with the colour of the page.
  public init(
    name: String, isDiverging: Bool = false, stops: [(Double, Color)],
    onDark darkStops: [(Double, Color)]? = nil
  ) {
    let last = isDiverging ? 256 : 255
    func table(_ stops: [(Double, Color)]) -> [SIMD4<UInt8>] {
      (0...last).map { step in
        bytes(of: color(at: Double(step) / Double(last), between: stops))
      }
    }
    self.init(
      name: name, isDiverging: isDiverging, table: table(stops), onDark: darkStops.map(table))
  }

  private init(
    name: String, isDiverging: Bool, table: [SIMD4<UInt8>], onDark darkTable: [SIMD4<UInt8>]? = nil
  ) {
    self.name = name
    self.isDiverging = isDiverging
    self.table = table
    self.darkTable = darkTable
  }

  /// The map on a page of this appearance.
  func on(_ appearance: Appearance) -> Colormap {
    guard appearance == .dark, let darkTable else { return self }
    return Colormap(name: name, isDiverging: isDiverging, table: darkTable)
  }

  /// The colour of a number; numbers outside `0...1` get the colour of the nearer end.
  public func callAsFunction(_ unit: Double) -> Color {
    guard !unit.isNaN else { return Theme.nothing }
    return color(of: table[Int((min(max(unit, 0), 1) * Double(table.count - 1)).rounded())])
  }

  /// With other colours in the place of these.
  func mapped(_ replacement: (Color) -> Color) -> Colormap {
    Colormap(
      name: name, isDiverging: isDiverging,
      table: table.map { bytes(of: replacement(color(of: $0))) })
  }

  /// The same colours in the opposite order.
  public var reversed: Colormap {
    Colormap(name: "\(name), reversed", isDiverging: isDiverging, table: table.reversed())
  }
}

private func color(of entry: SIMD4<UInt8>) -> Color {
  Color(red: Double(entry.x) / 255, green: Double(entry.y) / 255, blue: Double(entry.z) / 255)
}

private func bytes(of color: Color) -> SIMD4<UInt8> {
  let bytes = color.bytes
  return SIMD4(bytes.red, bytes.green, bytes.blue, bytes.alpha)
}

private func color(at position: Double, between stops: [(Double, Color)]) -> Color {
  guard let first = stops.first, let last = stops.last else { return .black }
  if position <= first.0 { return first.1 }
  for (lower, upper) in zip(stops, stops.dropFirst()) where position <= upper.0 {
    let span = upper.0 - lower.0
    return lower.1.mixed(with: upper.1, span > 0 ? (position - lower.0) / span : 1)
  }
  return last.1
}
