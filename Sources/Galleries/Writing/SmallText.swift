internal import Drawing
internal import Files

/// Which sheets have text that is too small on paper, and how wide they should be; nil if none.
///
/// - Parameter sizes: That of the smallest text, in points, by file.
func smallTextRemark(_ sizes: [String: Double], in style: FigureStyle) -> String? {
  guard let width = style.width else { return nil }
  let least = PrintedFigure.smallestReadable
  // Half a tenth of a point is not worth a remark.
  let small = sizes.filter { $0.value < least - 0.05 }.sorted {
    ($0.value, $0.key) < ($1.value, $1.key)
  }
  guard let smallest = small.first else { return nil }
  let files = firstOf(small.map { "\($0.key) (\(numberText($0.value, digits: 2)) points)" })
  let needed = (width.points * least / smallest.value * 25.4 / 72).rounded(.up)
  return "at --width \(width.text) some text is smaller than \(Int(least)) points: \(files); "
    + "--width \(Int(needed))mm or fewer units, pictures or classes would make it larger"
}
