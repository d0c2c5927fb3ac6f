import Drawing
import Galleries
import TestSupport
import Testing

@Suite struct `Figures of experiments` {
  /// All of them, numbers too.
  private func texts(of drawable: any Drawable) -> [String] {
    if let text = drawable as? Text { return [text.lines.joined(separator: " ")] }
    return (drawable as? any Composite)?.parts.flatMap { texts(of: $0.content) } ?? []
  }

  private func once(_ value: Double) -> RepeatedMeasure { RepeatedMeasure([value]) }

  private let tenth = Guess(labels: 0..<10, classes: 10)
  private let mostlyFirst = Guess(labels: [0, 0, 0, 1], classes: 2)

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
      networks: names.enumerated().map {
        ($1, once(0.1 * Double($0)), once(0.2 + 0.1 * Double($0)))
      },
      caption: "A caption.")
    try expectSound(bars)
    #expect(bars.scale == "linear from zero, to 50 % in both panels")
    let alike = errorBarsFigure(
      title: "Errors", subtitle: "data",
      networks: [("a", once(0), once(0.46)), ("b", once(0.1), once(0.502))], caption: "A caption.")
    for text in ["46.0 %", "50.2 %", "0.0 %", "10.0 %"] {
      #expect(alike.sheet.labels.contains(text))
    }
    // Nothing went wrong, and nothing is known.
    try expectSound(
      errorBarsFigure(
        title: "Errors", subtitle: "",
        networks: [("a", once(0), once(0)), ("b", once(.nan), once(0))],
        guesses: (Guess(labels: [0], classes: 1), Guess(labels: [0], classes: 1)),
        caption: "A caption."))
    // Means with deviations, and what guessing would give.
    let repeated = errorBarsFigure(
      title: "Errors", subtitle: "data",
      networks: names.map { ($0, RepeatedMeasure([0.1, 0.2]), RepeatedMeasure([0.85, 0.95])) },
      guesses: (mostlyFirst, tenth), caption: "A caption.")
    try expectSound(repeated)
    for (text, count) in [
      ("15.0 ± 7.1 %", 4), ("90.0 ± 7.1 %", 4), ("chance, 90 %", 1),
      ("always the most frequent class, 25 %", 1),
    ] {
      #expect(repeated.sheet.labels.count { $0 == text } == count, "\(repeated.sheet.labels)")
    }
    // The bars' lines end at 0.9 + 0.07.
    #expect(repeated.scale == "linear from zero, to 97.1 % in both panels")
    let points = (0...3).map { epoch in
      CurvePoint(
        epoch: epoch, trainingAccuracy: epoch == 0 ? nil : 0.2 * Double(epoch),
        validationAccuracy: 0.1 + 0.2 * Double(epoch))
    }
    let curves = experimentCurvesFigure(
      title: "Curves", subtitle: "data", networks: names.map { ($0, points) },
      guesses: (mostlyFirst, tenth), isRelative: true, caption: "A caption.")
    try expectSound(curves)
    for name in names.prefix(3) + ["chance, 10 %"] {
      #expect(curves.sheet.labels.contains(name))
    }
    #expect(texts(of: curves.body).contains("75 %"))
    try expectSound(
      experimentCurvesFigure(
        title: "Curves", subtitle: "", networks: [("a", [])], guesses: (tenth, tenth),
        caption: "A caption."))
  }

  @Test func `curves of one epoch have no other on the axis, and panels the same scale`() throws {
    let figure = experimentCurvesFigure(
      title: "Curves", subtitle: "",
      networks: [
        ("a", [CurvePoint(epoch: 1, trainingAccuracy: 0.2, validationAccuracy: 0.9)])
      ], guesses: (tenth, tenth), caption: "A caption.")
    try expectSound(figure)
    let labels = texts(of: figure.body)
    #expect(labels.count { $0 == "1" } == 2 && !labels.contains("2"))
    for tick in ["20 %", "80 %"] { #expect(labels.count { $0 == tick } == 2, "\(labels)") }
    #expect(labels.count { $0 == "chance, 10 %" } == 1)
  }

  @Test func `guesses are chance only among classes that are equally frequent`() {
    #expect(tenth.isChance && abs(tenth.accuracy - 0.1) < 1e-12)
    #expect(!mostlyFirst.isChance && mostlyFirst.accuracy == 0.75)
    // A class without pictures is less frequent than the others.
    let missing = Guess(labels: [0, 1, 0, 1], classes: 3)
    #expect(!missing.isChance && missing.accuracy == 0.5)
    let unknown = Guess(labels: [], classes: 4)
    #expect(unknown.isChance && unknown.accuracy == 0.25)
  }

  @Test func `accuracy by shift has a curve for each network and the chance`() throws {
    let figure = shiftFigure(
      title: "Shifts", subtitle: "data", shifts: [0, 1, 2, 4],
      networks: names.prefix(3).map { ($0, [0.9, 0.8, 0.5, .nan].map(once)) }, guess: tenth,
      caption: "A caption.")
    try expectSound(figure)
    let labels = figure.sheet.labels
    for name in names.prefix(3) + ["chance, 10 %", "shift in pixels"] {
      #expect(labels.contains(name))
    }
  }

  @Test func `repeated measurements have the sample's deviation`() {
    let three = RepeatedMeasure([0.5, 0.6, 0.7])
    #expect(abs(three.mean - 0.6) < 1e-12 && abs(three.deviation - 0.1) < 1e-12)
    #expect(three.percentText == "60.0 ± 10.0")
    #expect(RepeatedMeasure([0.5]).percentText == "50.0")
    #expect(RepeatedMeasure([]).percentText == "–")
    #expect(RepeatedMeasure([.nan, 0.5]).percentText == "–")
  }

  @Test(arguments: [[15, 30, 60], [2], [15, 16, 17, 18, 10_000]])
  func `accuracy by pictures has a curve for each way of training`(perClass: [Int]) throws {
    let ways = ["from scratch", "SVM on fixed features", "last stage (8×8)", "all layers"]
    let figure = transferFigure(
      title: "What transfers", subtitle: "data", perClass: perClass,
      methods: ways.enumerated().map { index, name in
        let base = 0.2 + 0.1 * Double(index)
        return (
          name,
          perClass.indices.map {
            RepeatedMeasure([base + 0.05 * Double($0), base, base + 0.02].map { min($0, 1) })
          }
        )
      }, guess: tenth, caption: "A caption.")
    try expectSound(figure)
    let labels = figure.sheet.labels
    for name in ways + ["chance, 10 %", "training pictures per class"] {
      #expect(labels.contains(name))
    }
    // One run has no deviation, and nothing may be known of another.
    try expectSound(
      transferFigure(
        title: "What transfers", subtitle: "", perClass: perClass,
        methods: [("a", perClass.map { _ in RepeatedMeasure([0.5]) }), ("b", [])],
        guess: mostlyFirst,
        caption: "A caption."))
  }
}
