internal import Analysis
internal import ArgumentParser
internal import Datasets
internal import Files
package import Galleries
internal import Networks
internal import TensorCore

/// Several checkpoints of one architecture, side by side: what moved, and what stayed the same.
///
/// The first is the reference. All see the same pictures, each in one pass; whatever is drawn side
/// by side shares its units, its scale and, for saliency, the class that is explained.
package struct CheckpointComparison {
  /// One of the networks at work.
  struct Side {
    let name: String
    let studio: Studio
    /// Nil if there are no pictures.
    let pictures: Pictures?
    let scans: ComparedScans?

    var network: Network { studio.network }
  }

  let sides: [Side]
  let layers: ComparedLayers
  let method: any AttributionMethod
  let options: CompareOptions
  let parts: Set<ComparedPart>
  /// Whether first choices and class scores mean the same in all.
  let comparesClasses: Bool
  private let models: ComparedModels
  private let record: OptionRecord

  /// The kinds of its figures, in the order of its page.
  package static var kinds: [FigureKind] { ComparedPart.allCases.map(\.kind) }

  package var names: [String] { models.names }
  /// What a user should know, one line each.
  package let remarks: [String]

  /// Sets everything up.
  ///
  /// - Parameters:
  ///   - models: The reference first.
  ///   - names: As columns are called.
  ///   - command: The command that makes the figures, for captions.
  /// - Throws: `UsageError` if the networks are of different architectures; `SelectionError` and
  ///   `FileError` for other user errors.
  package init(
    _ loaded: [Model], names: [String], _ options: CompareOptions, command: String,
    reporter: any Reporter
  ) throws {
    var models = try ComparedModels(loaded, names: names)
    self.options = options
    parts = try options.parts()
    record = OptionRecord(of: options)
    method = try options.attribution.method(seed: options.images.seed)
    let memo = StudioMemo()
    func studio(_ model: Model) -> Studio {
      Studio(model, command: command, memo: memo.sharing(), reporter: reporter)
    }
    var reference = studio(models.models[0])
    let asksForPictures = options.images.images != nil || options.images.labels != nil
    var hasPictures = true
    do {
      _ = try reference.pictures(options.images)
    } catch is UsageError where !asksForPictures {
      hasPictures = false
    }
    var studios = try models.models.map(studio)
    if hasPictures {
      studios = try studios.map { try $0.adapted(to: options.images) }
      reference = studios[0]
    }
    layers = try ComparedLayers(options.layers, in: reference, common: models.layers)
    let pictures = hasPictures ? try reference.pictures(options.images).scanned : nil
    let sampled = try pictures.map { Set(try $0.sample(ComparedScans.mostFeaturePictures)) }
    let classes = models.checkClassNames(studios.map(\.model))
    comparesClasses = classes
    if classes, parts.contains(.saliency), hasPictures {
      do {
        try method.check(reference.network)
      } catch {
        throw UsageError("--method \(method.name): \(error)")
      }
    }
    var remarks = models.remarks
    if !hasPictures {
      remarks.append(
        "without pictures only weights are compared; give them with --images")
    }
    let (parts, layers) = (parts, layers)
    sides = try zip(studios, names).enumerated().map { index, side in
      let (studio, name) = side
      let own = pictures.map { index == 0 ? $0 : $0.seen(by: studio.model) }
      if own != nil {
        // For each network as they are collected and as they are compared.
        try ComparedScans.checkMemory(
          studio, layers, parts: parts, sampled: sampled?.count ?? 0, copies: 2 * names.count)
      }
      let scans = own.map {
        ComparedScans(
          studio, $0, layers, parts: parts, sampled: sampled ?? [], seed: options.images.seed)
      }
      return Side(name: name, studio: studio, pictures: own, scans: scans)
    }
    self.remarks = remarks
    self.models = models
    for remark in remarks { reporter.warn(remark) }
    for side in sides { side.studio.sayAssumption() }
  }

  /// What is known before anything is computed.
  package var identity: ComparisonRecord {
    ComparisonRecord(
      checkpoints: zip(names, models.models).map { name, model in
        .init(name: name, file: model.name, sha256: model.fingerprint)
      }, remarks: remarks)
  }

  /// The reference, with the class names and preprocessing that its pictures gave it.
  package var reference: Model { sides[0].studio.model }

  /// All that decides what is drawn, but for the weights.
  package func key() throws -> String {
    try record.key(of: "compare", names: names, sides.map(\.studio.model))
  }

  /// Goes through the pictures once with each network, and draws all figures.
  package func draw(into sink: any FigureSink) throws -> ComparisonRecord {
    for side in sides {
      guard let pictures = side.pictures, let scans = side.scans else { continue }
      try side.studio.scan(
        pictures, scans.observers, task: "looking through \(pictures.name) with \(side.name)")
    }
    let findings = try ComparedFindings(self)
    if let remark = findings.unitRemark(in: self) { sides[0].studio.reporter.warn(remark) }
    let drawing = ComparisonDrawing(self, findings, into: sink)
    for part in ComparedPart.allCases where parts.contains(part) { try drawing.draw(part) }
    return try findings.record(of: self)
  }

  /// The reference's studio while one part is drawn.
  func studio(_ part: ComparedPart, into sink: any FigureSink) -> Studio {
    sides[0].studio.drawing(part.kind, record, into: sink)
  }

  /// What the checkpoints are called in the line below a title.
  func layer(_ name: String) -> LayerDescription {
    LayerDescription(
      of: name, in: sides[0].network,
      model: names.count > 3
        ? "\(names[0]) and \(names.count - 1) others" : names.joined(separator: ", "))
  }
}

extension Pictures {
  /// The same pictures as another network sees them.
  func seen(by model: Model) -> Pictures {
    model.preprocessing == given ? self : placed(as: model.preprocessing, memory: model.memory)
  }
}
