public import Analysis
public import ArgumentParser
internal import Datasets
internal import Files
public import Galleries
internal import Images
internal import Networks

/// The patches of a data set that activate units most.
public struct TopPatches: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions
    @OptionGroup public var layers: LayerOptions

    @Option(help: "Maximum number of patches per unit from one picture.")
    public var perPicture = 1

    @Option(
      help: """
        What ranks the pictures of class scores: the class's probability (beyond 100 classes, with \
        one picture of each known class), or its score.
        """)
    public var classRanking = ClassPictureRanking.probability

    public init() {}

    public func validate() throws {
      guard (1...9).contains(perPicture) else {
        throw ValidationError("--per-picture must be from 1 to 9, not \(perPicture)")
      }
    }
  }

  public static let kind = FigureKind(
    "patches", abstract: "Draw the patches of a data set that activate units most.",
    heading: "Top patches", explanation: "What excites each unit most, over a whole data set.",
    examples: [
      .init(
        "What excites three units of a layer most",
        "samples/objects.safetensors --layers relu3 --units 0,5,17"),
      .init(
        "Up to four patches of one picture, over a folder of photographs",
        "samples/objects.safetensors --images photographs --layers 'relu*' --per-picture 4"),
    ])

  /// How many units a layer's figure and the overview show.
  private static let usualUnits = 12
  private static let fewClasses = 100
  private static let overviewUnits = 4

  private let pictures: Pictures
  private let selection: UnitSelection?
  /// Every layer in the order of the figures, and what looks for its strongest patches.
  private let layers: [String]
  private let topActivations: TopActivationScan
  private let topClassPictures: [TopClassPictureScan]

  public init(_ options: Options, in studio: Studio) throws {
    let network = studio.network
    var layers = try options.layers.names(
      in: studio, usual: network.featureLayers(), for: .activations)
    let scores = network.graph.scoreName
    if studio.occasion == .gallery, options.layers.layers == nil, network.hasClassScores,
      !layers.contains(scores)
    {
      layers.append(scores)
    }
    selection = try studio.selection(options.layers, of: layers)
    pictures = try studio.pictures(options.images).scanned
    let label = pictures.labels(in: studio.model)
    let areRankedByProbability =
      options.classRanking == .probability && network.probabilityFunction != .none
    let classNodes = areRankedByProbability ? network.classNodes : []
    // Among few classes, improbable pictures of the others would fill the blocks.
    let takesOneOfEach = network.classCount > Self.fewClasses
    topClassPictures = layers.filter(classNodes.contains).map {
      TopClassPictureScan(network, layer: $0) { takesOneOfEach ? label($0) : nil }
    }
    topActivations = TopActivationScan(
      network, layers: layers.filter { !classNodes.contains($0) }, perPicture: options.perPicture)
    self.layers = layers
  }

  public var scan: PictureScan? { PictureScan(pictures, [topActivations] + topClassPictures) }

  public func draw(into studio: Studio) throws {
    let found = topActivations.findings() + topClassPictures.compactMap(\.finding)
    let findings = layers.compactMap { layer in found.first { $0.layer == layer } }
    let (network, model) = (studio.network, studio.model)
    var chosen: [(finding: TopActivationFinding, units: [Int])] = []
    for finding in findings {
      let shown =
        try selection.map { selection in
          try studio.units(selection, of: finding.layer) {
            finding.units.map { $0.first.map { $0.probability ?? $0.value } ?? -.infinity }
          }
        }
        ?? (network.classNodes.contains(finding.layer)
          ? finding.strongestUnits(Self.usualUnits) : usualUnits(finding))
      chosen.append((finding, shown))
    }
    let (crops, sources) = try cut(chosen, in: studio)
    let remark = try pictures.displayRemark(of: sources.keys.sorted())
    let details = ["pictures": "\(pictures.count)"]
    var columns: [(layer: LayerDescription, blocks: [PatchBlock])] = []
    for (finding, units) in chosen {
      let blocks = units.map { unit in
        PatchBlock(
          unit: unit,
          name: network.classNodes.contains(finding.layer)
            ? model.classNames.shortName(unit) : nil,
          crops: finding.units[unit].compactMap { crops[Place(finding.layer, unit, $0)] },
          values: finding.units[unit].map(\.value),
          probabilities: finding.units[unit].compactMap(\.probability),
          isFinite: !finding.nonFiniteUnits.contains(unit))
      }
      let description = studio.layer(finding.layer)
      columns.append((description, Array(blocks.prefix(Self.overviewUnits))))
      if studio.resumes(finding.layer) { continue }
      try studio.add(
        patchFigure(of: blocks, finding: finding, layer: description)
          .remarking(remark),
        name: finding.layer, source: pictures.name, details: details
      ) {
        FigureArrays(finding.arrays(units), names: ["files": finding.files(units, sources)])
      }
    }
    guard columns.count > 1, !studio.resumes("overview") else { return }
    try studio.add(
      patchOverviewFigure(of: columns, pictureCount: findings[0].pictureCount)
        .remarking(remark),
      name: "overview", source: pictures.name, details: details
    ) {
      var arrays = FigureArrays([:])
      for (finding, units) in chosen {
        let shown = Array(units.prefix(Self.overviewUnits))
        arrays.tensors.merge(finding.arrays(shown, prefix: "\(finding.layer)/")) { $1 }
        arrays.names["\(finding.layer)/files"] = finding.files(shown, sources)
      }
      return arrays
    }
  }

  /// Some of the units that any picture excites, evenly from all; of a dead layer, of its units.
  private func usualUnits(_ finding: TopActivationFinding) -> [Int] {
    let live = finding.units.indices.filter {
      !finding.units[$0].isEmpty || finding.nonFiniteUnits.contains($0)
    }
    let pool = live.isEmpty ? Array(finding.units.indices) : live
    return pool.spread(most: Self.usualUnits)
  }

  /// One excitation of one unit.
  private struct Place: Hashable {
    let layer: String
    let unit: Int
    let excitation: Excitation

    init(_ layer: String, _ unit: Int, _ excitation: Excitation) {
      (self.layer, self.unit, self.excitation) = (layer, unit, excitation)
    }

    func pixels(_ field: ReceptiveField) -> [Range<Int>] {
      field.pixels(at: excitation.position, ofUnit: unit)
    }
  }

  /// Reads each picture once and cuts out all that is wanted of it.
  ///
  /// - Returns: The parts, and the names of the pictures that were read.
  private func cut(
    _ chosen: [(finding: TopActivationFinding, units: [Int])], in studio: Studio
  ) throws -> (crops: [Place: Image], sources: [Int: String]) {
    var wanted: [Int: [(Place, ReceptiveField)]] = [:]
    for (finding, units) in chosen {
      for unit in units {
        for excitation in finding.units[unit] {
          wanted[excitation.picture, default: []].append(
            (Place(finding.layer, unit, excitation), finding.field))
        }
      }
    }
    let size = pictures.preprocessing.input
    let bytes = wanted.values.joined().reduce(0) { sum, place in
      let pixels = place.0.pixels(place.1)
      return sum + 4 * within(size[1], pixels[0]).count * within(size[2], pixels[1]).count
    }
    try studio.memoryForPictures.check(
      bytes, studio.model.path, "cropping \(wanted.values.joined().count) patches out of pictures",
      advice: "fewer --units or --layers take less")
    var (crops, sources): ([Place: Image], [Int: String]) = ([:], [:])
    for (picture, places) in wanted.sorted(by: { $0.key < $1.key }) {
      let example = try pictures.dataset.example(at: picture)
      let image = try pictures.preprocessing.displayed(example)
      sources[picture] = example.source
      for (place, field) in places {
        let pixels = place.pixels(field)
        crops[place] = image.cropped(
          rows: within(image.height, pixels[0]), columns: within(image.width, pixels[1]))
      }
    }
    return (crops, sources)
  }
}

