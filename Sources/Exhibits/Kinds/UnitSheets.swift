public import Analysis
public import ArgumentParser
internal import Datasets
internal import Drawing
internal import Files
public import Galleries
internal import Images
internal import Networks
internal import TensorCore

/// All about single units, one sheet for each.
///
/// Units that are not named are chosen among those that `TopPatches` shows, once the pass over the
/// pictures is complete, so the pass keeps the values of all units of their layers.
public struct UnitSheets: Exhibit {
  public struct Options: ParsableArguments {
    @Argument(
      help: ArgumentHelp(
        "The units, as for --unit.", valueName: "layer:unit"))
    public var layerUnits: String?

    @OptionGroup public var units: UnitOptions
    @OptionGroup public var images: PictureOptions
    @OptionGroup public var layers: LayerOptions

    @Option(
      help: """
        How activations are projected back to the pixels: by a deconvnet, by guided \
        backpropagation, or as their gradient.
        """)
    public var project = ProjectionRule.deconvnet

    @OptionGroup public var views: PatchViewOptions
    @OptionGroup public var cache: CacheOptions

    @Option(
      help: """
        Number of steps that optimize a picture for the unit; 0 leaves it out. By default \
        \(UnitOptimization().ascent.steps) for units that are named, and 0 for others.
        """)
    public var steps: Int?

    public init() {}

    var viewing: PatchViewing {
      PatchViewing(project: project, projectFrom: views.projectFrom, crop: views.crop)
    }

    public func validate() throws {
      if let steps, !(0...10_000).contains(steps) {
        throw ValidationError("--steps must be from 0 to 10,000, not \(steps)")
      }
      guard layerUnits == nil || units.unit == nil else {
        throw ValidationError("give the units once: as an argument or with --unit")
      }
    }
  }

  public static let kind = FigureKind(
    "unit", abstract: "Draw all about single units, one sheet for each.",
    heading: "Units",
    explanation: "Single units: what excites them, how much and where.", unitLinks: .sheet,
    examples: [
      .init("One unit of a layer", "samples/objects.safetensors relu3:17"),
      .init(
        "Two units of the first layer and a class score, with their numbers",
        "samples/objects.safetensors relu1:0,relu1:5,mug --arrays npz"),
      .init(
        "The three most selective units of a layer",
        "samples/objects.safetensors shown --layers relu3 --units selective:3"),
    ])

  private static let (strongest, mapped) = (9, 3)
  /// How many pictures a sheet shows at each quantile of the unit's activation.
  private static let samples = 3
  /// Of units that are named, and of others, whose sheets are to be cheap.
  private static let (quantiles, fewQuantiles) = ([0.9, 0.5, 0], [0.5])
  /// What a gallery keeps at most of the activations of whole layers, in bytes.
  private static let galleryLimit = 256 << 20

  /// Which units get a sheet.
  fileprivate enum Choice {
    case named([LayerUnit])
    case shown(ShownUnits)
    /// Only one of each layer, and no classes.
    case mostSelective(ShownUnits)
  }

  private let choice: Choice
  private let pictures: Pictures
  /// One for each layer.
  private let scanned: [UnitScan]
  private let options: Options
  private let optimization: UnitOptimization

  public init(_ options: Options, in studio: Studio) throws {
    choice = try Self.choice(options, in: studio)
    pictures = try studio.pictures(options.images).scanned
    let count = pictures.count
    let watched = choice.watched(in: studio.network, pictures: count)
    try Self.checkMemory(for: watched, choice, of: pictures, in: studio)
    scanned = watched.map { layer, units in
      UnitScan(studio.network, layer: layer, units: units, pictures: count)
    }
    self.options = options
    var optimization = UnitOptimization()
    optimization.ascent.steps =
      options.steps ?? (choice.isNamed ? optimization.ascent.steps : 0)
    optimization.ascent.seed = options.images.seed
    optimization.ascent.contrast = max(1, studio.model.preprocessing.usualContrast)
    optimization.ascent.shift = optimization.ascent.shift(on: studio.network)
    self.optimization = optimization
  }

