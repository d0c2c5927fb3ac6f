internal import Drawing
package import Files
package import Foundation
package import Galleries
internal import Images

/// The table of an experiment, once for text, CSV and PNG.
package struct ExperimentTable: Sendable {
  package struct Column: Sendable {
    /// Of the text and the picture.
    let head: String
    /// Of the CSV.
    let key: String
    let text: @Sendable (RunMeasures) -> String
    /// With all digits.
    let value: @Sendable (RunMeasures) -> String

    init(
      _ head: String, _ key: String, text: @escaping @Sendable (RunMeasures) -> String,
      value: @escaping @Sendable (RunMeasures) -> String
    ) {
      (self.head, self.key, self.text, self.value) = (head, key, text, value)
    }

    /// A share in `0...1`.
    static func percent(
      _ head: String, _ key: String, _ value: @escaping @Sendable (RunMeasures) -> Double
    ) -> Column {
      hundredths(of: "%", head, key, value)
    }

    /// A difference of shares, in percentage points.
    static func points(
      _ head: String, _ key: String, _ value: @escaping @Sendable (RunMeasures) -> Double
    ) -> Column {
      hundredths(of: "points", head, key, value)
    }

    private static func hundredths(
      of unit: String, _ head: String, _ key: String,
      _ value: @escaping @Sendable (RunMeasures) -> Double
    ) -> Column {
      Column(
        head, key,
        text: { value($0).isFinite ? fixedText(100 * value($0), decimals: 2) + " \(unit)" : "–" },
        value: { FigureTable.text(value($0)) })
    }

    static func count(
      _ head: String, _ key: String, _ value: @escaping @Sendable (RunMeasures) -> Int
    ) -> Column {
      Column(head, key, text: { grouped(value($0)) }, value: { "\(value($0))" })
    }
  }

  package static let network = Column("Network", "network", text: \.label, value: \.label)

  package let heads: [String]
  package let rows: [[String]]
  /// With all digits.
  private let values: FigureTable

  /// A row for each run.
  init(_ columns: [Column], of measures: [RunMeasures]) {
    var values = FigureTable(columns: columns.map(\.key))
    for run in measures { values.append(columns.map { $0.value(run) }) }
    self.init(
      heads: columns.map(\.head), rows: measures.map { run in columns.map { $0.text(run) } },
      values: values)
  }

  /// - Parameters:
  ///   - rows: Of the text and the picture, one cell for each head.
  ///   - values: The CSV, which may be arranged in another way.
  init(heads: [String], rows: [[String]], values: FigureTable) {
    (self.heads, self.rows, self.values) = (heads, rows, values)
  }

  package var text: TextTable { TextTable(heads: heads, leading: 1, rows: rows) }
  package var csv: Data { values.csv }
}

/// What an experiment found, and the files that say it.
package struct ExperimentReport: Sendable {
  package let table: ExperimentTable
  /// By file name.
  package let figures: [(name: String, figure: CaptionedFigure)]
  /// A row for each run, if those of the table are for several.
  let runs: FigureTable?

  init(
    table: ExperimentTable, figures: [(name: String, figure: CaptionedFigure)],
    runs: FigureTable? = nil
  ) {
    (self.table, self.figures, self.runs) = (table, figures, runs)
  }

  /// Writes `table.txt`, `table.csv`, `runs.csv` if there is one, and the figures.
  ///
  /// - Returns: The paths written.
  package func write(to folder: String) throws -> [String] {
    var paths: [String] = []
    func write(_ data: Data, _ name: String) throws {
      try writeFile(data, to: "\(folder)/\(name)")
      paths.append("\(folder)/\(name)")
    }
    try write(Data((table.text.text + "\n").utf8), "table.txt")
    try write(table.csv, "table.csv")
    if let runs { try write(runs.csv, "runs.csv") }
    for (name, figure) in figures { try write(figure.pngFile(), "\(name).png") }
    return paths
  }
}

extension CaptionedFigure {
  /// A figure that belongs to no gallery, as a PNG file.
  ///
  /// - Throws: `DrawingError`.
  package func pngFile() throws -> Data {
    try sheet.render().encodedPNG(text: [
      ("Title", title), ("Description", caption),
      ("Software", "\(Release.name) \(Release.version)"),
    ])
  }
}
