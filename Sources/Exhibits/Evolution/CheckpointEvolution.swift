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
///
/// Weights are loaded when a network's turn comes: for its pass over the pictures, and for the
/// projections of its strongest activations.
package struct CheckpointEvolution {
  /// One of the networks.
  private struct Side {
    let checkpoint: UnloadedModel
    /// Without weights.
    let studio: Studio
    let pictures: Pictures

    func withWeights<Found>(_ work: (Studio) throws -> Found) throws -> Found {
      try checkpoint.withWeights(in: studio, work)
    }
  }

  /// What one network's pass over the pictures found.
  private struct Pass {
    let accuracy: Manifest.Accuracy?
    let features: LayerFeatures?
    /// One for each layer.
    let strongest: [TopActivationFinding]
  }

  /// What was found in one layer.
  private struct EvolvedLayer {
    /// One for each checkpoint, with only the strongest activation of each unit.
    let findings: [TopActivationFinding]
    let movement: LayerMovement
    let units: [UnitEvolution]
    let reason: String

    var name: String { movement.layer }

    /// The strongest activations of the units that are shown.
    func activations(at checkpoint: Int) -> ActivatedUnits {
      ActivatedUnits(units.map(\.unit), of: findings[checkpoint])
    }
  }

  private let models: ComparedModels
  private let sides: [Side]
  private let layers: ComparedLayers
  private let options: EvolutionOptions
  private let record: OptionRecord
  /// After which epoch each was kept; nil if it is not known of all.
  private let epochs: [Int]?
  /// The pictures whose features are compared.
  private let sampled: Set<Int>

  /// What the pass of each network is for.
  private static let parts: Set<ComparedPart> = [.predictions, .similarity, .patches]
  /// How many networks' weights are counted as in memory: the system may not have those of one back
  /// when the next is loaded.
  private static let weightsTogether = 2
  /// The part of the memory for pictures that views may take until they are drawn.
  private static let shareForViews = 4

  /// How many units of a layer are shown if none are named.
  private static let usualUnits = 6

  /// The kinds of its figures, in the order of its page.
  package static var kinds: [FigureKind] { [.movement, .evolution] }

  package var names: [String] { models.names }

  /// Sets everything up.
  ///
  /// - Parameters:
  ///   - checkpoints: In the order of training; sorted by epoch if all epochs are known.
  ///   - command: The command that makes the figures, for captions.
  /// - Throws: `UsageError` if the networks are of different architectures, or there are no
  ///   pictures; `SelectionError` and `FileError` for other user errors.
  package init(
    _ checkpoints: [UnloadedModel], _ options: EvolutionOptions, command: String,
    reporter: any Reporter
  ) throws {
    let known = Self.epochs(of: checkpoints.map(\.outline))
    // A shell lists epoch 10 before epoch 2.
    let checkpoints =
      known.map { zip($0, checkpoints).sorted { $0.0 < $1.0 }.map(\.1) } ?? checkpoints
    epochs = known?.sorted()
    let outlines = checkpoints.map(\.outline)
    let names = epochs.map { $0.map { "epoch \($0)" } } ?? distinctNames(outlines.map(\.path))
    let models = try ComparedModels(outlines, names: names, together: Self.weightsTogether)
    self.options = options
    record = OptionRecord(of: options)
    let memo = StudioMemo()
    let studios = try zip(checkpoints, models.models).map { checkpoint, model in
      let studio = Studio(model, command: command, memo: memo.sharing(), reporter: reporter)
      guard model.triesPreprocessing else { return try studio.adapted(to: options.images) }
      return try checkpoint.withWeights(in: studio) { loaded in
        var adapted = try loaded.adapted(to: options.images).model
        adapted.network = model.network
        return studio.with(adapted)
      }
    }
    // The units that are shown are those of the last network.
    let last = studios[studios.count - 1]
    let layers = try ComparedLayers(
      options.layers, in: last, common: models.layers, ofEvolution: true)
    let pictures = try last.pictures(options.images).scanned
    let sampled = Set(try pictures.sample(ComparedScans.mostFeaturePictures))
    sides = try zip(checkpoints, studios).map { checkpoint, studio in
      // Those of each network, and the last one's as they were collected.
      try ComparedScans.checkMemory(
        studio, layers, parts: Self.parts, sampled: sampled.count, copies: names.count + 1)
      return Side(
        checkpoint: checkpoint, studio: studio, pictures: pictures.seen(by: studio.model))
    }
    self.sampled = sampled
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
    let passes = try sides.indices.map(pass)
    let found = try findings(of: passes)
    let accuracies = passes.map(\.accuracy)
    try drawMovement(found.map(\.movement), accuracies.map { $0?.top1 }, into: sink)
    for group in groups(of: found, into: sink) {
      let views = try views(of: group.filter { !isFinished($0, in: sink) }, into: sink)
      for layer in group { try draw(layer, views[layer.name], into: sink) }
    }
    return try record(of: found, accuracies)
  }

  /// Looks through the pictures with one of the networks.
  private func pass(_ index: Int) throws -> Pass {
    let side = sides[index]
    return try side.withWeights { studio in
      let scans = ComparedScans(
        studio, side.pictures, layers, parts: Self.parts, sampled: sampled,
        seed: options.images.seed)
      try studio.scan(
        side.pictures, scans.observers,
        task: "looking through \(side.pictures.name) at \(names[index])")
      let strongest = scans.top?.findings() ?? []
      return Pass(
        accuracy: scans.classification.flatMap {
          Manifest.Accuracy(of: $0.finding, on: side.pictures.name)
        }, features: scans.features?.finding,
        // Units are chosen by what the last network's other activations say of them.
        strongest: index == sides.count - 1 ? strongest : strongest.map(\.strongestOnly))
    }
  }

  private func findings(of passes: [Pass]) throws -> [EvolvedLayer] {
    let movements = LayerMovementAnalysis().run(on: passes.compactMap(\.features))
    return try movements.enumerated().map { place, movement in
      let all = passes.map { $0.strongest[place] }
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
        pictureCount: sampled.count, model: span),
      name: "features", source: side.pictures.name, details: ["pictures": "\(sampled.count)"]
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

  /// Whether an interrupted run has drawn a layer's figure.
  private func isFinished(_ layer: EvolvedLayer, in sink: any FigureSink) -> Bool {
    sink.hasFinished(.evolution, layer.name)
  }

  /// Layers in their order, as many together as memory has room for the views of: each network is
  /// loaded once for all layers of a group.
  private func groups(of layers: [EvolvedLayer], into sink: any FigureSink) -> [[EvolvedLayer]] {
    let memory = sides.map { $0.studio.memoryForPictures.bytes }.min() ?? 0
    var groups: [[EvolvedLayer]] = []
    var room = 0
    for layer in layers {
      let needed =
        isFinished(layer, in: sink)
        ? 0 : sides.indices.reduce(0) { $0 + viewBytes(of: layer, at: $1) }
      if groups.isEmpty || needed > room {
        groups.append([])
        room = memory / Self.shareForViews
      }
      groups[groups.count - 1].append(layer)
      room -= needed
    }
    return groups
  }

  private func viewBytes(of layer: EvolvedLayer, at checkpoint: Int) -> Int {
    let side = sides[checkpoint]
    return PatchViews.bytes(
      of: layer.activations(at: checkpoint), from: side.pictures, options.viewing,
      in: side.studio.network)
  }

  /// What is shown of the strongest activations of some layers, by layer: one for each checkpoint.
  private func views(
    of layers: [EvolvedLayer], into sink: any FigureSink
  ) throws -> [String: [PatchViews]] {
    guard !layers.isEmpty else { return [:] }
    var views: [String: [PatchViews]] = [:]
    var held = 0
    for (index, side) in sides.enumerated() {
      try side.withWeights { studio in
        for layer in layers {
          var model = studio.model
          model.memory = model.memory.less(held)
          views[layer.name, default: []].append(
            try PatchViews(
              of: layer.activations(at: index), from: side.pictures, options.viewing,
              in: studio.with(model).drawing(.evolution, record, into: sink)))
          held += viewBytes(of: layer, at: index)
        }
      }
    }
    return views
  }

  /// - Parameter views: One for each checkpoint; nil if they were not made.
  private func draw(
    _ layer: EvolvedLayer, _ views: [PatchViews]?, into sink: any FigureSink
  ) throws {
    let studio = sides[sides.count - 1].studio.drawing(.evolution, record, into: sink)
    guard !studio.resumes(layer.name) else { return }
    guard let views = try views ?? self.views(of: [layer], into: sink)[layer.name] else {
      preconditionFailure("views of '\(layer.name)' were made")
    }
    let units = layer.units.map(\.unit)
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
