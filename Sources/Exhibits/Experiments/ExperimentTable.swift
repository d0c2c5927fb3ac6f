internal import Drawing
package import Files
package import Foundation
package import Galleries
internal import Images
internal import Training

/// The table of an experiment, once for text, CSV and PNG.
package struct ExperimentTable: Sendable {
  package struct Column: Sendable {
    /// Of the text and the picture.
    let head: String
    /// Of the CSV.
    let key: String
    /// Of a network that was trained once or several times.
    let text: @Sendable (RepeatedRuns) -> String
    /// Of one run, with all digits.
    let value: @Sendable (RunMeasures) -> String
    /// What may differ between runs of one network; nil for what does not.
    private(set) var number: (@Sendable (RunMeasures) -> Double)?
    /// What guessing reaches, and as text what it reaches in this column; nil if that says nothing.
    private(set) var guess: (guess: Guess, text: String)?

    init(
      _ head: String, _ key: String, text: @escaping @Sendable (RepeatedRuns) -> String,
      value: @escaping @Sendable (RunMeasures) -> String
    ) {
      (self.head, self.key, self.text, self.value) = (head, key, text, value)
    }

    private init(
      _ head: String, _ key: String, unit: String,
      _ value: @escaping @Sendable (RunMeasures) -> Double
    ) {
      self.init(
        head, key,
        text: { runs in
          let measure = runs.measure(value)
          guard measure.mean.isFinite else { return "–" }
          let deviation =
            measure.deviation.isFinite
            ? " ± " + fixedText(100 * measure.deviation, decimals: 2) : ""
          return fixedText(100 * measure.mean, decimals: 2) + deviation + unit
        }, value: { CSVRows.text(value($0)) })
      number = value
    }

    /// A share in `0...1`.
    ///
    /// - Parameters:
    ///   - guess: What guessing reaches.
    ///   - guessed: Its share in this column.
    static func percent(
      _ head: String, _ key: String, guess: Guess, as guessed: (Guess) -> Double = { $0.accuracy },
      _ value: @escaping @Sendable (RunMeasures) -> Double
    ) -> Column {
      var column = Column(head, key, unit: " %", value)
      column.guess = (guess, fixedText(100 * guessed(guess), decimals: 2) + " %")
      return column
    }

    /// A difference of shares, in percentage points.
    static func points(
      _ head: String, _ key: String, _ value: @escaping @Sendable (RunMeasures) -> Double
    ) -> Column {
      Column(head, key, unit: " points", value)
    }

    /// The same for all runs of a network.
    static func count(
      _ head: String, _ key: String, _ value: @escaping @Sendable (RunMeasures) -> Int
    ) -> Column {
      Column(head, key, text: { grouped(value($0.first)) }, value: { "\(value($0))" })
    }
  }

  package static let network = Column("Network", "network", text: \.label, value: \.label)

  package let heads: [String]
  package let rows: [[String]]
  /// With all digits.
  private let values: CSVRows

  /// A row for each network, and in text and picture one for guessing.
  ///
  /// The CSV has the means, and if there are several runs of a network, a column for each deviation
  /// and one for the number of runs.
  init(_ columns: [Column], of groups: [RepeatedRuns]) {
    let isRepeated = groups.contains { $0.measures.count > 1 }
    var values = CSVRows(
      columns: columns.flatMap { column in
        isRepeated && column.number != nil ? [column.key, column.key + "_deviation"] : [column.key]
      } + (isRepeated ? ["runs"] : []))
    for group in groups {
      values.append(
        columns.flatMap { column in
          guard isRepeated, let number = column.number else { return [column.value(group.first)] }
          let measure = group.measure(number)
          return [CSVRows.text(measure.mean), CSVRows.text(measure.deviation)]
        } + (isRepeated ? ["\(group.measures.count)"] : []))
    }
    var rows = groups.map { group in columns.map { $0.text(group) } }
    // Among classes that are equally frequent, always answering one of them is as good as chance.
    let guesses = columns.compactMap(\.guess?.guess)
    if let guess = guesses.first(where: { !$0.isChance }) ?? guesses.first {
      rows.append([guess.name] + columns.dropFirst().map { $0.guess?.text ?? "–" })
    }
    self.init(heads: columns.map(\.head), rows: rows, values: values)
  }

  /// A row for each run; nil if there is one of each network.
  static func runs(_ columns: [Column], of groups: [RepeatedRuns]) -> CSVRows? {
    guard groups.contains(where: { $0.measures.count > 1 }) else { return nil }
    var table = CSVRows(columns: columns.map(\.key) + ["seed"])
    for run in groups.flatMap(\.measures) {
      table.append(columns.map { $0.value(run) } + ["\(run.recipe.seed)"])
    }
    return table
  }

  /// - Parameters:
  ///   - rows: Of the text and the picture, one cell for each head.
  ///   - values: The CSV, which may be arranged in another way.
  init(heads: [String], rows: [[String]], values: CSVRows) {
    (self.heads, self.rows, self.values) = (heads, rows, values)
  }

  package var text: TextTable { TextTable(heads: heads, leading: 1, rows: rows) }
  package var csv: Data { values.data }
}

/// What an experiment found, and the files that say it.
package struct ExperimentReport: Sendable {
  package let table: ExperimentTable
  /// By file name.
  package let figures: [(name: String, figure: CaptionedFigure)]
  /// A row for each run, if those of the table are for several.
  let runs: CSVRows?

  init(
    table: ExperimentTable, figures: [(name: String, figure: CaptionedFigure)],
    runs: CSVRows? = nil
  ) {
    (self.table, self.figures, self.runs) = (table, figures, runs)
  }

  /// Writes `table.txt`, `table.data`, `runs.csv` if there is one, and the figures.
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
    if let runs { try write(runs.data, "runs.csv") }
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
