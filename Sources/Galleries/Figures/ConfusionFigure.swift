public import Analysis
internal import Drawing
internal import Files

/// Matrices of more classes show only the most confused ones.
private let mostClasses = 50
/// How many are shown then.
private let shownClasses = 30

/// Which classes are taken for which: true classes down, choices across.
///
/// Colours are shares of a row's pictures, so that classes with few pictures show as well; numbers
/// are counts. Of more than fifty classes, the most confused are shown.
///
/// - Parameter source: What the pictures are called.
public func confusionFigure(
  of finding: ClassificationFinding, classNames: ClassNames, model: String = "", source: String
) -> CaptionedFigure {
  let layout = ConfusionLayout(finding.confusion)
  let matrix = finding.confusion
  let (rows, columns) = (layout.rows, layout.columns)
  let totals = rows.map { matrix.pictures(of: $0) }
  var (shares, counts): ([Float], [String]) = ([], [])
  for (row, label) in rows.enumerated() {
    var own = columns.map { matrix[label, $0] }
    if layout.hasOthers { own.append(totals[row] - own.reduce(0, +)) }
    shares += own.map { totals[row] > 0 ? Float($0) / Float(totals[row]) : .nan }
    counts += own.map { $0 > 0 ? countText($0) : "" }
  }
  let columnCount = columns.count + (layout.hasOthers ? 1 : 0)
  func name(_ index: Int) -> String { shortened(classNames, index, to: 150, in: .tick) }
  let names = columns.map(name) + (layout.hasOthers ? ["all others"] : [])
  let cell = cellSide(columnCount)
  let grid = LabelledMatrix(
    Raster(width: columnCount, height: rows.count, values: shares), texts: counts,
    rows: rows.map(name), columns: names, rowTitle: "true class", columnTitle: "choice",
    margins: [
      .init(
        "right",
        rows.indices.map { row in
          totals[row] > 0
            ? percentText(Double(matrix[rows[row], rows[row]]) / Double(totals[row])) : "–"
        }),
      .init("pictures", totals.map { countText($0) }),
    ], gapBefore: layout.hasOthers ? columns.count : nil, range: 0...1, cell: cell)
  let bar = ColorBar(
    .blues, range: 0...1, label: "share of the row's pictures", orientation: .vertical,
    length: min(220, max(80, Double(rows.count) * cell)))
  let accuracy = finding.top1.map { percentText($0) } ?? "–"
  return CaptionedFigure(
    title: "Which classes are confused",
    subtitle: [
      abbreviated(model), abbreviated(source),
      "\(accuracy) of \(counted(finding.labelled, "picture")) right",
    ].filter { !$0.isEmpty }.joined(separator: " · "),
    caption: paragraph(
      "Each row is a true class and each column the network's first choice; the diagonal is right.",
      "Colours show the share of the row's pictures, numbers, where there is room, how many there "
        + "are; empty cells have none.",
      layout.sentence(matrix.classCount), confusions(matrix, classNames),
      finding.leftOut.isEmpty
        ? ""
        : "\(counted(finding.leftOut.count, "picture")) with scores that are not finite "
          + "\(finding.leftOut.count == 1 ? "is" : "are") left out."),
    scale: "0 … 1, the share of the row's pictures", units: rows, method: nil,
    body: Row(spacing: 28, [grid, bar]))
}

/// Large cells for few classes, with room for counts.
private func cellSide(_ count: Int) -> Double {
  switch count {
  case ...12: 38
  case ...20: 28
  case ...32: 20
  default: 14
  }
}

/// The three most frequent confusions in words.
private func confusions(_ matrix: ConfusionMatrix, _ classNames: ClassNames) -> String {
  let most = matrix.confusions.prefix(3).filter { $0.count > 1 }.map {
    "“\(shortened(classNames, $0.label, to: 150))” taken for "
      + "“\(shortened(classNames, $0.choice, to: 150))” (\(countText($0.count)))"
  }
  return most.isEmpty ? "" : "Most frequent: \(listed(most))."
}

/// Which classes a matrix has room for.
private struct ConfusionLayout {
  let rows: [Int]
  let columns: [Int]
  /// Whether a last column counts the choices of all classes that are not shown.
  let hasOthers: Bool
  private let isPart: Bool
  /// Whether no classes but those confused most often are shown.
  private var hasOnlyConfused = true

  init(_ matrix: ConfusionMatrix) {
    if matrix.classCount <= mostClasses {
      (rows, columns) = (Array(0..<matrix.classCount), Array(0..<matrix.classCount))
      (hasOthers, isPart) = (false, false)
      return
    }
    let labels = matrix.labels
    let involved = Set(labels).union(matrix.choices)
    isPart = involved.count > mostClasses
    var shown = involved
    if isPart {
      shown = matrix.mostConfused(shownClasses)
      let confused = shown.count
      // Without enough confusions, classes that are always right fill the rest.
      for label in labels where shown.count < shownClasses { shown.insert(label) }
      hasOnlyConfused = shown.count == confused
    }
    rows = labels.filter(shown.contains)
    // The diagonal first, then classes that are chosen but have no pictures.
    columns = rows + shown.subtracting(rows).sorted()
    hasOthers = isPart
  }

  func sentence(_ classCount: Int) -> String {
    if isPart {
      let others = hasOnlyConfused ? "" : ", and others to fill the sheet"
      return "Of \(countText(classCount)) classes, \(rows.count) are shown: those confused most "
        + "often\(others). Columns without a row are classes without pictures, and the last one "
        + "counts all other choices."
    }
    return rows.count < classCount
      ? "Of \(countText(classCount)) classes, those with pictures have a row, and those that are "
        + "chosen a column." : ""
  }
}
