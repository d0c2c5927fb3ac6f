internal import Analysis
public import ArgumentParser
public import Datasets
internal import Files
public import Galleries
internal import Networks
internal import TensorCore

/// What the units of layers make of single pictures, series or volumes.
public struct FeatureMaps: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions
    @OptionGroup public var layers: LayerOptions

    @Option(
      help: """
        Number of pictures, series or volumes to draw; by default all that --limit allows, or 1.
        """)
    public var pictures: Int?

    @Option(
      help: """
        Scale of colours and axes: one for all maps (of a row, with --blocks), or one for each map.
        """)
    public var mapScale = FeatureMapScale.perMap

    @Option(
      help: """
        Order of the maps: by strength, which is the 99th percentile inside the map's border, or by \
        unit number.
        """)
    public var order = FeatureMapOrder.strongestFirst

    @Flag(
      help: """
        Draw the whole block of each convolution on one sheet: its maps, those after normalization \
        and activation, and those after pooling, one row each.
        """)
    public var blocks = false

    public init() {}

    public func validate() throws {
      try checkCount(pictures, of: "--pictures")
    }
  }

  public static let kind = FigureKind(
    "features", abstract: "Draw the feature maps of pictures, series or volumes.",
    heading: "Feature maps",
    explanation: "Where the units of a layer respond in one example.",
    examples: [
      .init(
        "Where the units of two layers respond in one photograph",
        "samples/objects.safetensors --images cat.jpg --layers relu1,relu2"),
      .init(
        "The sixteen strongest units of a layer, for each of five pictures",
        "samples/objects.safetensors --layers relu4 --units strongest:16 --pictures 5"),
      .init(
        "What activation and pooling make of the maps of a convolution",
        "samples/objects.safetensors --images cat.jpg --layers conv1 --blocks"),
    ])
  public static let galleryArguments = ["--pictures=2"]

  public static let examples = Set(ExampleKind.allCases)

  private let options: Options
  private let pictures: Pictures
  private let count: Int
  private let layers: [String]
  /// The layers of each block, beginning with its convolution; empty unless blocks are drawn.
  private let blocks: [[String]]
  private let selection: UnitSelection?

  public init(_ options: Options, in studio: Studio) throws {
    self.options = options
    let network = studio.network
    let usual = network.featureLayers()
    let names = try options.layers.names(
      in: studio, usual: usual, for: options.blocks ? .block : .activations)
    blocks =
      options.blocks
      ? names.compactMap(network.convolutionBlock).reduce(into: []) { blocks, block in
        if !blocks.contains(block) { blocks.append(block) }
      } : []
    layers =
      options.blocks
      ? blocks.map { $0[0] }
      : studio.occasion == .gallery && options.layers.layers == nil
        ? names.filter(network.hasPositions) : names
    guard !options.blocks || !blocks.isEmpty else {
      throw UsageError("--blocks: none of the usual layers is in a block of a convolution")
    }
    selection = try studio.selection(options.layers, of: layers)
    pictures = try studio.pictures(options.images).shown
    count = options.pictures ?? options.images.limit ?? 1
  }

  public func draw(into studio: Studio) throws {
    guard count > 0, !layers.isEmpty else { return }
    studio.sayShare(
      count, of: pictures, in: Self.kind,
      isGiven: options.pictures != nil || options.images.limit != nil)
    let network = studio.network
    defer { studio.releaseIdle() }
    let kept = options.blocks ? blocks.flatMap(\.self) : layers
    // A finding holds its maps in an order of their own.
    _ = try studio.batchSize(
      upTo: 1, on: pictures, keeping: .only(network.nodes(toRank: kept)),
      beside: studio.outputBytes(of: kept))
    let failures = try pictures.forEachReadable(count) { index in
      let example = try pictures.dataset.example(at: index)
      let input = try pictures.preprocessing.tensor(for: example)
      return (
        input: input, seen: try pictures.preprocessing.seen(example, as: input),
        label: Label(
          source: example.source, label: example.label, classNames: pictures.dataset.classNames),
        remark: pictures.preprocessing.kind == .picture
          ? try pictures.preprocessing.displayRemark(of: example) : nil
      )
    } _: { read in
      if options.blocks {
        try addBlocks(of: read.input, read.seen, read.label, read.remark, in: studio)
      } else {
        try addValues(of: read.input, read.seen, read.label, read.remark, in: studio)
        try addMaps(of: read.input, read.seen, read.label, read.remark, in: studio)
      }
    }
    studio.report(failures)
  }

  /// Which picture it is, and its class among those of the data set.
  private struct Label {
    let source: String
    let label: Int?
    let classNames: [String]

    func arrays(_ values: [String: Tensor]) -> FigureArrays {
      FigureArrays(
        values.merging(["labels": Tensor([label])]) { $1 },
        names: ["files": .init([source]), "class_names": .init(classNames)])
    }
  }

  private func addMaps(
    of input: Tensor, _ seen: SeenExample, _ label: Label, _ remark: String?, in studio: Studio
  ) throws {
    let (network, source) = (studio.network, label.source)
    try forEachFinding(
      of: source, layers: layers.filter(network.hasPositions), layer: \.layer, in: studio,
      run: { try FeatureMapAnalysis().run(on: network, picture: input, layers: $0) }
    ) { finding, name in
      if !finding.maps.isFinite {
        studio.reportNonFinite(finding.layer, for: input, named: source)
      }
      try studio.add(
        featureMapFigure(
          of: finding, layer: studio.layer(finding.layer), seen: seen, source: source,
          scale: options.mapScale, order: options.order, units: units(of: finding, in: studio)
        ).remarking(remark), name: name, source: source
      ) {
        label.arrays(
          ["maps": finding.batch].merging(finding.places(in: network)) { $1 })
      }
    }
  }

  /// The units that are named; none if the figure chooses.
  private func units(of finding: FeatureMapFinding, in studio: Studio) throws -> [Int] {
    guard let selection else { return [] }
    let units = try studio.units(selection, of: finding.layer, ranked: finding.strongest)
    return selection.strongestCount != nil && options.order == .byUnit ? units.sorted() : units
  }

  private func addBlocks(
    of input: Tensor, _ seen: SeenExample, _ label: Label, _ remark: String?, in studio: Studio
  ) throws {
    let (network, source) = (studio.network, label.source)
    let fields = network.receptiveFields()
    for block in blocks {
      let name = "\(block[0])-block-\(pictureName(source))"
      if studio.resumes(name) { continue }
      let findings = try FeatureMapAnalysis().run(on: network, picture: input, layers: block)
      if let stray = findings.first(where: { !$0.maps.isFinite }) {
        studio.reportNonFinite(stray.layer, for: input, named: source)
      }
      let rows = findings.map { finding in
        FeatureBlockRow(
          finding, kind: network.graph[finding.layer]?.operation.kind ?? "",
          field: fields[finding.layer])
      }
      try studio.add(
        featureBlockFigure(
          of: rows, layer: studio.layer(block[0]), seen: seen, source: source,
          scale: options.mapScale, order: options.order,
          units: units(of: rows.decidingRow.finding, in: studio)
        ).remarking(remark), name: name, source: source
      ) {
        label.arrays(
          Dictionary(uniqueKeysWithValues: findings.map { ("maps/\($0.layer)", $0.batch) }))
      }
    }
  }

  /// Passes on the findings of those layers that an interrupted run has not drawn, and the name of
  /// each figure. All are computed at once, and only if there are any.
  private func forEachFinding<Finding>(
    of source: String, layers: [String], layer: KeyPath<Finding, String>, in studio: Studio,
    run: ([String]) throws -> [Finding], _ body: (Finding, _ name: String) throws -> Void
  ) throws {
    var findings: [String: Finding] = [:]
    for (position, name) in layers.enumerated() {
      let figure = "\(name)-\(pictureName(source))"
      if studio.resumes(figure) { continue }
      if findings.isEmpty {
        for finding in try run(Array(layers[position...])) {
          findings[finding[keyPath: layer]] = finding
        }
      }
      if let finding = findings[name] { try body(finding, figure) }
    }
  }

  /// The numbers of layers without maps.
  private func addValues(
    of input: Tensor, _ seen: SeenExample, _ label: Label, _ remark: String?, in studio: Studio
  ) throws {
    let (network, source) = (studio.network, label.source)
    let scores = network.hasClassScores ? network.graph.scoreName : nil
    try forEachFinding(
      of: source, layers: layers.filter { !network.hasPositions($0) }, layer: \.layer, in: studio,
      run: { try UnitValueAnalysis().run(on: network, picture: input, layers: $0) }
    ) { finding, name in
      if !finding.values.isFinite {
        studio.reportNonFinite(finding.layer, for: input, named: source)
      }
      let isStrongest = selection?.strongestCount != nil
      let units = try selection.map {
        try studio.units($0, of: finding.layer, ranked: finding.strongest)
      }
      try studio.add(
        unitValueFigure(
          of: finding, layer: studio.layer(finding.layer), seen: seen, source: source,
          units: units, isStrongest: isStrongest
        ) { finding.layer == scores ? studio.model.classNames.shortName($0) : nil }
        .remarking(remark),
        name: name, source: source
      ) { label.arrays(["values": finding.values]) }
    }
  }
}

extension Preprocessing {
  /// What the network sees of an example, as figures draw it.
  ///
  /// - Parameter input: The example's own.
  fileprivate func seen(_ example: Example, as input: Tensor) throws -> SeenExample {
    switch kind {
    case .picture: .picture(try displayed(example))
    case .series: .series(values(of: input))
    case .volume: .volume(values(of: input))
    }
  }
}

extension FeatureMapFinding {
  /// `samples` `[L']` of a series, or `frames` `[D']` of a volume: where the layer's positions are,
  /// counted from the middle of the first; nothing if they do not move along it.
  fileprivate func places(in network: Network) -> [String: Tensor] {
    guard maps.shape.rank != 3, let field = network.receptiveFields()[layer] else { return [:] }
    let places = (0..<maps.shape[1]).compactMap { field.place(of: $0) }
    guard places.count == maps.shape[1] else { return [:] }
    return [
      maps.shape.rank == 2 ? "samples" : "frames": Tensor(places.map { Float($0) })
    ]
  }

  /// The maps as a batch of one example, `[1, C, H, W]` of a picture.
  fileprivate var batch: Tensor { maps.reshaped(to: Shape([1] + maps.shape.extents)) }
}
