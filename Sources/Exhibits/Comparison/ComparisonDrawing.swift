internal import Analysis
internal import Datasets
internal import Files
internal import Galleries
internal import Images
internal import Networks
internal import TensorCore

/// Draws the figures of a comparison, part by part.
struct ComparisonDrawing {
  let comparison: CheckpointComparison
  let findings: ComparedFindings
  let sink: any FigureSink

  init(_ comparison: CheckpointComparison, _ findings: ComparedFindings, into sink: any FigureSink)
  {
    (self.comparison, self.findings, self.sink) = (comparison, findings, sink)
  }

  var sides: [CheckpointComparison.Side] { comparison.sides }
  var names: [String] { comparison.names }
  var layers: ComparedLayers { comparison.layers }
  /// What captions of units say.
  var unitRemark: String? { findings.unitRemark(in: comparison) }
  /// Those of the reference; nil if there are none.
  var pictures: Pictures? { sides[0].pictures }

  func draw(_ part: ComparedPart) throws {
    let studio = comparison.studio(part, into: sink)
    switch part {
    case .weights: try drawWeights(in: studio)
    case .similarity: try drawSimilarity(in: studio)
    case .predictions: try drawPredictions(in: studio)
    case .filters: try drawFilters(in: studio)
    case .features: try drawFeatures(in: studio)
    case .patches: try drawPatches(in: studio)
    case .embedding: try drawEmbedding(in: studio)
    case .saliency: try drawSaliency(in: studio)
    }
  }

  private func drawWeights(in studio: Studio) throws {
    let moved = findings.distances.indices.map { findings.moved($0, in: comparison) }
    guard moved.first?.isEmpty == false, !studio.resumes("layers") else { return }
    let figure = weightComparisonFigure(
      of: moved, names: names, pictures: findings.comparedPictures)
    try studio.add(figure, name: "layers", source: pictures?.name) {
      func tensor(_ value: (WeightDistance) -> Double?) -> Tensor {
        Tensor(
          shape: [findings.distances.count, findings.distances[0].count],
          findings.distances.flatMap { $0.map { value($0).map { Float($0) } ?? .nan } })
      }
      return FigureArrays([
        "relative_distances": tensor(\.relative), "cosines": tensor(\.cosine),
      ])
    }
  }

  private func drawSimilarity(in studio: Studio) throws {
    for (name, found) in zip(names.dropFirst(), findings.alignments) {
      guard let found else {
        if pictures != nil {
          studio.reporter.warn(
            "no similarity of \(name): it needs three pictures with finite features")
        }
        continue
      }
      guard !studio.resumes(name) else { continue }
      try studio.add(
        alignmentFigure(
          of: found, names: (names[0], name), layerCount: layers.representations.count),
        name: name, source: pictures?.name,
        details: ["pictures": "\(found.pictures)"]
      ) {
        FigureArrays([
          "cka": Tensor(
            shape: [found.rows.count, found.columns.count], found.values.map { Float($0) })
        ])
      }
    }
    guard let sample = findings.alignments.compactMap(\.self).first,
      !findings.allAlignments.isEmpty, !studio.resumes("checkpoints")
    else { return }
    let matrices = findings.allAlignments
    try studio.add(
      alignmentsFigure(of: matrices, names: names, sample: sample), name: "checkpoints",
      source: pictures?.name, details: ["pictures": "\(sample.pictures)"]
    ) {
      FigureArrays([
        "cka": Tensor(
          shape: [matrices.count, names.count, names.count],
          matrices.flatMap { $0.matrix.map { Float($0) } })
      ])
    }
  }

  private func drawPredictions(in studio: Studio) throws {
    guard let pictures else { return }
    let accuracies = findings.classifications.map { $0?.top1 }
    for (index, found) in findings.changes.enumerated() {
      let name = names[index + 1]
      guard let found, !studio.resumes(name) else { continue }
      let figure = try changedPredictionFigure(
        of: found, names: (names[0], name), accuracies: (accuracies[0], accuracies[index + 1]),
        classNames: studio.model.classNames, source: pictures.name
      ) { try pictures.displayed($0) }
      .remarking(try pictures.displayRemark(of: found.changed.map(\.picture)))
      let sources = try found.changed.map { try pictures.sourceName(of: $0.picture) }
      try studio.add(
        figure, name: name, source: pictures.name, details: ["changed": "\(found.changed.count)"]
      ) {
        FigureArrays(
          [
            "pictures": Tensor(found.changed.map(\.picture)),
            "labels": Tensor(found.changed.map(\.label)),
            "before": Tensor(found.changed.map { Optional($0.before.index) }),
            "after": Tensor(found.changed.map { Optional($0.after.index) }),
          ],
          names: [
            "files": .init(sources), "class_names": studio.model.classNames.arrayNames,
          ])
      }
    }
  }

  private func drawFilters(in studio: Studio) throws {
    for layer in layers.filters where !studio.resumes(layer) {
      let found = try sides.map { try FilterAnalysis().run(on: $0.network, layer: layer) }
      let distances = findings.distances.compactMap { all in all.first { $0.layer == layer } }
      guard distances.count == sides.count - 1 else { continue }
      let units =
        try layers.selection.map { try studio.units($0, of: layer) { found[0].norms } } ?? []
      try studio.add(
        filterComparisonFigure(
          of: found, distances: distances, names: names, layer: comparison.layer(layer),
          units: units, isBlueFirst: studio.model.preprocessing.channelOrder == .bgr
        ).remarking(unitRemark), name: layer
      ) {
        FigureArrays(
          Dictionary(
            uniqueKeysWithValues: found.enumerated().map { ("\($0)/filters", $1.filters) }))
      }
    }
  }

  private func drawEmbedding(in studio: Studio) throws {
    let found = findings.embeddings.compactMap(\.self)
    guard let pictures else { return }
    guard let first = found.first, found.count == findings.embeddings.count else {
      return studio.reporter.warn(
        "no embedding of \(pictures.name): it needs three pictures, whose features are finite and "
          + "not all the same")
    }
    // They would be missing in some plots.
    guard found.allSatisfy({ $0.pictures == first.pictures }) else {
      return studio.reporter.warn(
        "no embedding of \(pictures.name): the features of some pictures are finite in some of the "
          + "checkpoints only")
    }
    guard !studio.resumes(first.layer) else { return }
    let labels = try first.pictures.map { try pictures.dataset.label(at: $0) }
    try studio.add(
      embeddingComparisonFigure(
        of: found, names: names, layer: comparison.layer(first.layer), labels: labels,
        classNames: pictures.dataset.classNames, pooling: .mean),
      name: first.layer, source: pictures.name,
      details: found.count == 1 ? ["residual": "\(first.residual)"] : [:]
    ) {
      func tensor(_ points: [SIMD2<Double>]) -> Tensor {
        Tensor(shape: [points.count, 2], points.flatMap { [Float($0.x), Float($0.y)] })
      }
      var arrays = [
        "pictures": Tensor(first.pictures), "labels": Tensor(labels),
        "0/coordinates": tensor(first.fixed),
      ]
      for (index, embedding) in found.enumerated() {
        arrays["\(index + 1)/coordinates"] = tensor(embedding.aligned)
      }
      return FigureArrays(arrays)
    }
  }
}
