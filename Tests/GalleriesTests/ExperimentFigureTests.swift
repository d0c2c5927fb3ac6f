import Drawing
import Galleries
import TestSupport
import Testing

@Suite struct `Figures of experiments` {
  private let names = [
    "alexnet-mini, complete", "without fc7", "without fc6, fc7",
    "without features.6, features.8, classifier.1, classifier.4",
  ]

  @Test func `the table has every cell`() throws {
    let rows = names.map { [$0, "12,345,678", "–", "61.25 %"] }
    let figure = experimentTableFigure(
      title: "Table", subtitle: "data", heads: ["Network", "Parameters", "Saved", "Test error"],
      rows: rows, isRelative: true, caption: "A caption.")
    try expectSound(figure)
    let labels = figure.sheet.labels
    for name in names.prefix(3) { #expect(labels.contains(name)) }
    #expect(labels.count { $0 == "12,345,678" } == 4)
  }

  @Test func `bars and curves name every network`() throws {
    let bars = errorBarsFigure(
      title: "Errors", subtitle: "data",
      networks: names.enumerated().map { ($1, 0.1 * Double($0), 0.2 + 0.1 * Double($0)) },
      caption: "A caption.")
    try expectSound(bars)
    #expect(bars.scale == "linear from zero, to 50 % in both panels")
    // Nothing went wrong, and nothing is known.
    try expectSound(
      errorBarsFigure(
        title: "Errors", subtitle: "", networks: [("a", 0, 0), ("b", .nan, 0)],
        caption: "A caption."))
    let points = (0...3).map { epoch in
      CurvePoint(
        epoch: epoch, trainingAccuracy: epoch == 0 ? nil : 0.2 * Double(epoch),
        validationAccuracy: 0.1 + 0.2 * Double(epoch))
    }
    let curves = experimentCurvesFigure(
      title: "Curves", subtitle: "data", networks: names.map { ($0, points) },
      caption: "A caption.")
    try expectSound(curves)
    for name in names.prefix(3) { #expect(curves.sheet.labels.contains(name)) }
    try expectSound(
      experimentCurvesFigure(
        title: "Curves", subtitle: "", networks: [("a", [])], caption: "A caption."))
  }

  @Test func `accuracy by shift has a curve for each network and the chance`() throws {
    let figure = shiftFigure(
      title: "Shifts", subtitle: "data", shifts: [0, 1, 2, 4],
      networks: names.prefix(3).map { ($0, [0.9, 0.8, 0.5, .nan]) }, chance: 0.1,
      caption: "A caption.")
    try expectSound(figure)
    let labels = figure.sheet.labels
    for name in names.prefix(3) + ["chance", "shift in pixels"] { #expect(labels.contains(name)) }
  }
}
