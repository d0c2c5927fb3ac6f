internal import Analysis
internal import Drawing
internal import TensorCore

/// The colours of some maps of a layer: from zero, or about zero if any value is negative.
struct MapColors {
  /// The range of all maps together.
  let shared: ClosedRange<Float>
  private let scaling: Scaling
  private let scale: FeatureMapScale

  init(of maps: [Raster], _ scale: FeatureMapScale) {
    let values = maps.map(\.values)
    scaling = .aboutOrFromZero(of: values)
    shared = scaling.range(ofAll: values)
    self.scale = scale
  }

  var isSigned: Bool { scaling == .symmetric }

  var colormap: Colormap { isSigned ? .blueWhiteRed : .viridis }

  /// The values at the ends of a map's colours.
  func range(of map: Raster) -> ClosedRange<Float> {
    scale == .shared ? shared : scaling.range(of: map.values)
  }

  /// A map with its greatest value below, or that of greatest magnitude.
  func tile(_ map: Raster, caption: String, isZero: Bool) -> Tile {
    Tile(
      map.image(colormap, range: range(of: map)), caption: caption,
      detail: extremeText(of: map),
      mark: isZero ? .dead : nil)
  }

  /// The finite value at which the colours of a map end, in a few digits.
  func extremeText(of map: Raster) -> String {
    map.extreme(isSigned: isSigned).map { numberText(Double($0), digits: 2) } ?? "not finite"
  }

  /// What the colours mean, for a caption.
  var ends: String {
    isSigned ? "red is positive, blue negative and white zero" : "the darkest colour is zero"
  }

  /// The bar of all maps: of their shared scale, or relative to each map's end.
  var bar: ColorBar {
    scale == .shared
      ? ColorBar(colormap, range: shared, label: "activation") : relativeBar(to: "map")
  }

  /// The bar of all scales that end at the greatest value, or magnitude, of something.
  func relativeBar(to whole: String) -> ColorBar {
    ColorBar(
      colormap, range: isSigned ? -1...1 : 0...1,
      label: "activation over the \(whole)'s greatest\(isSigned ? " magnitude" : "")")
  }

  /// The bar of one map's own scale; nil if it has none, as a map of zeros.
  ///
  /// - Parameter length: In points.
  func bar(of map: Raster, length: Double) -> ColorBar? {
    guard scale == .perMap, (map.extreme(isSigned: true) ?? 0) != 0 else { return nil }
    return ColorBar(colormap, range: range(of: map), label: "activation", length: length)
  }
}

/// The colours of the layers of a block: those of layers without negative values, and those of
/// layers with some.
struct BlockColors {
  private let kinds: [MapColors]
  /// What the maps of a layer stand in, `row` or `layer`.
  private let place: String

  /// - Parameters:
  ///   - layers: The colours of each layer.
  ///   - place: What the maps of a layer stand in, `row` or `layer`.
  init(of layers: [MapColors], place: String) {
    kinds = [layers.first { !$0.isSigned }, layers.first(where: \.isSigned)].compactMap(\.self)
    self.place = place
  }

  /// A bar for each kind.
  func bars(_ scale: FeatureMapScale) -> Row {
    Row(spacing: 32, kinds.map { $0.relativeBar(to: scale == .shared ? place : "map") })
  }

  /// What the colours of each kind mean, for a caption.
  var meanings: String {
    kinds.map { colors in
      kinds.count == 1
        ? colors.ends
        : "in \(place)s \(colors.isSigned ? "with" : "without") negative values \(colors.ends)"
    }.joined(separator: "; ")
  }
}

extension FeatureMapFinding {
  /// The map of a unit; of a volume, all its frames one below the other, and of a series one row.
  func map(of unit: Int) -> Raster {
    let extents = maps.shape.extents.dropFirst()
    return Raster(
      width: extents.last ?? 1, height: extents.dropLast().reduce(1, *),
      values: maps.rows(unit..<(unit + 1)).elements)
  }
}
