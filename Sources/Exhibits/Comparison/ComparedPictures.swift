internal import Analysis
internal import Datasets
internal import Files
internal import Galleries
internal import Images
internal import Networks
internal import TensorCore

/// Feature maps, patches and saliency, which show single pictures.
extension ComparisonDrawing {
  /// Of how many pictures feature maps are drawn.
  private static let mapPictures = 2
  /// How many units of a layer have patches.
  private static let patchUnits = 12

  func drawFeatures(in studio: Studio) throws {
    guard let pictures else { return }
    let shown = layers.activations.filter { sides[0].network.shapes[$0]?.rank == 4 }
    guard !shown.isEmpty else { return }
    for side in sides {
      _ = try side.studio.batchSize(
        upTo: 1, on: pictures, keeping: .only(side.network.nodes(toRank: shown)),
        beside: sides.count * studio.outputBytes(of: shown))
    }
    defer { for side in sides { side.studio.releaseIdle() } }
    let failures = try pictures.forEachReadable(
      min(Self.mapPictures, comparison.options.pictures)
    ) { index in
      (index: index, inputs: try sides.map { try $0.input(index) })
    } _: { index, inputs in
      let source = try pictures.sourceName(of: index)
      let wanted = shown.filter { !studio.resumes("\($0)-\(pictureName(source))") }
      guard !wanted.isEmpty else { return }
      let found = try zip(sides, inputs).map { side, input in
        try FeatureMapAnalysis().run(on: side.network, picture: input, layers: wanted)
      }
      let picture = try pictures.displayed(index)
      let remark = try pictures.displayRemark(of: [index])
      for (place, layer) in wanted.enumerated() {
        let maps = found.map { $0[place] }
        let units =
          try layers.selection.map { try studio.units($0, of: layer, ranked: maps[0].strongest) }
          ?? []
        try studio.add(
          featureComparisonFigure(
            of: maps, names: names, layer: comparison.layer(layer), picture: picture,
            source: source, units: units
          ).remarking(unitRemark).remarking(remark),
          name: "\(layer)-\(pictureName(source))", source: source
        ) {
          FigureArrays(
            Dictionary(uniqueKeysWithValues: maps.enumerated().map { ("\($0)/maps", $1.maps) }),
            ofPictures: [source])
        }
      }
    }
    studio.report(failures)
  }

  func drawPatches(in studio: Studio) throws {
    guard let pictures, comparison.parts.contains(.patches) else { return }
    let classNames = studio.network.hasClassScores ? studio.model.classNames : nil
    for (place, layer) in layers.activations.enumerated() where !studio.resumes(layer) {
      let found = findings.tops.map { $0[place] }
      let overlaps = findings.overlaps.map { $0[place] }
      let units = try patchUnits(found, of: layer, in: studio)
      let crops = try cut(found, units, from: pictures, in: studio)
      let blocks = units.map { unit -> ComparedPatches in
        let sets = found.map { Set($0.units[unit].map(\.picture)) }
        let others = sets.dropFirst().reduce(Set<Int>()) { $0.union($1) }
        return ComparedPatches(
          unit: unit,
          name: layer == studio.network.graph.scoreName ? classNames?.shortName(unit) : nil,
          blocks: found.enumerated().map { index, finding in
            let excitations = finding.units[unit]
            return .init(
              crops: excitations.compactMap { crops[Crop(index, unit, $0)] },
              values: excitations.map(\.value),
              isCommon: excitations.map { (index == 0 ? others : sets[0]).contains($0.picture) })
          }, overlaps: overlaps.map { $0.units[unit] })
      }
      let shown = found.flatMap { finding in units.flatMap { finding.units[$0].map(\.picture) } }
      try studio.add(
        patchComparisonFigure(
          of: blocks, overlaps: overlaps, names: names, layer: comparison.layer(layer),
          pictureCount: found[0].pictureCount
        ).remarking(unitRemark)
          .remarking(try pictures.displayRemark(of: Set(shown).sorted())),
        name: layer, source: pictures.name, details: ["pictures": "\(pictures.count)"]
      ) {
        FigureArrays(
          found.enumerated().reduce(into: [:]) { all, next in
            let fields = next.element.field
            let arrays = ActivatedUnits(units, of: next.element).arrays(
              prefix: "\(next.offset)/"
            ) { fields.pixels(at: $1.position, ofUnit: $0) }
            all.merge(arrays) { $1 }
          })
      }
    }
  }

  /// Those that are named; otherwise some of those that any picture excites in any of the networks,
  /// evenly from all.
  private func patchUnits(
    _ found: [TopActivationFinding], of layer: String, in studio: Studio
  ) throws -> [Int] {
    if let selection = layers.selection {
      return try studio.units(selection, of: layer) {
        found[0].units.map { $0.first?.value ?? -.infinity }
      }
    }
    let all = found[0].units.indices
    let live = all.filter { unit in found.contains { !$0.units[unit].isEmpty } }
    let pool = live.isEmpty ? Array(all) : live
    return pool.spread(most: Self.patchUnits)
  }

  /// One excitation of one unit in one network.
  private struct Crop: Hashable {
    let side: Int
    let unit: Int
    let excitation: Excitation

    init(_ side: Int, _ unit: Int, _ excitation: Excitation) {
      (self.side, self.unit, self.excitation) = (side, unit, excitation)
    }
  }

