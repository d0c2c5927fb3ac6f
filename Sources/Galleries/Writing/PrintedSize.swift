internal import Drawing
internal import Files

/// What decides whether a sheet can be read on paper, in points.
struct PrintedSize {
  /// The size of the smallest text; nil without text.
  let smallestText: Double?
  let height: Double

  /// The height of an A4 page between narrow margins.
  static let highest = 277.0 * 72 / 25.4
}

/// Which sheets have text that is too small on paper, or do not fit on a page.
///
/// - Parameter sizes: By file.
func printRemarks(_ sizes: [String: PrintedSize], in style: FigureStyle) -> [String] {
  guard let width = style.width else { return [] }
  return [smallText(sizes.compactMapValues(\.smallestText), width), high(sizes, width)]
    .compactMap(\.self)
}

private func smallText(_ sizes: [String: Double], _ width: PrintedWidth) -> String? {
  let least = PrintedFigure.smallestReadable
  // Half a tenth of a point is not worth a remark.
  let small = sizes.filter { $0.value < least - 0.05 }.sorted {
    ($0.value, $0.key) < ($1.value, $1.key)
  }
  guard let smallest = small.first else { return nil }
  let files = firstOf(small.map { "\($0.key) (\(numberText($0.value, digits: 2)) points)" })
  let needed = millimetres(width.points * least / smallest.value)
  return "at --width \(width.text) some text is smaller than \(Int(least)) points: \(files); "
    + "--width \(needed)mm or fewer units, pictures or classes would make it larger"
}

private func high(_ sizes: [String: PrintedSize], _ width: PrintedWidth) -> String? {
  let high = sizes.filter { $0.value.height > PrintedSize.highest }.sorted {
    (-$0.value.height, $0.key) < (-$1.value.height, $1.key)
  }
  guard !high.isEmpty else { return nil }
  let files = firstOf(high.map { "\($0.key) (\(millimetres($0.value.height)) mm)" })
  return
    "at --width \(width.text) some figures are higher than a page: \(files); another --width, or "
    + "fewer layers, units or pictures, may make them lower"
}

private func millimetres(_ points: Double) -> Int { Int((points * 25.4 / 72).rounded(.up)) }
