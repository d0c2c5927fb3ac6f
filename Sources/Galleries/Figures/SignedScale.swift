internal import Drawing
internal import Images

/// Colours for signed weights, on one scale or one a tile.
package struct SignedScale {
  let joint: ClosedRange<Float>?
  let colormap = Colormap.blueWhiteRed
  /// The share of weights below the ends of a joint scale.
  private let unclipped: Double

  /// - Parameter unclipped: The share of weights below the ends of a joint scale, so that a few
  ///   great ones do not pale the rest.
  init(of rasters: [Raster], isJoint: Bool, unclipped: Double = 1) {
    self.unclipped = unclipped
    let end = Scaling.clipped(above: unclipped).range(ofAll: rasters.map(\.values)).upperBound
    joint = isJoint ? -end...end : nil
  }

  func image(of raster: Raster) -> Image {
    raster.image(colormap, range: joint ?? Scaling.symmetric.range(of: raster.values))
  }

  func detail(of raster: Raster) -> String {
    guard joint == nil else { return "" }
    return Self.detail(of: raster.values, Scaling.symmetric.range(of: raster.values))
  }

  /// What a tile's darkest colours are.
  package static func detail(of values: [Float], _ range: ClosedRange<Float>) -> String {
    guard values.contains(where: \.isFinite) else { return "not finite" }
    // A range is never empty, so that of zeros ends elsewhere.
    return values.allSatisfy { $0 == 0 || !$0.isFinite }
      ? "0" : "±\(numberText(Double(range.upperBound), digits: 2))"
  }

  var colorBar: ColorBar {
    joint.map { ColorBar(colormap, range: $0, label: "weight") }
      ?? ColorBar(colormap, range: -1...1, label: "weight over the tile's greatest magnitude")
  }

  func sentence(tile: String) -> String {
    guard let joint else {
      return "Each \(tile) has its own scale, on which its greatest magnitude is darkest."
    }
    let end = "±\(numberText(Double(joint.upperBound)))"
    return unclipped < 1
      ? "All share one scale; weights beyond \(end), the largest "
        + "\(percentText(1 - unclipped)), get the darkest colours."
      : "All share one scale, on which the darkest colours are weights of \(end)."
  }

  var summary: String {
    guard let joint else { return "per tile, symmetric about zero" }
    let clipping = unclipped < 1 ? ", clipped above the \(percentileText(unclipped))" : ""
    return "joint, symmetric, ±\(numberText(Double(joint.upperBound)))\(clipping)"
  }
}
