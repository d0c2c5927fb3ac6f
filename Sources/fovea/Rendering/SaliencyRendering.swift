import Analysis
import Datasets
import Files
import Galleries
import Networks
import TensorCore

extension Studio {
  /// - Parameters:
  ///   - classes: By name or index, for every picture; empty for the network's first choices.
  ///   - choices: How many of its choices to explain.
  /// - Returns: Whether there is a map of any picture; pictures whose scores are not finite have
  ///   none.
  @discardableResult
  func addSaliency(
    of pictures: Pictures, _ indices: [Int], method: any AttributionMethod, classes: [Int],
    choices: Int
  ) throws -> Bool {
    guard network.hasClassScores else { throw UsageError(missingScores) }
    try check(method)
    let targets: [ScoreSelection] =
      classes.isEmpty
      ? (0..<min(choices, network.classCount)).map { .choice($0) } : classes.map { .classIndex($0) }
    if ["guided-backpropagation", "deconvnet", "guided-grad-cam"].contains(method.name),
      !network.hasRectifiers
    {
      console.warn(
        "the network has no ReLU, and what \(method.name) carries back is the plain gradient")
    }
    let analysis = SaliencyAnalysis(method: method)
    let validRange = PixelRange(of: pictures.preprocessing)
    let known = model.classes(of: pictures.dataset)
    var sheet: [SaliencyExample] = []
    var zeros: (count: Int, first: String?) = (0, nil)
    var done = 0
    var leftOut = Set<Int>()
    defer { releaseIdleMemory() }
    let most = min(8, Self.batchSize(for: network))
    let failures = try pictures.dataset.forEachBatch(
      of: try batchSize(
        upTo: most, on: pictures, keeping: method.largestKeep(in: network),
        beside: method.workBytes(pictures: most, in: network)),
      indices: indices,
      preprocessing: pictures.preprocessing
    ) { batch in
      let explained = analysis.batch(
        of: batch.images, in: network, indices: batch.indices, validRange: validRange)
      for (rank, target) in targets.enumerated() {
        writer.settle()
        let findings = analysis.run(on: explained, scores: batch.indices.map { _ in target })
        for (row, finding) in findings.enumerated() {
          if !finding.prediction.isFinite || !finding.map.isFinite {
            reportNonFinite(
              network.graph.scoreName, for: batch.images.rows(row..<(row + 1)),
              named: try pictures.dataset.example(at: batch.indices[row]).source)
          }
          guard finding.prediction.isFinite else {
            leftOut.insert(batch.indices[row])
            continue
          }
          let example = try pictures.dataset.example(at: batch.indices[row])
          let shown = SaliencyExample(
            finding, picture: try pictures.preprocessing.displayed(example),
            source: example.source, trueClass: example.label.flatMap { known[$0] })
          if finding.isZero { zeros = (zeros.count + 1, zeros.first ?? example.source) }
          if rank == 0, sheet.count < 8 { sheet.append(shown) }
          try addSaliency(shown, method, rank: targets.count > 1 ? rank : nil)
        }
      }
      done += batch.indices.count
      console.progress("saliency", done, of: indices.count)
    }
    report(failures)
    if let first = zeros.first {
      let isOfLayer = method.settings.contains { $0.name == "layer" }
      console.warn(
        "saliency is zero everywhere in \(zeros.count) of \(done * targets.count) maps, first that "
          + "of \(first): "
          + (isOfLayer
            ? "nowhere do the layer's weighted maps add up to a positive number"
            : "no pixel changes the score, \(usualCausesOfZeroGradients)"))
    }
    if !leftOut.isEmpty {
      console.warn(
        "no saliency of \(leftOut.count) of \(done) pictures: their class scores are not finite")
    }
    let name = "sheet-\(method.figureName)"
    guard sheet.count > 1, !writer.resumes(.saliency, name) else { return leftOut.count < done }
    try add(
      SaliencyFigure().sheet(of: sheet, classNames: model.classNames, model: model.name)
        .remarking(model.preprocessing.displayRemark),
      name: name, facts(source: pictures.name, options: method.record)
    ) { arrays(of: sheet) }
    return true
  }

  /// Refuses what the network does not have, before anything is computed.
  func check(_ method: any AttributionMethod) throws {
    do {
      try method.check(network)
    } catch {
      throw UsageError("--method \(method.name): \(error)")
    }
  }

  /// Why a command that draws class scores ends without a figure.
  var scoresNotFinite: FileError {
    FileError(.malformed, model.path, "its class scores, or their gradients, are not finite")
  }

  /// What reached the pixels, `[N, C, H, W]`, and the class of each.
  private func arrays(of examples: [SaliencyExample]) -> FigureArrays {
    let attributions = examples.map { $0.finding.attribution.arranged(as: .rowMajor) }
    return FigureArrays(
      [
        "attribution": Tensor(concatenatingRows: attributions),
        "classes": Tensor(examples.map(\.finding.classIndex)),
      ], ofPictures: examples.map(\.source))
  }

  private func addSaliency(
    _ example: SaliencyExample, _ method: any AttributionMethod, rank: Int?
  ) throws {
    let target = rank == nil ? "" : "-\(example.finding.classIndex)"
    let name = "\(method.figureName)-\(baseName(example.source))\(target)"
    guard !writer.resumes(.saliency, name) else { return }
    let (classNames, model, remark) = (
      model.classNames, model.name, model.preprocessing.displayRemark
    )
    try writer.add(
      .saliency, name: name,
      facts: facts(
        source: example.source,
        options: method.record.merging(["class": classNames[example.finding.classIndex]]) { $1 }),
      arrays: file(of: { arrays(of: [example]) }, for: .saliency)
    ) {
      SaliencyFigure().figure(of: example, classNames: classNames, model: model).remarking(remark)
    }
  }
}

extension AttributionMethod {
  /// What a figure's record says of the method: its name, and its parameters by theirs.
  fileprivate var record: [String: String] {
    Dictionary(settings.map { ($0.name, $0.value) }) { first, _ in first }
      .merging(["method": name]) { $1 }
  }

  /// The method with the parameters that are not the usual ones, so that figures by others stay
  /// beside each other.
  fileprivate var figureName: String {
    let usual = attributionMethods.first { $0.name == name }?.settings ?? []
    let own = settings.filter { !usual.contains($0) }
    return ([name] + own.map { "\($0.name)-\($0.value)" }).joined(separator: "-")
  }
}
