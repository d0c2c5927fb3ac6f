import Analysis
import Datasets
import Galleries
import Networks
import TensorCore

extension Studio {
  /// More classes than this are not drawn unless they are asked for.
  static let mostClasses = 12
  /// Of a network with more, only this many: those that the pictures excite most.
  static let mostClassesOfMany = 6

  /// - Returns: Whether there is one; classes whose score or its gradient is not finite have none.
  @discardableResult
  func addClassModels(
    _ classes: [Int], _ analysis: ClassModelAnalysis, options: [String: String]
  ) throws -> Bool {
    guard network.hasClassScores else { throw UsageError(missingScores) }
    let name = classes.count == 1 ? model.classNames[classes[0]] : "all"
    guard !classes.isEmpty, !writer.resumes(.classModels, name) else { return true }
    var (analysis, options) = (analysis, options)
    analysis.shift = analysis.shift(on: network)
    analysis.contrast = max(1, model.preprocessing.usualContrast)
    options["shift"] = analysis.shift.map(String.init)
    if analysis.contrast != 1 { options["contrast"] = "\(analysis.contrast)" }
    writer.settle()
    defer { releaseIdleMemory() }
    let time = TimeLeft()
    let batch = try batchSize(
      upTo: Self.batchSize(for: network), on: nil, keeping: .forGradient())
    let total = analysis.steps * ((classes.count + batch - 1) / batch)
    var done = 0
    var models: [ClassModel] = []
    for start in stride(from: 0, to: classes.count, by: batch) {
      let part = Array(classes[start..<min(start + batch, classes.count)])
      models += analysis.run(on: network, classes: part) { _ in
        done += 1
        console.progress("class models", done, of: total, detail: time.text(done, of: total))
      }.map { ClassModel($0, image: model.preprocessing.picture(of: $0.image)) }
    }
    let leftOut = models.filter { $0.finding.stoppedAt != nil }.map(\.finding)
    reportStopped(leftOut, of: models.count)
    models.removeAll { $0.finding.stoppedAt != nil }
    guard !models.isEmpty else { return false }
    let analysed = models
    let unguided = models.filter(\.finding.isUnguided).map(\.finding.classIndex)
    if let first = unguided.first {
      console.warn(
        "\(unguided.count) of \(models.count) class models are random, first that of "
          + "'\(model.classNames[first])': no pixel changes the score, \(usualCausesOfZeroGradients)"
      )
    }
    try add(
      figure(models, analysis, leftOut: leftOut.map(\.classIndex)),
      name: name, facts(options: options, seed: analysis.seed)
    ) {
      let findings = analysed.map(\.finding)
      return FigureArrays([
        "images": Tensor(concatenatingRows: findings.map { $0.image.arranged(as: .rowMajor) }),
        "classes": Tensor(findings.map(\.classIndex)),
        "scores": Tensor(
          shape: [findings.count, findings[0].scores.count], findings.flatMap(\.scores)),
      ])
    }
    return true
  }

  /// Says which class models there are none of, and where the first one stopped.
  private func reportStopped(_ findings: [ClassModelFinding], of count: Int) {
    guard let first = findings.first, let step = first.stoppedAt else { return }
    let start = model.classNames[first.classIndex]
    reportNonFinite(
      network.graph.scoreName, for: first.image, named: "class model of '\(start)'")
    console.warn(
      "no class model of \(findings.count) of \(count) classes: from step \(step) on, the score of "
        + "'\(start)' or its gradient is not finite")
  }

  private func figure(
    _ models: [ClassModel], _ analysis: ClassModelAnalysis, leftOut: [Int]
  ) -> CaptionedFigure {
    let (names, channels) = (model.classNames, model.preprocessing.input[0])
    guard !model.preprocessing.takesPictures else {
      return ClassModelFigure().figure(
        of: models, classNames: names, analysis: analysis, model: model.name, leftOut: leftOut)
    }
    return ClassModelFigure().figure(
      of: models, classNames: names, analysis: analysis, model: model.name, leftOut: leftOut,
      scale: "shown as the mean of its \(channels) channels, from its lowest value to its highest")
  }
}
