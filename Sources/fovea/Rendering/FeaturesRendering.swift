import Analysis
import Datasets
import Files
import Galleries
import Images
import Networks
import TensorCore

extension Studio {
  /// - Parameter count: How many pictures; where one cannot be read, another takes its place.
  func addFeatures(
    of pictures: Pictures, _ count: Int, layers: [String], units: LayerOptions,
    scale: FeatureMapFigure.Scale, order: FeatureMapFigure.Order
  ) throws {
    guard count > 0 else { return }
    try check(units, layers)
    let selection = try units.selection()
    // A finding holds its maps in an order of their own.
    _ = try batchSize(
      upTo: 1, on: pictures, keeping: .only(network.nodes(toRank: layers)),
      beside: outputBytes(of: layers))
    var failures: [FileError] = []
    var shown = 0
    let chosen = try pictures.sample(count)
    let others = Set(pictures.indices).subtracting(chosen).sorted()
    for index in chosen + others where shown < count {
      let (input, picture, source): (Tensor, Image, String)
      do {
        let example = try pictures.dataset.example(at: index)
        input = try pictures.preprocessing.tensor(for: example)
        picture = try pictures.preprocessing.displayed(example)
        source = example.source
      } catch let error as FileError {
        failures.append(error)
        continue
      }
      shown += 1
      try addValues(of: input, picture, source, layers: layers.filter { !hasMaps($0) })
      try forEachFinding(
        of: source, layers: layers.filter(hasMaps), layer: \.layer,
        run: { try FeatureMapAnalysis().run(on: network, picture: input, layers: $0) }
      ) { finding, name in
        if !finding.maps.isFinite { reportNonFinite(finding.layer, for: input, named: source) }
        var figure = FeatureMapFigure()
        figure.scale = scale
        figure.order = order
        if let selection {
          let chosen = try self.units(selection, of: finding.layer) { finding.maxima }
          let isRanked = selection.strongestCount != nil && order == .byUnit
          figure.units = isRanked ? chosen.sorted() : chosen
        }
        try add(
          figure.figure(
            of: finding, layer: layer(finding.layer), picture: picture, source: source
          ).remarking(model.preprocessing.displayRemark),
          name: name,
          facts(source: source, options: ["scale": scale.rawValue, "order": order.rawValue])
        ) {
          FigureArrays(
            ["maps": finding.maps.reshaped(to: Shape([1] + finding.maps.shape.extents))],
            ofPictures: [source])
        }
      }
    }
    if shown == 0, let first = failures.first { throw first }
    report(failures)
  }

  /// Hands on the findings of those layers that an interrupted run has not drawn, and the name of
  /// each figure. All are computed at once, and only if there are any.
  private func forEachFinding<Finding>(
    of source: String, layers: [String], layer: KeyPath<Finding, String>,
    run: ([String]) throws -> [Finding], _ body: (Finding, _ name: String) throws -> Void
  ) throws {
    var findings: [String: Finding] = [:]
    for (position, name) in layers.enumerated() {
      let figure = "\(name)-\(baseName(source))"
      if writer.resumes(.features, figure) { continue }
      if findings.isEmpty {
        for finding in try run(Array(layers[position...])) {
          findings[finding[keyPath: layer]] = finding
        }
      }
      if let finding = findings[name] { try body(finding, figure) }
    }
  }

  private func hasMaps(_ layer: String) -> Bool { network.shapes[layer]?.rank == 4 }

  /// The numbers of layers without maps.
  private func addValues(
    of input: Tensor, _ picture: Image, _ source: String, layers: [String]
  ) throws {
    let scores = network.hasClassScores ? network.graph.scoreName : nil
    try forEachFinding(
      of: source, layers: layers, layer: \.layer,
      run: { try UnitValueAnalysis().run(on: network, picture: input, layers: $0) }
    ) { finding, name in
      if !finding.values.isFinite { reportNonFinite(finding.layer, for: input, named: source) }
      try add(
        UnitValueFigure().figure(
          of: finding, layer: layer(finding.layer), picture: picture, source: source
        ) { finding.layer == scores ? model.classNames.shortName($0) : nil },
        name: name, facts(source: source)
      ) { FigureArrays(["values": finding.values], ofPictures: [source]) }
    }
  }
}
