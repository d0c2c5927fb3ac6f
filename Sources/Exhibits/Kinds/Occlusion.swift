internal import Analysis
public import ArgumentParser
internal import Datasets
internal import Files
public import Galleries
internal import Images
internal import Networks
internal import TensorCore

/// Which parts of single pictures a class and a layer's strongest map depend on.
public struct Occlusion: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions

    @OptionGroup public var occluder: OccluderOptions

    @Option(
      help: """
        Distance between neighbouring places of the square, in pixels; by default 10 at an input \
        of 224. The square's centre stays in the picture.
        """)
    public var stride: Int?

    @Option(
      help: """
        Layers whose strongest map is shown, separated by commas; * matches any characters; by \
        default the last with spatial extent.
        """)
    public var layers: String?

    @OptionGroup public var classes: ClassOptions

    @Option(
      help: "Number of pictures to draw; by default all that --limit allows, or 1; in a gallery 1.")
    public var pictures: Int?

    public init() {}

    public func validate() throws {
      try checkCount(stride, of: "--stride")
      try checkCount(pictures, of: "--pictures")
    }
  }

  public static let kind = FigureKind(
    "occlusion",
    abstract: "Draw what hiding parts of a picture does to a class and to a layer's strongest map.",
    heading: "Occlusion",
    explanation: "What hiding parts of a picture does to a class and to a layer's strongest map.",
    examples: [
      .init(
        "Which parts of a photograph its class depends on",
        "samples/objects.safetensors --images cat.jpg"),
      .init(
        "A smaller square in smaller steps, for a class and two layers",
        "samples/objects.safetensors --size 8 --stride 2 --classes mug --layers relu2,relu4"),
    ])
  /// Hundreds of runs for each picture.
  public static let isUsual = false
  /// `--classes` of a gallery names the class models; occlusion is of each picture's own class.
  public static let unsharedOptions: Set<String> = ["classes"]

  private let analysis: OcclusionAnalysis
  private let color: OccluderColor
  private let classes: [Int]
  private let pictures: Pictures
  private let count: Int
  private let isCountGiven: Bool

  public init(_ options: Options, in studio: Studio) throws {
    let (network, model) = (studio.network, studio.model)
    if options.classes.classes != nil { try studio.needClassScores() }
    classes = try options.classes.indices(in: model)
    let preprocessing = model.preprocessing
    color = try OccluderColor(options.occluder.color, for: preprocessing)
    let grid: OccluderGrid
    do {
      grid = try OccluderGrid(
        height: preprocessing.input[1], width: preprocessing.input[2], size: options.occluder.size,
        stride: options.stride)
    } catch {
      throw UsageError(
        "\(options.stride == nil ? "--size" : options.occluder.size == nil ? "--stride" : "--size, --stride"): "
          + "\(error)")
    }
    let layers: [String]
    if let patterns = options.layers {
      layers = try studio.layers(matching: patterns, for: .maps)
    } else {
      do {
        layers = [try network.mapLayer(nil)]
      } catch {
        throw ExhibitUnavailable("'\(model.name)': \(error)")
      }
    }
    analysis = OcclusionAnalysis(
      grid: grid, color: try color.values(in: preprocessing), layers: layers)
    pictures = try studio.pictures(options.images).shown
    // In a gallery, --limit is that of the exhibits that look at many pictures.
    let limit = studio.occasion == .single ? options.images.limit : nil
    count = options.pictures ?? limit ?? 1
    isCountGiven = options.pictures != nil || limit != nil
  }

  public func draw(into studio: Studio) throws {
    studio.sayShare(count, of: pictures, in: Self.kind, isGiven: isCountGiven)
    studio.settle()
    defer { studio.releaseIdle() }
    let network = studio.network
    let (first, others) = (
      analysis.keepUnoccluded(in: network), analysis.keepOccluded(in: network)
    )
    // Runs with and without a backward pass arrange the weights differently.
    _ = try studio.batchSize(
      upTo: 1, on: pictures, keeping: first,
      beside: network.derivedWeightBytes(keeping: others))
    let together = try studio.batchSize(
      upTo: Studio.batchSize(for: network), on: pictures, keeping: others,
      beside: network.derivedWeightBytes(keeping: first))
    let total = count(of: pictures) * analysis.grid.count
    let time = TimeLeft()
    let known = studio.model.classes(of: pictures.dataset)
    var (done, leftOut) = (0, 0)
    let failures = try pictures.forEachReadable(count) { index in
      let example = try pictures.dataset.example(at: index)
      return (
        example: example, input: try pictures.preprocessing.tensor(for: example),
        picture: try displayed(example),
        trueClass: example.label.flatMap { known.indices.contains($0) ? known[$0] : nil }
      )
    } _: { read in
      defer { done += 1 }
      let name = pictureName(read.example.source)
      let finished = classes.isEmpty ? [name] : classes.map { "\(name)-class-\($0)" }
      guard !studio.resumesAll(finished) else { return }
      let finding = analysis.run(
        on: network, picture: read.input, targets: targets(read.trueClass, in: network),
        together: together
      ) { positions in
        let all = done * analysis.grid.count + positions
        studio.reporter.progress(
          "occlusion", all, of: total, detail: time.text(all, of: total))
      }
      if finding.prediction?.isFinite == false {
        leftOut += 1
        return studio.reportNonFinite(
          network.graph.scoreName, for: read.input, named: read.example.source)
      }
      let shown = OcclusionExample(
        finding, picture: read.picture, source: read.example.source, trueClass: read.trueClass,
        colorName: "\(color)",
        isBlueFirst: pictures.preprocessing.channelOrder == .bgr)
      try add(shown, pictures.preprocessing.displayRemark(of: read.example), to: studio)
    }
    studio.report(failures)
    if leftOut > 0 {
      studio.reporter.warn(
        "no occlusion for \(leftOut) of \(done) pictures: their class scores are not finite")
    }
    guard leftOut < done || studio.occasion == .gallery else {
      throw studio.model.scoresNotFinite
    }
  }

  private func count(of pictures: Pictures) -> Int { min(count, pictures.count) }

  /// The classes that were asked for; else the picture's own class if it is known, or the network's
  /// first choice.
  private func targets(_ trueClass: Int?, in network: Network) -> [ScoreSelection] {
    guard network.hasClassScores else { return [] }
    return classes.isEmpty
      ? [trueClass.map { .classIndex($0) } ?? .choice(0)] : classes.map { .classIndex($0) }
  }

  /// The picture with the square in the first place where most of it is in the picture.
  private func displayed(_ example: Example) throws -> Image {
    let (grid, preprocessing) = (analysis.grid, pictures.preprocessing)
    func visible(_ position: Int) -> Int {
      let square = grid.square(at: position)
      return square.rows.clamped(to: 0..<preprocessing.input[1]).count
        * square.columns.clamped(to: 0..<preprocessing.input[2]).count
    }
    let place = (0..<grid.count).max { (visible($0), -$0) < (visible($1), -$1) } ?? 0
    let occluded = analysis.occluded(
      try preprocessing.tensor(for: example), at: place..<(place + 1))
    guard case .array = example.content else {
      let square = grid.square(at: place)
      let hidden = preprocessing.picture(of: occluded)
      return try preprocessing.displayed(example)
        .replacing(rows: square.rows, columns: square.columns, from: hidden)
    }
    let values = occluded.reshaped(to: Shape(Array(occluded.shape.extents.dropFirst())))
    return try preprocessing.displayed(
      Example(.array(values), label: nil, source: example.source))
  }

  private func add(
    _ example: OcclusionExample, _ remark: String?, to studio: Studio
  ) throws {
    let (classNames, model) = (studio.model.classNames, studio.model.name)
    let finding = example.finding
    let responses = finding.classes.isEmpty ? [nil] : finding.classes.map(Optional.some)
    for response in responses {
      var name = pictureName(example.source)
      // Figures of other classes, drawn later, do not replace these.
      if !classes.isEmpty, let response { name += "-class-\(response.classIndex)" }
      if studio.resumes(name) { continue }
      try studio.add(
        name: name, source: example.source, details: record(response, finding, classNames),
        trueClass: example.trueClass.map { classNames[$0] },
        finding: { arrays(of: example, response, classNames) }
      ) {
        occlusionFigure(
          of: example, showing: response, classNames: classNames, model: model
        ).remarking(remark)
      }
    }
  }

  /// What was chosen by itself, among the rest.
  private func record(
    _ response: OcclusionFinding.ClassResponse?, _ finding: OcclusionFinding,
    _ classNames: ClassNames
  ) -> [String: String] {
    var record = [
      "size": "\(finding.grid.size)", "stride": "\(finding.grid.stride)", "color": "\(color)",
      "layers": finding.maps.map(\.layer).joined(separator: ","),
      "maps": finding.maps.map { "\($0.unit)" }.joined(separator: ","),
    ]
    record["class"] = response.map { classNames[$0.classIndex] }
    return record
  }

  /// `rows` and `columns`, the square's centres in pixels; for each of L layers `layers`, `units`
  /// `[L]`, `total_activations` `[L, rows, columns]`, `unoccluded_activations` `[L]` and
  /// `projections` `[L, C, H, W]`; and of networks with class scores `classes` `[1]`,
  /// `probabilities` (or `scores`) and `choices`, `[rows, columns]`, and
  /// `unoccluded_probabilities` (or `unoccluded_scores`) `[1]`.
  private func arrays(
    of example: OcclusionExample, _ response: OcclusionFinding.ClassResponse?,
    _ classNames: ClassNames
  ) -> FigureArrays {
    let (finding, grid) = (example.finding, example.finding.grid)
    let shape = Shape([grid.firstRows.count, grid.firstColumns.count])
    func stacked(_ tensors: [Tensor]) -> Tensor {
      Tensor(concatenatingRows: tensors.map { $0.reshaped(to: Shape([1] + $0.shape.extents)) })
    }
    var tensors = [
      "rows": Tensor(grid.rowCenters.map(Float.init)),
      "columns": Tensor(grid.columnCenters.map(Float.init)),
      "units": Tensor(finding.maps.map(\.unit)),
      "total_activations": stacked(finding.maps.map(\.totals)),
      "unoccluded_activations": Tensor(finding.maps.map(\.unoccluded)),
      "projections": Tensor(concatenatingRows: finding.maps.map(\.projection)),
      "labels": Tensor([example.trueClass]),
    ]
    if let response {
      let hasProbabilities = finding.prediction?.function != ProbabilityFunction.none
      let kind = hasProbabilities ? "probabilities" : "scores"
      tensors["classes"] = Tensor([response.classIndex])
      tensors[kind] = response.values
      tensors["unoccluded_\(kind)"] = Tensor([response.unoccluded])
      tensors["choices"] = Tensor(finding.choices).reshaped(to: shape)
    }
    return FigureArrays(
      tensors,
      names: [
        "files": .init([example.source]), "layers": .init(finding.maps.map(\.layer)),
        "class_names": classNames.arrayNames,
      ], table: table(of: finding, response, classNames))
  }

  /// A row for each place of the square.
  private func table(
    of finding: OcclusionFinding, _ response: OcclusionFinding.ClassResponse?,
    _ classNames: ClassNames
  ) -> CSVRows {
    let grid = finding.grid
    let hasProbabilities = finding.prediction?.function != ProbabilityFunction.none
    let value = hasProbabilities ? "probability" : "score"
    var table = CSVRows(
      columns: ["row", "column"] + (response == nil ? [] : ["class", value, "choice"])
        + finding.maps.map { "total_activation \($0.layer)" })
    let values = response?.values.elements ?? []
    let totals = finding.maps.map(\.totals.elements)
    for place in 0..<grid.count {
      let columns = grid.firstColumns.count
      var cells = [grid.rowCenters[place / columns], grid.columnCenters[place % columns]]
        .map(CSVRows.text)
      if let response {
        cells += [
          classNames[response.classIndex], CSVRows.text(Double(values[place])),
          finding.choices[place].map { classNames[$0] } ?? "",
        ]
      }
      table.append(cells + totals.map { CSVRows.text(Double($0[place])) })
    }
    return table
  }
}