  /// Reads each picture once and cuts out all that is wanted of it.
  private func cut(
    _ found: [TopActivationFinding], _ units: [Int], from pictures: Pictures, in studio: Studio
  ) throws -> [Crop: Image] {
    var wanted: [Int: [Crop]] = [:]
    for (side, finding) in found.enumerated() {
      for unit in units {
        for excitation in finding.units[unit] {
          wanted[excitation.picture, default: []].append(Crop(side, unit, excitation))
        }
      }
    }
    let size = pictures.preprocessing.input
    func ranges(_ crop: Crop) -> [Range<Int>] {
      zip(
        found[crop.side].field.pixels(at: crop.excitation.position, ofUnit: crop.unit), size[1...]
      )
      .map { $0.count < $1 ? $0 : 0..<$1 }
    }
    let bytes = wanted.values.joined().reduce(0) { sum, crop in
      sum + ranges(crop).reduce(4) { $0 * $1.count }
    }
    try studio.memoryForPictures.check(
      bytes, studio.model.path,
      "cropping \(wanted.values.joined().count) patches out of pictures",
      advice: "fewer --units or --layers take less")
    var crops: [Crop: Image] = [:]
    for (picture, places) in wanted.sorted(by: { $0.key < $1.key }) {
      let image = try pictures.displayed(picture)
      for crop in places {
        let pixels = ranges(crop)
        crops[crop] = image.cropped(rows: pixels[0], columns: pixels[1])
      }
    }
    return crops
  }

  func drawSaliency(in studio: Studio) throws {
    let name = "sheet-\(comparison.method.figureName)"
    guard let pictures, comparison.comparesClasses, !studio.resumes(name) else { return }
    let label = pictures.labels(in: studio.model)
    var choices: [Int: Int] = [:]
    for picture in findings.classifications[0]?.each ?? [] {
      choices[picture.picture] = picture.choices[0].index
    }
    let shown = try pictures.sample(comparison.options.pictures).filter { choices[$0] != nil }
    guard !shown.isEmpty else {
      return studio.reporter.warn("no saliency of \(pictures.name): no class scores are finite")
    }
    let targets = shown.map { label($0) ?? choices[$0] ?? 0 }
    var found: [[Int: SaliencyFinding]] = []
    for side in sides {
      studio.settle()
      found.append(try side.saliency(of: shown, classes: targets, by: comparison.method))
    }
    var examples: [ComparedSaliency] = []
    for index in shown {
      let findings = found.compactMap { $0[index] }
      guard findings.count == sides.count, findings.allSatisfy(\.prediction.isFinite) else {
        continue
      }
      let source = try pictures.sourceName(of: index)
      examples.append(
        ComparedSaliency(
          findings, picture: try pictures.displayed(index), source: source,
          trueClass: label(index)))
    }
    guard !examples.isEmpty else { return }
    let drawn = examples
    try studio.add(
      saliencyComparisonFigure(
        of: drawn, names: names, classNames: studio.model.classNames
      ).remarking(try pictures.displayRemark(of: shown)),
      name: name, source: pictures.name,
      details: Dictionary(comparison.method.settings.map { ($0.name, $0.value) }) { $1 }
    ) {
      FigureArrays(
        Dictionary(
          uniqueKeysWithValues: sides.indices.map { side in
            (
              "\(side)/attribution",
              Tensor(
                concatenatingRows: drawn.map {
                  $0.findings[side].attribution.arranged(as: .rowMajor)
                })
            )
          }), ofPictures: drawn.map(\.source))
    }
  }
}

extension CheckpointComparison.Side {
  /// One picture as the network takes it, `[1, C, H, W]`.
  fileprivate func input(_ index: Int) throws -> Tensor {
    guard let pictures else { preconditionFailure("no pictures") }
    return try pictures.preprocessing.tensor(for: pictures.dataset.example(at: index))
  }

  /// What a class score of each picture depends on.
  ///
  /// - Parameter classes: One for each picture.
  fileprivate func saliency(
    of indices: [Int], classes: [Int], by method: any AttributionMethod
  ) throws -> [Int: SaliencyFinding] {
    guard let pictures else { return [:] }
    defer { studio.releaseIdle() }
    let analysis = SaliencyAnalysis(method: method)
    let validRange = PixelRange(of: pictures.preprocessing)
    let wanted = Dictionary(zip(indices, classes)) { first, _ in first }
    let most = min(8, Studio.batchSize(for: network))
    let (first, largest) = (method.keep(in: network), method.largestKeep(in: network))
    // Runs with and without a backward pass arrange the weights differently.
    let otherRuns = first == largest ? 0 : network.derivedWeightBytes(keeping: first)
    var found: [Int: SaliencyFinding] = [:]
    let failures = try pictures.dataset.forEachBatch(
      of: try studio.batchSize(
        upTo: most, on: pictures, keeping: largest,
        beside: method.workBytes(pictures: most, in: network) + otherRuns),
      indices: indices, preprocessing: pictures.preprocessing
    ) { batch in
      let explained = analysis.batch(
        of: batch.images, in: network, indices: batch.indices, validRange: validRange)
      let findings = analysis.run(
        on: explained, scores: batch.indices.map { .classIndex(wanted[$0] ?? 0) })
      for (row, finding) in findings.enumerated() { found[batch.indices[row]] = finding }
      studio.reporter.progress("saliency with \(name)", found.count, of: indices.count)
    }
    studio.report(failures)
    return found
  }
}
