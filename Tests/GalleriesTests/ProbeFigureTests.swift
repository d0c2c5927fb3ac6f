import Analysis
import Drawing
import Galleries
import TestSupport
import Testing

@Suite struct `Figures of probes` {
  private func fold(
    _ accuracy: Double, converged: Bool = true, atEnd: Bool = false
  ) -> ProbeFold {
    ProbeFold(
      accuracy: accuracy, share: accuracy, cost: 0.1, isAtEnd: atEnd, searched: 40,
      hasConverged: converged, usesLibrary: true)
  }

  /// Rows and columns as in Zeiler and Fergus 2014, table 7.
  private func finding(layers: [String] = ["conv1", "conv2", "fc6"]) -> ProbeFinding {
    let split = ProbeSplit(training: Array(0..<30), test: Array(30..<60))
    func row(_ classifier: ProbeClassifier, _ number: Int) -> ProbeFinding.Row {
      .init(
        classifier: classifier, layer: layers[number - 1], number: number, featureCount: 64,
        folds: [
          [fold(0.4), fold(0.42, converged: false), fold(0.44, atEnd: true)],
          [fold(0.862), fold(0.862), fold(0.862)],
        ])
    }
    return ProbeFinding(
      columns: [
        .init(perClass: 15, folds: [split, split, split]),
        .init(perClass: 30, folds: [split, split, split]),
      ], rows: layers.indices.map { row(.svm, $0 + 1) } + [row(.softmax, layers.count)],
      classCount: 101, hasTestPart: false, pooling: .grid, scaling: .standardize)
  }

  @Test func `have a row for each classifier and a column for each number of pictures`() throws {
    let figure = probeFigure(of: finding(), model: "alexnet.onnx", source: "caltech")
    try expectSound(figure)
    let labels = figure.sheet.labels
    for text in [
      "SVM (1): conv1", "SVM (3): fc6", "Softmax (3): fc6", "15 per class", "30 per class",
    ] { #expect(labels.contains(text), "\(text)") }
    let table = try #require(figure.body as? WordTable)
    #expect(table.cells[0].map(\.lines) == [["42.0 ± 2.0"], ["86.2 ± 0.0"]])
    #expect(figure.subtitle.contains("101 classes"))
    for text in [
      "over 3 folds", "15 per class: 30 training and 30 test pictures", "(liblinear)",
      "In 4 of 24 fits the least or the greatest C was best. 4 of 24 fits did not converge.",
      "table 7", "mean 0 and deviation 1", "drawn at random",
    ] { #expect(figure.caption.contains(text), "\(text)") }
  }

  @Test func `are the same as text`() {
    let lines = probeLines(of: finding(), source: "caltech")
    #expect(lines.count == 5)
    #expect(lines[0] == "caltech (101 classes)  15 per class  30 per class")
    #expect(lines[1] == "SVM (1) conv1            42.0 ± 2.0    86.2 ± 0.0")
    #expect(lines[4].hasPrefix("Softmax (3) fc6 "))
  }

  @Test func `stand long and many names of layers`() throws {
    let layers = (0..<60).map { "features.block\($0)." + String(repeating: "deep.", count: $0) }
    try expectSound(
      probeFigure(
        of: finding(layers: layers), model: String(repeating: "m", count: 300),
        source: String(repeating: "s", count: 300)))
  }
}
