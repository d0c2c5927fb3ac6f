internal import Analysis
internal import Drawing
internal import Files

/// Numbers of arrays that are drawn at most.
private let mostFlattened = 360

extension ArithmeticExample {
  /// Why its numbers cannot be drawn shifted; nil if they can.
  ///
  /// - Parameter shift: Rows down and columns to the right.
  public func shiftObstacle(by shift: [Int]) -> String? {
    guard input != nil else { return "it needs numbers or a picture, not only a size" }
    let most = ArithmeticGrids.mostNumbered
    guard arithmetic.input.allSatisfy({ $0 <= most }) else {
      return "numbers are drawn up to \(most) rows and columns, and the input has "
        + "\(crossed(arithmetic.input)); make the picture smaller with --resize"
    }
    return Self.shiftObstacle(of: arithmetic.input, by: shift)
  }

  /// Why nothing would be left of an input; nil if something is.
  ///
  /// - Parameters:
  ///   - size: Rows and columns of the input.
  ///   - shift: Rows down and columns to the right.
  public static func shiftObstacle(of size: [Int], by shift: [Int]) -> String? {
    zip(shift, size).contains { $0.magnitude >= $1 }
      ? "a shift by \(shiftText(shift)) leaves nothing of an input of \(crossed(size))" : nil
  }
}

/// A picture as numbers, and the same shifted, each as a grid and as the flat array that a fully
/// connected layer reads.
///
/// - Parameters:
///   - example: With no ``ArithmeticExample/shiftObstacle(by:)``.
///   - shift: Rows down and columns to the right.
public func shiftedPictureFigure(of example: ArithmeticExample, by shift: [Int]) -> CaptionedFigure
{
  guard let input = example.input else { preconditionFailure("a shift without numbers") }
  let shifted = input.shifted(rows: shift[0], columns: shift[1])
  let side = MarkedGrid.side(for: input.values.map(cellText), least: 20)
  func ground(_ value: Double) -> MarkedGrid.Ground {
    example.isPicture ? .value(Color(grey: min(max(value / 255, 0), 1))) : .plain
  }
  func cells(_ values: some Collection<Double>) -> [MarkedGrid.Cell] {
    values.map { .init(cellText($0), ground: ground($0)) }
  }
  func panel(_ name: String, _ grid: NumberGrid) -> any Drawable {
    Column(
      spacing: 8,
      [
        Text(name, .heading),
        MarkedGrid(columns: grid.columns, cells: cells(grid.values), side: side),
      ])
  }
  let differing = zip(input.values, shifted.values).count { $0 != $1 }
  let shown = min(input.values.count, mostFlattened)
  @Sendable func flattened(_ width: Double) -> Column {
    let columns = max(1, min(shown, Int(width / side)))
    let bands = stride(from: 0, to: shown, by: columns).map { first -> any Drawable in
      let places = first..<min(first + columns, shown)
      let (before, after) = (input.values[places], shifted.values[places])
      let marks = zip(before, after).enumerated().filter { $0.element.0 != $0.element.1 }.map {
        MarkedGrid.Outline(
          rows: 1..<2, columns: $0.offset..<($0.offset + 1), color: Theme.highlight, width: 2)
      }
      func own(_ values: ArraySlice<Double>) -> [MarkedGrid.Cell] {
        values.map { value in
          .init(
            cellText(value),
            ground: example.isPicture
              ? .value(Color(grey: min(max(value / 255, 0), 1))) : .plain)
        }
      }
      return MarkedGrid(
        columns: places.count, cells: own(before) + own(after), outlines: marks, side: side)
    }
    return Column(spacing: 8, bands)
  }
  let pair = Row(spacing: 40, [panel("Picture", input), panel("Shifted", shifted)])
  let heading = Text("Flattened: above the picture, below the shifted picture", .heading)
  let width = max(pair.size.width, 640)
  return CaptionedFigure(
    title: "A picture as numbers, and shifted",
    subtitle: [
      example.source.map { abbreviated($0) } ?? "", crossed(input.size),
      "shifted by \(shiftText(shift))",
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Below: all rows one after the other, as a fully connected layer reads them, with a weight "
        + "for each place. Outlined in orange: places whose number differs, "
        + "\(countText(differing)) of \(countText(input.values.count)).",
      "To such a layer the shifted picture is another one, which it must learn anew. A convolution "
        + "gives the same numbers, shifted.",
      "What comes in at an edge repeats the numbers there.",
      shown < input.values.count
        ? "Shown are the first \(shown) numbers of \(countText(input.values.count))." : ""),
    scale: example.isPicture
      ? "grey values from 0 (black) to 255 (white)" : "numbers as they are",
    body: Column(
      spacing: 22,
      [
        pair,
        Column(
          spacing: 8, [heading, Flowing(flattened(width)) { flattened($0) }]),
      ]))
}

/// `1 row down and 2 columns to the right`.
private func shiftText(_ shift: [Int]) -> String {
  var parts: [String] = []
  if shift[0] != 0 {
    parts.append(
      "\(counted(Int(clamping: shift[0].magnitude), "row")) \(shift[0] > 0 ? "down" : "up")")
  }
  if shift[1] != 0 {
    parts.append(
      "\(counted(Int(clamping: shift[1].magnitude), "column")) to the \(shift[1] > 0 ? "right" : "left")"
    )
  }
  return parts.isEmpty ? "nothing" : parts.joined(separator: " and ")
}
