internal import Analysis
public import ArgumentParser
internal import Datasets
internal import Files
public import Galleries
internal import Networks
internal import TensorCore

/// Whether features change alike when the same part is hidden in several pictures.
public struct Correspondence: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions

    @Option(
      help: ArgumentHelp(
        """
        A table of the parts' boxes, in pixels of the pictures' files, with the columns file, part, \
        left, top, right, bottom (or x, y, width, height); by default the parts of the pictures' \
        annotations, which scenes have.
        """, valueName: "file.csv"))
    public var parts: String?

    @Option(
      help: ArgumentHelp(
        """
        The class of the pictures; by default all that --parts marks, or of annotated ones the \
        class with most pictures.
        """, valueName: "class"))
    public var `class`: String?

    @Option(help: "Number of pictures; by default all that --parts marks, or 5.")
    public var pictures: Int?

    @Option(
      help: """
        Layers by name, separated by commas; by default the last convolution, rectified, and the \
        last hidden layer.
        """)
    public var layers: String?

    @OptionGroup public var occluder: OccluderOptions

    @Option(help: "How often random places are hidden instead of the parts.")
    public var draws = 10

    public init() {}

    public func validate() throws {
      try checkCount(pictures, of: "--pictures")
      if let pictures, pictures < 2 {
        throw ValidationError("--pictures must be at least 2, not \(pictures)")
      }
      try checkCount(draws, of: "--draws")
      guard draws <= 1000 else {
        throw ValidationError("--draws must be at most 1000, not \(draws)")
      }
      guard occluder.size == nil || parts == nil else {
        throw ValidationError("give either --size or --parts, which has boxes, not both")
      }
    }
  }

  public static let kind = FigureKind(
    "correspondence",
    abstract: "Draw whether hiding the same part of several pictures changes features alike.",
    heading: "Correspondence",
    explanation: "Whether hiding the same part of several pictures changes features alike.",
    examples: [
      .init(
        "The parts of the rendered objects that have most pictures", "samples/objects.safetensors"),
      .init(
        "Parts that are marked in photographs, at two layers",
        "alexnet.onnx --images dogs/ --parts eyes.csv --layers conv5,fc7"),
    ])
  /// It needs marked parts.
  public static let isUsual = false
  public static let fileOptions: Set<String> = ["parts"]

  /// As in the paper.
  private static let usualCount = 5

  private let parts: MarkedParts
  private let pictures: Pictures
  private let layers: [String]
  private let color: OccluderColor
  private let colorValues: [Float]
  private let draws: Int
  private let seed: UInt64
  /// Of the squares around points; nil for boxes of a table.
  private let side: Int?
  /// Where the boxes come from, for the name of the figure.
  private let name: String

  public init(_ options: Options, in studio: Studio) throws {
    let (network, model) = (studio.network, studio.model)
    let preprocessing = model.preprocessing
    guard network.graph.inputShape.rank == 3 else {
      throw ExhibitUnavailable("'\(model.name)' does not take pictures", isCommon: true)
    }
    color = try OccluderColor(options.occluder.color, for: preprocessing)
    colorValues = try color.values(in: preprocessing)
    if let patterns = options.layers {
      layers = try studio.layers(matching: patterns, for: .activations)
    } else {
      layers = network.lastLayers()
    }
    guard !layers.isEmpty else {
      throw ExhibitUnavailable("'\(model.name)' has no layer that depends on the pictures")
    }
    draws = options.draws
    seed = options.images.seed
    let sources = try studio.pictures(options.images)
    if let path = options.parts {
      let table = try PartTable(path, memory: model.memory)
      pictures = sources.shown
      parts = try MarkedParts(
        table, of: pictures, class: options.class, most: options.pictures, in: studio)
      side = nil
      name = baseName(path)
      return
    }
    let grid: OccluderGrid
    do {
      grid = try OccluderGrid(
        height: preprocessing.input[1], width: preprocessing.input[2], size: options.occluder.size)
    } catch {
      throw UsageError("--size: \(error)")
    }
    // A checkpoint that brings pictures may have been trained on others, which have annotations.
    let candidates =
      [sources.shown] + (sources.scanned.isSame(as: sources.shown) ? [] : [sources.scanned])
    var reason: (any Error)?
    for candidate in candidates {
      do {
        guard
          let found = try MarkedParts(
            annotationsOf: candidate, class: options.class,
            most: options.pictures ?? Self.usualCount, side: grid.size)
        else { continue }
        if options.class == nil, let name = found.className {
          studio.sayOnce(
            "correspondence: \(found.pictures.count) pictures of '\(name)'; --class and --pictures "
              + "change that")
        }
        (pictures, parts, side) = (candidate, found, grid.size)
        name = found.className ?? candidate.name
        return
      } catch let error where error is SelectionError || error is UsageError {
        reason = reason ?? error
      }
    }
    if let reason { throw reason }
    throw ExhibitUnavailable(
      "no part is marked in two pictures of \(candidates[candidates.count - 1].name)"
        + (options.class.map { " of class '\($0)'" } ?? "")
        + "; a table of boxes, --parts, marks them")
  }

  public func draw(into studio: Studio) throws {
    guard !studio.resumes(name) else { return }
    studio.settle()
    defer { studio.releaseIdle() }
    let network = studio.network
    var analysis = CorrespondenceAnalysis(
      network, layers: layers, color: colorValues, parts: parts.names, draws: draws)
    let together = try studio.batchSize(
      upTo: Studio.batchSize(for: network), on: pictures, keeping: analysis.keep,
      through: analysis.lastLayer,
      // The features of a batch are rearranged and copied.
      beside: analysis.heldBytes(pictures: parts.pictures.count)
        + 2 * Studio.batchSize(for: network) * studio.outputBytes(of: layers))
    let time = TimeLeft()
    let total = parts.pictures.reduce(0) { $0 + (draws + 1) * $1.boxes.count { $0 != nil } }
    var (done, failures) = (0, parts.failures)
    var used: [(picture: MarkedParts.Picture, random: [[HiddenBox?]], source: String)] = []
    for picture in parts.pictures {
      let random = randomPlaces(for: picture)
      let (input, source): (Tensor, String)
      do {
        let example = try pictures.dataset.example(at: picture.index)
        (input, source) = (try pictures.preprocessing.tensor(for: example), example.source)
      } catch let error as FileError {
        failures.append(error)
        continue
      }
      let stray = analysis.add(
        input, places: picture.boxes, random: random, together: together
      ) { hidden in
        studio.reporter.progress(
          "correspondence", done + hidden, of: total, detail: time.text(done + hidden, of: total))
      }
      done += (draws + 1) * picture.boxes.count { $0 != nil }
      if let stray {
        studio.reportNonFinite(stray, for: input, named: source)
        studio.reporter.warn("\(source) is left out: its features at '\(stray)' are not finite")
      } else {
        used.append((picture, random, source))
      }
    }
    studio.report(failures)
    let finding = analysis.finding
    guard finding.pictureCounts.contains(where: { $0 > 1 }) else {
      if used.isEmpty, let first = failures.first { throw first }
      throw UsageError(
        "correspondence: fewer than two pictures of \(pictures.name) are left that have a part in "
          + "common")
    }
    for line in lines(of: finding) { studio.reporter.say(line) }
    let shown = try used.map { item in
      MarkedPicture(
        try pictures.displayed(item.picture.index),
        name: baseNameWithExtension(pictureName(item.source)), parts: item.picture.boxes,
        random: item.random.first ?? [])
    }
    let figure = correspondenceFigure(
      of: finding, pictures: shown, layers: layers.map(studio.layer), className: parts.className,
      color: "\(color)", side: side, areInObject: used.allSatisfy { $0.picture.object != nil }
    ).remarking(try pictures.displayRemark(of: used.map(\.picture.index)))
    try studio.add(
      figure, name: name, source: pictures.name, details: record(of: finding, pictures: used.count),
      seed: seed
    ) { arrays(of: finding, used.map(\.source)) }
  }

  /// For each draw, a random place for each part that is marked.
  private func randomPlaces(for picture: MarkedParts.Picture) -> [[HiddenBox?]] {
    let input = pictures.preprocessing.input
    return (0..<draws).map { draw in
      picture.boxes.enumerated().map { part, box in
        var generator = SeededGenerator(seed: seed, path: draw, picture.index, part)
        return box?.moved(
          inHeight: input[1], width: input[2], within: picture.object, by: &generator)
      }
    }
  }

  // MARK: - Numbers

  /// What was chosen by itself, and each number of the table, by layer and part.
  private func record(
    of finding: CorrespondenceFinding, pictures count: Int
  ) -> [String: String] {
    var record = [
      "layers": layers.joined(separator: ","), "color": "\(color)",
      "part names": finding.parts.joined(separator: ","),
      "pictures": "\(count)",
    ]
    record["class"] = parts.className
    record["size"] = side.map { "\($0)" }
    for layer in finding.layers {
      for (name, part) in zip(finding.parts, layer.parts) {
        record["\(layer.name) \(name)"] = CSVRows.text(part.mean)
      }
      record["\(layer.name) random places"] = CSVRows.text(layer.randomMean)
    }
    return record
  }

  /// The table as text, one line for each layer.
  private func lines(of finding: CorrespondenceFinding) -> [String] {
    finding.layers.map { layer in
      let values =
        zip(finding.parts, layer.parts).map { name, part in
          "\(name) \(consistencyText(part.mean, part.deviation))"
        } + ["random places \(consistencyText(layer.randomMean, layer.randomDeviation))"]
      return "\(layer.name): " + values.joined(separator: ", ")
    }
  }

  /// For L layers, P parts and D draws: `means`, `deviations`, `sums` and `changed_shares` `[L, P]`;
  /// `random_means` `[L, D]`, over the parts; `random_part_means` `[L, D, P]`;
  /// `random_deviations` and `random_changed_shares` `[L]`; `feature_counts` `[L]` and
  /// `picture_counts` `[P]`.
  private func arrays(of finding: CorrespondenceFinding, _ files: [String]) -> FigureArrays {
    let (layers, count) = (finding.layers, finding.parts.count)
    func matrix(_ value: (CorrespondenceFinding.Consistency) -> Double) -> Tensor {
      Tensor(
        shape: [layers.count, count], layers.flatMap { $0.parts.map { Float(value($0)) } })
    }
    var table = CSVRows(columns: [
      "layer", "part", "draw", "pictures", "pairs", "features", "sum", "mean", "deviation",
      "changed_share",
    ])
    for layer in layers {
      for (draw, all) in ([layer.parts] + layer.random).enumerated() {
        for (part, own) in all.enumerated() {
          table.append([
            layer.name, finding.parts[part], draw == 0 ? "" : "\(draw)",
            "\(finding.pictureCounts[part])", "\(own.distances.count)", "\(own.featureCount)",
            "\(own.sum)", CSVRows.text(own.mean), CSVRows.text(own.deviation),
            CSVRows.text(own.changedShare),
          ])
        }
      }
    }
    return FigureArrays(
      [
        "means": matrix(\.mean), "deviations": matrix(\.deviation),
        "sums": matrix { Double($0.sum) }, "changed_shares": matrix(\.changedShare),
        "random_means": Tensor(
          shape: [layers.count, draws], layers.flatMap { $0.randomMeans.map { Float($0) } }),
        "random_part_means": Tensor(
          shape: [layers.count, draws, count],
          layers.flatMap { $0.random.joined().map { Float($0.mean) } }),
        "random_deviations": Tensor(layers.map { Float($0.randomDeviation) }),
        "random_changed_shares": Tensor(layers.map { Float($0.randomChangedShare) }),
        "feature_counts": Tensor(layers.map { Float($0.parts.first?.featureCount ?? 0) }),
        "picture_counts": Tensor(finding.pictureCounts.map { Float($0) }),
      ],
      names: [
        "files": .init(files), "layers": .init(layers.map(\.name)), "parts": .init(finding.parts),
      ], table: table)
  }
}