  private static func choice(_ options: Options, in studio: Studio) throws -> Choice {
    let text = options.layerUnits ?? options.units.unit
    let isInGallery = studio.occasion == .gallery
    if isInGallery, text == UnitOptions.none {
      throw ExhibitUnavailable("--unit none leaves them out", isCommon: true)
    }
    if let text, text != UnitOptions.shown {
      // A gallery has these options for other kinds, too.
      guard isInGallery || options.layers.layers == nil && options.layers.units == nil else {
        throw UsageError(
          "--layers and --units: expected only with '\(UnitOptions.shown)', found the units "
            + "'\(text)'")
      }
      return .named(try studio.layerUnits(text))
    }
    guard text != nil || isInGallery else {
      throw UsageError("give the units, as LAYER:UNIT or the name of a class")
    }
    let pictures = try studio.pictures(options.images).scanned
    let shown =
      try studio.sharedUnits?.first(for: options.layers, of: pictures)
      ?? ShownUnits(options.layers, of: options.images, in: studio)
    return text == nil ? .mostSelective(shown) : .shown(shown)
  }

  /// - Throws: `FileError` of kind `.tooLarge`; of a gallery, which has other figures,
  ///   `ExhibitUnavailable`.
  private static func checkMemory(
    for watched: [(layer: String, units: [Int])], _ choice: Choice, of pictures: Pictures,
    in studio: Studio
  ) throws {
    guard !watched.isEmpty else {
      throw ExhibitUnavailable("no layer has units to choose from", isCommon: true)
    }
    let counts = Dictionary(uniqueKeysWithValues: watched.map { ($0.layer, $0.units.count) })
    let bytes = UnitScan.bytes(of: counts, in: studio.network, pictures: pictures.count)
    let what =
      "the activations of \(countText(counts.values.reduce(0, +))) units in \(countText(pictures.count)) pictures"
    guard studio.occasion == .gallery, !choice.isNamed else {
      return try studio.model.memory.check(
        bytes, studio.model.path, what, advice: "fewer units or a smaller --limit take less")
    }
    let most = min(galleryLimit, studio.memoryForPictures.bytes / 4)
    guard bytes <= most else {
      throw ExhibitUnavailable(
        "\(what) take \(byteText(bytes)), more than the \(byteText(most)) that a gallery keeps of "
          + "them; fovea unit draws the sheets of units that are named")
    }
  }

  public var scan: PictureScan? {
    PictureScan(pictures, (choice.shown?.observers ?? []) + scanned)
  }

  public func draw(into studio: Studio) throws {
    var labels: [Int: Int]?
    for unit in try choice.units(in: studio) {
      guard let finding = scanned.first(where: { $0.layer == unit.layer })?.finding(of: unit.unit)
      else { continue }
      let name = "\(finding.unit.layer)-\(finding.unit.unit)"
      guard !studio.resumes(name) else { continue }
      let known = labels ?? self.labels(of: finding.pictures)
      labels = known
      try draw(finding, named: name, labels: known, into: studio)
    }
  }

