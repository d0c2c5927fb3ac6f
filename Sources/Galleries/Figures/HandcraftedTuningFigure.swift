public import Analysis
internal import Drawing

/// To which orientations and frequencies filters are tuned, by their fitted Gabor functions, and how
/// many stripes those have.
///
/// - Parameters:
///   - finding: Of the layer.
///   - layer: The finding's.
/// - Returns: Nil if no Gabor functions were fitted.
public func handcraftedTuningFigure(
  of finding: HandcraftedFinding, layer: LayerDescription
) -> CaptionedFigure? {
  let fitted = finding.compared.compactMap { filter in filter.fit.map { (filter, $0) } }
  guard finding.fits != nil, !fitted.isEmpty else { return nil }
  let sheet = HandcraftedSheet(finding: finding, layer: layer, isBlueFirst: false)
  let tuned = fitted.filter { $0.1.preferredFrequency > 0 }
  let lowPass = fitted.filter { $0.1.preferredFrequency == 0 }.map(\.0.unit)
  let hasColors = finding.isColour
  func kind(_ filter: HandcraftedFinding.Filter) -> FilterColor.Kind? {
    hasColors ? filter.color?.kind : nil
  }
  let plot = OrientationPlot(
    title: "Orientation and preferred frequency",
    tuned.map { filter, fit in
      OrientationPlot.Mark(
        orientation: fit.function.orientation, distance: fit.preferredFrequency, weight: fit.share,
        style: ClassStyle(index: styleIndex(kind(filter))))
    }, label: "preferred spatial frequency (cycles per pixel)", greatest: 0.5)
  let kinds = FilterColor.Kind.allCases.filter { kind in
    fitted.contains { $0.0.color?.kind == kind }
  }
  var key: [any Drawable] = []
  if hasColors {
    key.append(
      Legend(
        kinds.map { kind in
          let count = fitted.count { $0.0.color?.kind == kind }
          return Legend.Entry(
            "\(kind.name) (\(count))", .marker(ClassStyle(index: styleIndex(kind))))
        }))
  }
  key.append(Text("explained by the fit", .label))
  key.append(
    MarkSizes([0.25, 0.5, 1].map { (weight: $0, name: percentText($0)) }))
  // Ringach's figure: the Gaussian's extent in wavelengths.
  let points = tuned.map { _, fit in
    let function = fit.function
    return Point(
      function.sigma * function.frequency, function.sigma / function.gamma * function.frequency)
  }
  let end = shapeEnd(points)
  let outside = points.count { max($0.x, $0.y) > end }
  let shapes = ScatterPlot(
    title: "Shape", points,
    colors: .classes(tuned.map { styleIndex(kind($0.0)) }, names: []),
    x: Axis("standard deviation across the stripes (wavelengths)", range: 0...end),
    y: Axis("along the stripes (wavelengths)", range: 0...end),
    area: Size(width: 300, height: 300), showsLegend: false)
  return CaptionedFigure(
    title: "Orientations and frequencies of the filters", subtitle: layer.subtitle(sheet.size),
    caption: paragraph(
      "Each mark is a filter, placed by its fitted Gabor function: the angle is the orientation of "
        + "its stripes (\(orientationConvention), 180° as 0°), the distance from the centre the frequency to which it responds most, up to the shortest wave that pixels hold. "
        + "The area of a mark is the share of the filter's sum of squares that the function "
        + "explains: small marks say little.",
      hasColors ? kindSentence : "",
      lowPass.isEmpty
        ? ""
        : "\(counted(lowPass.count, "filter")) \(lowPass.count == 1 ? "is" : "are") not shown: "
          + "low-pass, strongest below half a cycle in the window, and so without an orientation: "
          + "\(listed(lowPass)).",
      "On the right, the Gaussian's standard deviations in wavelengths, across the stripes and along "
        + "them (Ringach 2002): blobs are near 0, filters with several stripes far out on the "
        + "horizontal axis, long ones high up."
        + (outside == 0
          ? ""
          : " \(counted(outside, "filter")) with a wider Gaussian \(outside == 1 ? "is" : "are") "
            + "outside the axes."),
      sheet.pointSentence, sheet.leftOutSentence),
    scale: "0 to 0.5 cycles per pixel, linear", layer: layer.name,
    units: fitted.map(\.0.unit), method: sheet.methodName,
    body: Row(
      spacing: 32, [plot, Column(spacing: 12, key), shapes]))
}

/// The end of both axes: a few bad fits do not squeeze the rest.
private func shapeEnd(_ points: [Point]) -> Double {
  let extents = points.map { max($0.x, $0.y) }.sorted()
  guard !extents.isEmpty else { return 1 }
  return max(0.5, 1.05 * extents[Int(0.9 * Double(extents.count - 1))])
}

/// The index of a kind's style: grey is grey.
private func styleIndex(_ kind: FilterColor.Kind?) -> Int {
  switch kind {
  case .grey: 11
  case .opponent: 1
  case .tinted, nil: 0
  }
}

private let kindSentence =
  "A filter is grey if its weights on red, green and blue have one sign and the weakest is at least "
  + "half of the strongest; colour-opponent if they have both signs, the weaker one at least a fifth "
  + "of the stronger; otherwise tinted."

extension FilterColor.Kind {
  /// In words.
  package var name: String {
    switch self {
    case .grey: "grey"
    case .opponent: "colour-opponent"
    case .tinted: "tinted"
    }
  }
}
