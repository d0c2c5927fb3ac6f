public import Images

/// Pictures in rows and columns with headings, all drawn equally large, and a line of text below
/// each.
///
/// Pictures of one column may have more pixels than those of another, as a network's input and its
/// maps.
public struct PictureTable: Composite {
  /// One picture.
  public struct Cell: Sendable {
    public let image: Image
    public let caption: String

    /// - Parameters:
    ///   - image: Transparent pixels are hatched.
    ///   - caption: Below it; may be empty.
    public init(_ image: Image, caption: String = "") {
      (self.image, self.caption) = (image, caption)
    }
  }

  public let parts: [Part]
  public let size: Size

  private static let (gap, rowGap, captionGap) = (6.0, 6.0, 2.0)
  /// Between the first columns and the others.
  private static let groupGap = 18.0
  private static let widestHeading = 110.0

  /// - Parameters:
  ///   - rows: As many cells in each as there are columns; nil leaves an empty space.
  ///   - rowHeadings: To the left.
  ///   - columnHeadings: Above.
  ///   - columnDetails: Paler, below the headings.
  ///   - groups: Into how many columns each group of neighbours is divided, by a wider gap; empty
  ///     for one group.
  ///   - cell: The size of every picture, in points.
  public init(
    _ rows: [[Cell?]], rowHeadings: [String], columnHeadings: [String],
    columnDetails: [String] = [], groups: [Int] = [], cell: Size
  ) {
    let rowTexts = rowHeadings.map { Text($0, .heading, width: Self.widestHeading) }
    let left = rowTexts.reduce(0) { max($0, $1.size.width) }
    let captions = rows.joined().compactMap { $0?.caption } + columnDetails
    let wide = captions.reduce(cell.width) { max($0, Text($1, .tick).size.width) }
    let width = max(wide, 24).rounded(.up)
    let headings = columnHeadings.map {
      Text($0, .heading, alignment: .center, width: width)
    }
    let columnCount = rows.reduce(0) { max($0, $1.count) }
    var starts: [Double] = []
    var x = left > 0 ? left + 10 : 0
    var ends = Set<Int>()
    _ = groups.reduce(0) {
      ends.insert($0 + $1)
      return $0 + $1
    }
    for column in 0..<columnCount {
      if ends.contains(column) { x += Self.groupGap - Self.gap }
      starts.append(x)
      x += max(width, column < headings.count ? headings[column].size.width : 0) + Self.gap
    }
    var parts: [Part] = []
    let headingHeight = headings.reduce(0) { max($0, $1.size.height) }
    for (heading, start) in zip(headings, starts) where heading.size.height > 0 {
      parts.append(
        Part(
          heading,
          in: Rectangle(
            x: start, y: headingHeight - heading.size.height, width: max(width, heading.size.width),
            height: heading.size.height)))
    }
    var y = headingHeight
    let details = columnDetails.map { Text($0, .tick, alignment: .center, width: width) }
    for (detail, start) in zip(details, starts) where detail.size.height > 0 {
      parts.append(
        Part(
          detail, in: Rectangle(x: start, y: y, width: width, height: detail.size.height)))
    }
    y += details.reduce(0) { max($0, $1.size.height) }
    if y > 0 { y += 4 }
    for (index, row) in rows.enumerated() {
      var height = cell.height
      if index < rowTexts.count {
        let text = rowTexts[index]
        let top = max(0, ((cell.height - text.size.height) / 2).rounded(.down))
        if text.size.height > 0 { parts.append(Part(text, at: Point(0, y + top))) }
        height = max(height, top + text.size.height)
      }
      for (content, start) in zip(row, starts) {
        guard let content else { continue }
        let free = ((width - cell.width) / 2).rounded(.down)
        let isEnlarged = Double(content.image.width) <= cell.width
        parts.append(
          Part(
            Picture(
              content.image, size: cell, interpolation: isEnlarged ? .nearest : .smooth,
              frame: Theme.outline), at: Point(start + free, y)))
        let caption = Text(content.caption, .tick, alignment: .center, width: width)
        if caption.size.height > 0 {
          parts.append(
            Part(
              caption,
              in: Rectangle(
                x: start, y: y + cell.height + Self.captionGap, width: width,
                height: caption.size.height)))
          height = max(height, cell.height + Self.captionGap + caption.size.height)
        }
      }
      y += height + Self.rowGap
    }
    self.parts = parts
    size = extent(of: parts)
  }
}