  private func draw(
    _ finding: UnitFinding, named name: String, labels: [Int: Int], into studio: Studio
  ) throws {
    let unit = finding.unit
    let strongest = finding.strongest(Self.strongest)
    let samples = finding.samples(
      Self.samples, at: choice.isNamed ? Self.quantiles : Self.fewQuantiles,
      without: Self.strongest)
    let shown = strongest + samples.flatMap(\.excitations)
    let views = try PatchViews(
      of: ActivatedUnits(
        layer: unit.layer, field: finding.field, units: [(unit.unit, shown)]),
      from: pictures, options.viewing,
      in: studio)
    // Of a picture that can no longer be read, nothing is shown.
    func seen(_ excitations: [Excitation]) -> [Excitation] {
      excitations.filter { views[unit.unit, $0] != nil }
    }
    func block(_ excitations: [Excitation]) -> PatchBlock {
      let found = seen(excitations).compactMap { views[unit.unit, $0] }
      return PatchBlock(
        unit: unit.unit, crops: found.map(\.picture), projections: found.compactMap(\.projection),
        values: seen(excitations).map(\.value), isFinite: finding.nonFinitePictures == 0)
    }
    let mapped = Array(seen(strongest).prefix(Self.mapped))
    let maps = try maps(finding, of: mapped, in: studio)
    let optimized = optimizedPicture(unit, in: studio)
    var sheet = UnitSheet(
      finding, layer: studio.layer(unit.layer), strongest: block(strongest))
    sheet.name =
      studio.network.classNodes.contains(unit.layer)
      ? studio.model.classNames.shortName(unit.unit) : nil
    sheet.view = views.description
    sheet.samples = samples.map { ($0.quantile, block($0.excitations)) }
    sheet.maps = try zip(mapped, maps).map { excitation, map in
      UnitSheet.MappedPicture(picture: try pictures.displayed(excitation.picture), map: map)
    }
    sheet.classes = classes(finding, labels, in: studio)
    sheet.filters = try studio.network.firstFilters(of: unit.layer)
    sheet.isBlueFirst = studio.model.preprocessing.channelOrder == .bgr
    sheet.optimized = optimized.map {
      UnitSheet.OptimizedPicture(
        studio.model.preprocessing.picture(of: $0.image), $0, ascent: optimization.ascent)
    }
    try studio.add(
      unitFigure(of: sheet).remarking(choice.remark).remarking(
        try pictures.displayRemark(of: views.sources.keys.sorted())),
      name: name, source: pictures.name,
      details: ["pictures": "\(pictures.count)", "steps": "\(optimization.ascent.steps)"],
      seed: optimization.ascent.seed
    ) {
      FigureArrays(
        arrays(of: finding, views, maps: maps, optimized: optimized),
        names: [
          // Only what is not a picture any more has no name.
          "files": .init(finding.pictures.map { (try? pictures.sourceName(of: $0)) ?? "" }),
          "patches/files": views.files,
        ])
    }
  }

  /// The unit's maps of some pictures that excite it, each `[H, W]`; none if it has no map.
  private func maps(
    _ finding: UnitFinding, of shown: [Excitation], in studio: Studio
  ) throws -> [Tensor] {
    let (network, unit) = (studio.network, finding.unit)
    guard network.shapes[unit.layer]?.rank == 4, finding.field.axes == [2, 3] else { return [] }
    return try shown.map { excitation in
      let input = try pictures.preprocessing.tensor(
        for: pictures.dataset.example(at: excitation.picture))
      let maps = network.record(input, keeping: .only([unit.layer]), through: unit.layer)[
        unit.layer
      ].arranged(as: .rowMajor)
      let (height, width) = (maps.shape[2], maps.shape[3])
      let start = unit.unit * height * width
      return Tensor(
        shape: [height, width], Array(maps.elements[start..<(start + height * width)]))
    }
  }

  /// Nil if there is none.
  private func optimizedPicture(_ unit: LayerUnit, in studio: Studio) -> OptimizedUnitFinding? {
    guard optimization.ascent.steps > 0 else { return nil }
    studio.settle()
    defer { studio.releaseIdle() }
    let found = optimization.run(on: studio.network, unit: unit) { done in
      studio.reporter.progress(
        "optimizing a picture for \(unit.layer):\(unit.unit)", done, of: optimization.ascent.steps)
    }
    guard let step = found.stoppedAt else { return found }
    studio.reporter.warn(
      "no optimized picture for \(unit.layer):\(unit.unit): from step \(step) on, its activation or "
        + "the gradient is not finite")
    return nil
  }

  /// The classes of those pictures that are labelled.
  private func labels(of shown: [Int]) -> [Int: Int] {
    var labels: [Int: Int] = [:]
    for picture in shown { labels[picture] = try? pictures.dataset.label(at: picture) }
    return labels
  }

