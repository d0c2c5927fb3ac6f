internal import Analysis
internal import ArgumentParser
internal import Datasets
internal import Files
package import Galleries
internal import Networks
internal import TensorCore
internal import Training

/// How features evolve during training (Zeiler and Fergus 2014, section 4 and figure 4): several checkpoints of
/// one run, each of which looks through the same pictures once.
package struct CheckpointEvolution {
  /// One of the networks at work.
  private struct Side {
    let studio: Studio
    let pictures: Pictures
    let scans: ComparedScans
  }

  /// What was found in one layer.
  private struct EvolvedLayer {
    /// One for each checkpoint, with only the strongest activation of each unit.
    let findings: [TopActivationFinding]
    let movement: LayerMovement
    let units: [UnitEvolution]
    let reason: String

    var name: String { movement.layer }
  }

  private let models: ComparedModels
  private let sides: [Side]
  private let layers: ComparedLayers
  private let options: EvolutionOptions
  private let record: OptionRecord
  /// After which epoch each was kept; nil if it is not known of all.
  private let epochs: [Int]?
  private let sampled: Int

  /// How many units of a layer are shown if none are named.
  private static let usualUnits = 6

  /// The kinds of its figures, in the order of its page.
  package static var kinds: [FigureKind] { [.movement, .evolution] }

  package var names: [String] { models.names }

  /// Sets everything up.
  ///
  /// - Parameters:
  ///   - loaded: In the order of training; sorted by epoch if all epochs are known.
  ///   - command: The command that makes the figures, for captions.
  /// - Throws: `UsageError` if the networks are of different architectures, or there are no
  ///   pictures; `SelectionError` and `FileError` for other user errors.
  package init(
    _ loaded: [Model], _ options: EvolutionOptions, command: String, reporter: any Reporter
  ) throws {
    let known = Self.epochs(of: loaded)
    // A shell lists epoch 10 before epoch 2.
    let loaded =
      known.map { zip($0, loaded).sorted { $0.0 < $1.0 }.map(\.1) } ?? loaded
    epochs = known?.sorted()
    let names = epochs.map { $0.map { "epoch \($0)" } } ?? distinctNames(loaded.map(\.path))
    let models = try ComparedModels(loaded, names: names)
    self.options = options
    record = OptionRecord(of: options)
    let memo = StudioMemo()
    let studios = try models.models.map { model in
      try Studio(model, command: command, memo: memo.sharing(), reporter: reporter)
        .adapted(to: options.images)
    }
    // The units that are shown are those of the last network.
    let last = studios[studios.count - 1]
    let layers = try ComparedLayers(
      options.layers, in: last, common: models.layers, ofEvolution: true)
    let pictures = try last.pictures(options.images).scanned
    let sampled = Set(try pictures.sample(ComparedScans.mostFeaturePictures))
    sides = try studios.map { studio in
      let own = pictures.seen(by: studio.model)
      return Side(
        studio: studio, pictures: own,
        scans: try ComparedScans(
          studio, own, layers, parts: [.predictions, .similarity, .patches], sampled: sampled,
          among: names.count, seed: options.images.seed))
    }
    self.sampled = sampled.count
    self.layers = layers
    self.models = models
    for remark in models.remarks { reporter.warn(remark) }
    for side in sides { side.studio.sayAssumption() }
  }

  /// As each checkpoint says, or else the name of its file; nil unless all are known and differ.
  private static func epochs(of models: [Model]) -> [Int]? {
    let known = models.compactMap { model in
      model.history?.epochs.last?.epoch ?? TrainingFileNames.epoch(model.name)
    }
    return Set(known).count == models.count ? known : nil
  }

  /// What is known before anything is computed.
  package var identity: EvolutionRecord {
    EvolutionRecord(
      checkpoints: zip(names, models.models).map { name, model in
        .init(name: name, file: model.name, sha256: model.fingerprint)
      }, remarks: models.remarks)
  }

  /// The last network, with the class names and preprocessing that its pictures gave it.
  package var reference: Model { sides[sides.count - 1].studio.model }

  /// All that decides what is drawn, but for the weights.
  package func key() throws -> String {
    try record.key(of: "evolution", names: names, sides.map(\.studio.model))
  }

  /// Goes through the pictures once with each network, and draws all figures.
  package func draw(into sink: any FigureSink) throws -> EvolutionRecord {
    for (side, name) in zip(sides, names) {
      try side.studio.scan(
        side.pictures, side.scans.observers,
        task: "looking through \(side.pictures.name) at \(name)")
    }
    let found = try findings()
    let accuracies = sides.map { side in
      side.scans.classification.flatMap {
        Manifest.Accuracy(of: $0.finding, on: side.pictures.name)
      }
    }
    try drawMovement(found.map(\.movement), accuracies.map { $0?.top1 }, into: sink)
    for layer in found { try draw(layer, into: sink) }
    return try record(of: found, accuracies)
  }

  private func findings() throws -> [EvolvedLayer] {
    let features = sides.compactMap(\.scans.features?.finding)
    let movements = LayerMovementAnalysis().run(on: features)
    let tops = sides.map { $0.scans.top?.findings() ?? [] }
    return try movements.enumerated().map { place, movement in
      let all = tops.map { $0[place] }
      let chosen = try sides[sides.count - 1].studio.units(
        of: all[all.count - 1], chosenBy: layers.selection, usual: Self.usualUnits)
      let strongest = all.map(\.strongestOnly)
      return EvolvedLayer(
        findings: strongest, movement: movement,
        units: chosen.units.map { UnitEvolution(of: $0, in: strongest) }, reason: chosen.reason)
    }
  }

  private func drawMovement(
    _ movements: [LayerMovement], _ accuracies: [Double?], into sink: any FigureSink
  ) throws {
    let side = sides[sides.count - 1]
    let studio = side.studio.drawing(.movement, record, into: sink)
    guard !studio.resumes("features") else { return }
    try studio.add(
      movementFigure(
        of: movements, names: names, epochs: epochs, accuracies: accuracies,
        pictureCount: sampled, model: span),
      name: "features", source: side.pictures.name, details: ["pictures": "\(sampled)"]
    ) {
      var arrays = [
        "distances": Tensor(
          shape: [movements.count, names.count - 1],
          movements.flatMap { $0.distances.map { $0.map { Float($0) } ?? .nan } }),
        "accuracies": Tensor(accuracies.map { $0.map { Float($0) } ?? .nan }),
      ]
      if let epochs { arrays["epochs"] = Tensor(epochs) }
      return FigureArrays(
        arrays, names: ["layers": .init(movements.map(\.layer)), "checkpoints": .init(names)])
    }
  }

  /// `epoch 1 to epoch 40`.
  private var span: String { "\(names[0]) to \(names[names.count - 1])" }

  private func draw(_ layer: EvolvedLayer, into sink: any FigureSink) throws {
    let studios = sides.map { $0.studio.drawing(.evolution, record, into: sink) }
    let studio = studios[studios.count - 1]
    guard !studio.resumes(layer.name) else { return }
    let units = layer.units.map(\.unit)
    let views = try sides.indices.map { index in
      try PatchViews(
        of: ActivatedUnits(units, of: layer.findings[index]), from: sides[index].pictures,
        options.viewing, in: studios[index])
    }
    let pictures = sides[sides.count - 1].pictures
    let shown = Set(layer.units.flatMap { $0.strongest.compactMap { $0?.picture } })
    try studio.add(
      evolutionFigure(
        of: layer.units.map { evolved($0, in: layer.name, views) }, names: names,
        layer: LayerDescription(of: layer.name, in: studio.network, model: span),
        pictureCount: pictures.count,
        view: PatchViews.description(of: views, options.viewing, in: studio),
        choice: layer.reason
      ).remarking(try pictures.displayRemark(of: shown.sorted())),
      name: layer.name, source: pictures.name, details: ["pictures": "\(pictures.count)"]
    ) {
      var arrays = FigureArrays(
        [
          "changes": Tensor(
            shape: [units.count, names.count],
            layer.units.flatMap { $0.changesPicture.map { $0 ? 1 : 0 } })
        ], names: ["checkpoints": .init(names)])
      for (index, views) in views.enumerated() {
        arrays.tensors.merge(views.arrays(prefix: "\(index)/")) { $1 }
        arrays.names["\(index)/files"] = views.files
      }
      return arrays
    }
  }

  /// - Parameter views: One for each checkpoint.
  private func evolved(
    _ unit: UnitEvolution, in layer: String, _ views: [PatchViews]
  ) -> EvolvedUnit {
    let model = reference
    let peaks = zip(zip(unit.strongest, unit.changesPicture), views).map {
      (peak, views) -> EvolvedUnit.Peak? in
      peak.0.flatMap { excitation in
        views[unit.unit, excitation].map {
          EvolvedUnit.Peak(
            crop: $0.picture, projection: $0.projection, value: excitation.value, isOther: peak.1)
        }
      }
    }
    return EvolvedUnit(
      unit: unit.unit,
      name: model.network.classNodes.contains(layer) ? model.classNames.shortName(unit.unit) : nil,
      peaks: peaks)
  }

  private func record(
    of layers: [EvolvedLayer], _ accuracies: [Manifest.Accuracy?]
  ) throws -> EvolutionRecord {
    var record = identity
    for index in record.checkpoints.indices {
      record.checkpoints[index].accuracy = accuracies[index]
    }
    let pictures = sides[sides.count - 1].pictures
    record.layers = try layers.map { layer in
      .init(
        name: layer.name, distances: layer.movement.distances,
        units: try layer.units.map { unit in
          .init(
            unit: unit.unit, values: unit.strongest.map { $0.map { Double($0.value) } },
            pictures: try unit.strongest.map { peak in
              try peak.map { try pictures.sourceName(of: $0.picture) }
            }, changes: unit.changesPicture)
        })
    }
    return record
  }
}