extension TopActivationFinding {
  /// Of hundreds of classes, those that the pictures excite most.
  func strongestUnits(_ count: Int) -> [Int] {
    // Saturated classes are told apart by what they are ranked by.
    func best(_ unit: Int) -> (Float, Float) {
      units[unit].first.map { ($0.probability ?? $0.value, $0.rank) } ?? (-.infinity, -.infinity)
    }
    return units.indices.sorted {
      let (first, second) = (best($0), best($1))
      return (second.0, second.1, $0) < (first.0, first.1, $1)
    }
    .prefix(count).sorted()
  }
}

/// What a unit sees; no more than the picture, where it sees all of that.
private func within(_ extent: Int, _ pixels: Range<Int>) -> Range<Int> {
  pixels.count < extent ? pixels : 0..<extent
}

extension Image {
  /// A part that may reach beyond the picture, where it is transparent.
  func cropped(rows: Range<Int>, columns: Range<Int>) -> Image {
    var cut = [UInt8](repeating: 0, count: 4 * rows.count * columns.count)
    for row in rows where (0..<height).contains(row) {
      for column in columns where (0..<width).contains(column) {
        let (from, to) = (
          4 * (row * width + column),
          4 * ((row - rows.lowerBound) * columns.count + column - columns.lowerBound)
        )
        for byte in 0..<4 { cut[to + byte] = pixels[from + byte] }
      }
    }
    return Image(width: columns.count, height: rows.count, pixels: cut)
  }
}