  /// The mean response to each class of the data set; none if no picture is labelled.
  private func classes(
    _ finding: UnitFinding, _ labels: [Int: Int], in studio: Studio
  ) -> [UnitSheet.NamedResponse] {
    let (names, own) = (pictures.dataset.classNames, studio.model.classes(of: pictures.dataset))
    return finding.classMeans { labels[$0] }.map { response in
      let label = response.label
      let known = own.indices.contains(label) ? own[label] : nil
      return UnitSheet.NamedResponse(
        known.map { studio.model.classNames.shortName($0) }
          ?? (names.indices.contains(label) ? names[label] : "class \(label)"),
        mean: response.mean)
    }
  }

  /// `activations` `[N]`, `pictures` `[N]` and `positions` `[N, 2]` of every picture with its name
  /// in `files`; `patches/…` as `patches` has them; `maps` `[K, H, W]` and `optimized`
  /// `[1, C, H, W]` if they are drawn.
  private func arrays(
    of finding: UnitFinding, _ views: PatchViews, maps: [Tensor], optimized: OptimizedUnitFinding?
  ) -> [String: Tensor] {
    let all = finding.values.indices.map(finding.excitation)
    var tensors = views.arrays(prefix: "patches/")
    tensors["activations"] = Tensor(finding.values)
    tensors["pictures"] = Tensor(finding.pictures)
    tensors["positions"] = Tensor(
      shape: [all.count, 2], all.flatMap { $0.position.map(Float.init) })
    tensors["optimized"] = optimized?.image.arranged(as: .rowMajor)
    if let first = maps.first {
      tensors["maps"] = Tensor(
        concatenatingRows: maps.map { $0.reshaped(to: Shape([1] + first.shape.extents)) })
    }
    return tensors
  }
}

extension UnitSheets.Choice {
  fileprivate var isNamed: Bool { shown == nil }

  /// Why a unit has a sheet, for its caption; nil for units that were asked for.
  fileprivate var remark: String? {
    guard case .mostSelective = self else { return nil }
    return "The unit was chosen for its selective responses (lifetime sparseness, Vinje and "
      + "Gallant 2000)."
  }

  /// What they are chosen from; nil if they are named.
  fileprivate var shown: ShownUnits? {
    switch self {
    case .named: nil
    case .shown(let shown), .mostSelective(let shown): shown
    }
  }

  /// The units of each layer whose activations are needed: all that may be chosen, or those that
  /// are named; if they are few enough, all of their layers, so that the cache has them for the
  /// next ones.
  fileprivate func watched(
    in network: Network, pictures count: Int
  ) -> [(layer: String, units: [Int])] {
    func all(_ layer: String) -> (layer: String, units: [Int]) {
      (layer, Array(0..<network.unitCount(layer)))
    }
    switch self {
    case .named(let units):
      let named = Dictionary(grouping: units, by: \.layer).mapValues { $0.map(\.unit) }
      return named.sorted { $0.key < $1.key }.map { layer, units in
        let bytes = UnitScan.bytes(
          of: [layer: network.unitCount(layer)], in: network, pictures: count)
        return bytes <= Self.mostForOthers ? all(layer) : (layer, units)
      }
    case .shown(let shown): return shown.layers.map(all)
    case .mostSelective(let shown):
      return shown.layers.filter { !network.classNodes.contains($0) }.map(all)
    }
  }

  /// How much of a layer is kept beside units that are named, in bytes.
  private static let mostForOthers = 16 << 20

  /// After the pass over the pictures.
  fileprivate func units(in studio: Studio) throws -> [LayerUnit] {
    switch self {
    case .named(let units): return units
    case .shown(let shown): return try shown.choices(in: studio).flatMap(\.layerUnits)
    case .mostSelective(let shown):
      return try shown.choices(in: studio)
        .filter { !studio.network.classNodes.contains($0.finding.layer) }
        .compactMap(\.mostSelective)
    }
  }
}

extension Network {
  /// The filters of the convolution whose values a layer carries, if that reads the picture.
  fileprivate func firstFilters(of layer: String) throws -> FilterFinding? {
    let own = origin(of: layer)
    guard hasFilters(own), let input = graph[own]?.inputs.first,
      origin(of: input) == Graph.inputName
    else { return nil }
    return try FilterAnalysis().run(on: self, layer: own)
  }
}
