internal import Analysis
public import ArgumentParser
internal import Datasets
internal import Files
public import Galleries
internal import Images
internal import Networks
internal import TensorCore

/// Which pixels layers can depend on, and which they do depend on.
public struct ReceptiveFields: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions

    @Option(
      help: """
        Layers by name, separated by commas; * matches any characters; by default those of the \
        feature maps.
        """)
    public var layers: String?

    @Option(
      help: """
        Units whose mean effective field is drawn: numbers and ranges separated by commas \
        ('0,5,8-15'), or even:16 for 16 spread evenly over the layer; by default all.
        """)
    public var units: String?

    @Option(
      help: """
        Number of pictures over which squared gradients are averaged; by default all that --limit \
        allows, or 16.
        """)
    public var pictures: Int?

    public init() {}

    public func validate() throws {
      try checkCount(pictures, of: "--pictures")
      do {
        _ = try selection()
      } catch let error as UsageError {
        throw ValidationError(error.description)
      }
    }

    /// Nil if no units are named.
    fileprivate func selection() throws -> UnitSelection? {
      let selection: UnitSelection?
      do {
        selection = try units.map { text throws(SelectionError) in try UnitSelection(text) }
      } catch {
        throw UsageError("--units: \(error)")
      }
      guard selection?.strongestCount == nil, selection?.selectiveCount == nil else {
        throw UsageError(
          "--units: expected numbers, ranges or even:16, found '\(units ?? "")': a receptive field "
            + "has no order of units")
      }
      return selection
    }
  }

  public static let kind = FigureKind(
    "receptive-field",
    abstract: "Draw which pixels a layer's units can depend on, and which they do depend on.",
    heading: "Receptive fields",
    explanation: "Which pixels a layer's units can depend on, and which they do depend on.",
    examples: [
      .init(
        "The theoretical and the effective field of each stage, with a table of their sizes",
        "samples/objects.safetensors"),
      .init(
        "Those of every ReLU, measured with 64 pictures, with the numbers as tables",
        "samples/objects.safetensors --layers 'relu*' --pictures 64 --arrays csv"),
    ])
  public static let galleryArguments = ["--pictures=8"]
  /// `--units` of a gallery says which maps and patches are drawn.
  public static let unsharedOptions: Set<String> = ["units"]

  private static let usualCount = 16

  private let layers: [String]
  private let units: [String: [Int]]
  private let stacks: [ConvolutionStack]
  private let pictures: Pictures
  private let indices: [Int]
  private let isCountGiven: Bool
  private let seed: UInt64

  public init(_ options: Options, in studio: Studio) throws {
    let network = studio.network
    guard network.graph.inputShape.rank == 3 else {
      throw ExhibitUnavailable("'\(studio.model.name)' does not take pictures", isCommon: true)
    }
    if let names = options.layers, studio.occasion == .single {
      layers = try studio.layers(matching: names, for: .maps)
    } else {
      // Those of a gallery may be layers of any kind.
      let names =
        try options.layers.map { try studio.layers(matching: $0, for: .activations) }
        ?? network.featureLayers()
      layers = names.filter { network.obstacle(to: .maps, at: $0) == nil }
    }
    guard !layers.isEmpty else {
      throw ExhibitUnavailable(
        "no layer of '\(studio.model.name)' that is shown has maps of more than one position",
        isCommon: true)
    }
    let selection = try options.selection()
    var units: [String: [Int]] = [:]
    if let selection {
      try selection.check(layers, in: network) { _ in nil }
      for layer in layers { units[layer] = try studio.units(selection, of: layer, ranked: []) }
    }
    self.units = units
    stacks = network.convolutionStacks()
    pictures = try studio.pictures(options.images).shown
    indices = try pictures.sample(
      options.pictures ?? options.images.limit ?? Self.usualCount)
    isCountGiven = options.pictures != nil || options.images.limit != nil
    seed = options.images.seed
  }

  public func draw(into studio: Studio) throws {
    let tables = ["table"] + (stacks.isEmpty ? [] : ["stacks"])
    guard !(layers + tables).allSatisfy(studio.resumes) else { return }
    studio.sayShare(indices.count, of: pictures, in: Self.kind, isGiven: isCountGiven)
    let (findings, first) = try measured(in: studio)
    let known = findings.filter { $0.pictureCount > 0 }
    guard let first, !known.isEmpty else {
      let reason = "no receptive fields of \(pictures.name): gradients are not finite"
      guard studio.occasion == .gallery else {
        throw FileError(.malformed, studio.model.path, reason)
      }
      return studio.reporter.warn(reason)
    }
    for finding in findings where finding.nonFiniteCount > 0 {
      studio.reporter.warn(
        "receptive field of \(finding.layer): \(finding.nonFiniteCount) of "
          + "\(finding.pictureCount + finding.nonFiniteCount) pictures are left out: their "
          + "gradients are not finite")
    }
    let example = try pictures.dataset.example(at: first)
    let picture = try pictures.preprocessing.displayed(example)
    let remark = try pictures.preprocessing.displayRemark(of: example)
    for finding in known {
      let layer = studio.layer(finding.layer)
      if finding.box == nil {
        studio.reporter.warn(
          "no effective receptive field of \(finding.layer): no pixel changes the centre of its "
            + "maps, as when all units are inactive there (dead ReLUs) or saturated")
      }
      guard !studio.resumes(finding.layer) else { continue }
      try studio.add(
        name: finding.layer, source: example.source, details: record(of: finding), seed: seed,
        finding: { arrays(of: finding, example.source) }
      ) {
        receptiveFieldFigure(of: finding, layer: layer, picture: picture, source: example.source)
          .remarking(remark)
      }
    }
    guard !studio.takesOneFigure || known.count > 1 else { return }
    try addTables(of: known, to: studio)
  }

  /// The findings of all layers, and the first picture that could be read.
  private func measured(
    in studio: Studio
  ) throws -> (findings: [EffectiveFieldFinding], first: Int?) {
    let network = studio.network
    studio.settle()
    defer { studio.releaseIdle() }
    var analysis = EffectiveFieldAnalysis(network, layers: layers, units: units, seed: seed)
    let most = min(8, Studio.batchSize(for: network))
    let batchSize = try studio.batchSize(
      upTo: most, on: pictures, keeping: analysis.keep, through: analysis.last,
      beside: analysis.workBytes(pictures: most))
    let time = TimeLeft()
    let total = indices.count * layers.count
    var done = 0
    var first: Int?
    let failures = try pictures.dataset.forEachBatch(
      of: batchSize, indices: indices, preprocessing: pictures.preprocessing
    ) { batch in
      first = first ?? batch.indices.first
      let stray = analysis.add(batch.images, indices: batch.indices) { finished in
        let all = done + finished * batch.indices.count
        studio.reporter.progress(
          "receptive fields", all, of: total, detail: time.text(all, of: total))
      }
      done += layers.count * batch.indices.count
      if let stray {
        studio.reportNonFinite(
          stray.layer, for: batch.images.rows(stray.row..<(stray.row + 1)),
          named: try pictures.sourceName(of: batch.indices[stray.row]))
      }
    }
    studio.report(failures)
    return (analysis.findings, first)
  }

  private func addTables(of findings: [EffectiveFieldFinding], to studio: Studio) throws {
    let (network, model) = (studio.network, studio.model.name)
    if !studio.resumes("table") {
      let rows = findings.map { finding in
        ReceptiveFieldRow(
          finding, layer: studio.layer(finding.layer), own: network.cost(of: finding.layer),
          total: network.cost(upTo: finding.layer))
      }
      try studio.add(
        receptiveFieldTable(of: rows), name: "table", source: pictures.name, seed: seed
      ) { tableArrays(of: rows) }
    }
    guard !stacks.isEmpty, !studio.resumes("stacks") else { return }
    try studio.add(convolutionStackTable(of: stacks, model: model), name: "stacks") {
      stackArrays()
    }
  }

  /// What was measured, in words.
  private func record(of finding: EffectiveFieldFinding) -> [String: String] {
    func text(_ numbers: [Int], _ separator: String = "x") -> String {
      numbers.map(String.init).joined(separator: separator)
    }
    return [
      "pictures": "\(finding.pictureCount)", "position": text(finding.position, ","),
      "field": text(finding.field.size), "stride": text(finding.field.stride),
      "offset": text(finding.field.start, ","),
      "effective": finding.box.map { text([$0.rows.count, $0.columns.count]) } ?? "none",
    ]
  }

  /// `gradient` `[H, W]`, the root of the mean squared gradient; `field` and, unless it is zero
  /// everywhere, `box` `[4]`, the first row and column and those after the last, of which those of
  /// the field may be outside the picture; `position` `[2]`, row and column in the maps; `units`.
  private func arrays(of finding: EffectiveFieldFinding, _ source: String) -> FigureArrays {
    func corners(_ ranges: [Range<Int>]) -> Tensor {
      Tensor((ranges.map(\.lowerBound) + ranges.map(\.upperBound)).map { Float($0) })
    }
    var tensors = [
      "gradient": finding.gradient, "field": corners(finding.pixels),
      "position": Tensor(finding.position.map { Float($0) }), "units": Tensor(finding.units),
      "pictures": Tensor(indices),
    ]
    tensors["box"] = finding.box.map { corners([$0.rows, $0.columns]) }
    return FigureArrays(
      tensors, names: ["files": .init([source]), "layers": .init([finding.layer])])
  }

  /// Of L layers, `sizes`, `strides`, `offsets` and `effective_sizes` `[L, 2]`, and `shares`,
  /// `outside_shares`, `parameters`, `multiply_adds`, `total_parameters` and `total_multiply_adds`
  /// `[L]`.
  private func tableArrays(of rows: [ReceptiveFieldRow]) -> FigureArrays {
    func pairs(_ value: (EffectiveFieldFinding) -> [Int]?) -> Tensor {
      Tensor(
        shape: [rows.count, 2],
        rows.flatMap { row in value(row.finding)?.map { Float($0) } ?? [.nan, .nan] })
    }
    func numbers(_ value: (ReceptiveFieldRow) -> Double?) -> Tensor {
      Tensor(rows.map { value($0).map { Float($0) } ?? .nan })
    }
    var table = CSVRows(columns: [
      "layer", "rows", "columns", "row_stride", "column_stride", "first_row", "first_column",
      "effective_rows", "effective_columns", "share", "outside_share", "parameters",
      "multiply_adds", "total_parameters", "total_multiply_adds",
    ])
    for row in rows {
      let (finding, field) = (row.finding, row.finding.field)
      let box = finding.box.map { ["\($0.rows.count)", "\($0.columns.count)"] } ?? ["", ""]
      let shares = [finding.boxShare ?? .nan, finding.outsideShare]
      let costs = [row.own, row.total].flatMap { [$0.parameters, $0.multiplyAdds] }
      var values = [finding.layer]
      values += (field.size + field.stride + field.start).map(String.init)
      values += box
      values += shares.map(CSVRows.text)
      values += costs.map(String.init)
      table.append(values)
    }
    return FigureArrays(
      [
        "sizes": pairs(\.field.size), "strides": pairs(\.field.stride),
        "offsets": pairs(\.field.start),
        "effective_sizes": pairs { $0.box.map { [$0.rows.count, $0.columns.count] } },
        "shares": numbers(\.finding.boxShare), "outside_shares": numbers(\.finding.outsideShare),
        "parameters": numbers { Double($0.own.parameters) },
        "multiply_adds": numbers { Double($0.own.multiplyAdds) },
        "total_parameters": numbers { Double($0.total.parameters) },
        "total_multiply_adds": numbers { Double($0.total.multiplyAdds) },
      ], names: ["layers": .init(rows.map(\.finding.layer))], table: table)
  }

  /// Of S stacks, `windows` and `dilations` `[S, 2]` of the single filters; `taps` and
  /// `single_taps` `[S]`, NaN where filters have groups; `weights` and `single_weights` `[S]`.
  private func stackArrays() -> FigureArrays {
    func numbers(_ value: (ConvolutionStack) -> Int?) -> Tensor { Tensor(stacks.map(value)) }
    func pairs(_ value: (ConvolutionStack) -> [Int]) -> Tensor {
      Tensor(shape: [stacks.count, 2], stacks.flatMap { value($0).map { Float($0) } })
    }
    var table = CSVRows(columns: [
      "layers", "filters", "rows", "columns", "row_dilation", "column_dilation", "groups", "taps",
      "single_taps", "weights", "single_weights",
    ])
    for stack in stacks {
      let filters = stack.filters.map { "\($0.window[0])x\($0.window[1])" }
      let taps = stack.taps.map { ["\($0.stack)", "\($0.single)"] } ?? ["", ""]
      var values = [
        stack.filters.map(\.layer).joined(separator: " "), filters.joined(separator: " "),
      ]
      values += (stack.window + stack.dilation + [stack.groups]).map(String.init)
      values += taps
      values += [stack.weights, stack.singleWeights].map(String.init)
      table.append(values)
    }
    return FigureArrays(
      [
        "windows": pairs(\.window), "dilations": pairs(\.dilation),
        "taps": numbers { $0.taps?.stack }, "single_taps": numbers { $0.taps?.single },
        "weights": numbers { $0.weights }, "single_weights": numbers { $0.singleWeights },
      ],
      names: [
        "first_layers": .init(stacks.map { $0.filters.first?.layer ?? "" }),
        "last_layers": .init(stacks.map { $0.filters.last?.layer ?? "" }),
      ], table: table)
  }
}
