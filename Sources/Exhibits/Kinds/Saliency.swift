internal import Analysis
public import ArgumentParser
internal import Datasets
internal import Files
public import Galleries
internal import Networks
internal import TensorCore

/// Which pixels a class score of single pictures depends on.
public struct Saliency: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions

    @OptionGroup public var attribution: AttributionOptions

    @OptionGroup public var classes: ClassOptions

    @Option(help: "Number of top predictions to explain, instead of --classes; by default 1.")
    public var top: Int?

    @Option(help: "Number of pictures to draw; by default all that --limit allows, or 16.")
    public var pictures: Int?

    public init() {}

    public func validate() throws {
      if let top {
        guard (1...100).contains(top) else {
          throw ValidationError("--top must be from 1 to 100, not \(top)")
        }
        guard classes.classes == nil else {
          throw ValidationError("give either --top or --classes, not both")
        }
      }
      try checkCount(pictures, of: "--pictures")
      _ = try attribution.method(seed: images.seed)
    }
  }

  public static let kind = FigureKind(
    "saliency", abstract: "Draw which pixels a class score depends on.",
    heading: "Class saliency", explanation: "Which pixels a class score depends on.",
    examples: [
      .init(
        "Why the network says what it says of one photograph",
        "samples/objects.safetensors --images cat.jpg"),
      .init(
        "The three most probable classes of every picture by Grad-CAM, as PDF and PNG",
        "googlenet.onnx --preprocess caffe --images photographs --method grad-cam --top 3 --format pdf"
      ),
    ])
  public static let galleryArguments = ["--pictures=8"]
  /// `--classes` of a gallery names the class models; saliency explains the top prediction.
  public static let unsharedOptions: Set<String> = ["classes"]

  /// How many pictures are drawn if nothing is said.
  private static let usualCount = 16
  /// How many are drawn together on one sheet.
  private static let sheetCount = 8

  private let method: any AttributionMethod
  private let targets: [ScoreSelection]
  private let pictures: Pictures
  private let indices: [Int]
  private let isShareGiven: Bool

  public init(_ options: Options, in studio: Studio) throws {
    try studio.needClassScores()
    method = try options.attribution.method(seed: options.images.seed)
    do {
      try method.check(studio.network)
    } catch {
      throw UsageError("--method \(method.name): \(error)")
    }
    let classes = try options.classes.indices(in: studio.model)
    targets =
      classes.isEmpty
      ? (0..<min(options.top ?? 1, studio.network.classCount)).map { .choice($0) }
      : classes.map { .classIndex($0) }
    pictures = try studio.pictures(options.images).shown
    indices =
      if let count = options.pictures {
        try pictures.sample(count)
      } else if options.images.limit != nil {
        pictures.indices
      } else {
        try pictures.sample(Self.usualCount)
      }
    isShareGiven = options.pictures != nil
  }

  public func draw(into studio: Studio) throws {
    guard !indices.isEmpty else { return }
    studio.sayShare(indices.count, of: pictures, in: Self.kind, isGiven: isShareGiven)
    let (network, model) = (studio.network, studio.model)
    if let caveat = method.caveat(about: network) {
      // A remark begins with a small letter and has no full stop.
      studio.reporter.warn(caveat.prefix(1).lowercased() + caveat.dropFirst().dropLast())
    }
    let analysis = SaliencyAnalysis(method: method)
    let validRange = PixelRange(of: pictures.preprocessing)
    let known = model.classes(of: pictures.dataset)
    var sheet: [SaliencyExample] = []
    var sheetPictures: [Int] = []
    var zeros: (count: Int, first: String?) = (0, nil)
    var done = 0
    var leftOut = Set<Int>()
    defer { studio.releaseIdle() }
    let most = min(8, Studio.batchSize(for: network))
    let (first, largest) = (method.keep(in: network), method.largestKeep(in: network))
    // Runs with and without a backward pass arrange the weights differently.
    let otherRuns = first == largest ? 0 : network.derivedWeightBytes(keeping: first)
    let failures = try pictures.dataset.forEachBatch(
      of: try studio.batchSize(
        upTo: most, on: pictures, keeping: largest,
        beside: method.workBytes(pictures: most, in: network) + otherRuns),
      indices: indices,
      preprocessing: pictures.preprocessing
    ) { batch in
      let explained = analysis.batch(
        of: batch.images, in: network, indices: batch.indices, validRange: validRange)
      for (rank, target) in targets.enumerated() {
        studio.settle()
        let findings = analysis.run(on: explained, scores: batch.indices.map { _ in target })
        for (row, finding) in findings.enumerated() {
          let example = try pictures.dataset.example(at: batch.indices[row])
          if !finding.prediction.isFinite || !finding.map.isFinite {
            studio.reportNonFinite(
              network.graph.scoreName, for: batch.images.rows(row..<(row + 1)),
              named: example.source)
          }
          guard finding.prediction.isFinite else {
            leftOut.insert(batch.indices[row])
            continue
          }
          let shown = SaliencyExample(
            finding, picture: try pictures.preprocessing.displayed(example),
            source: example.source, trueClass: example.label.flatMap { known[$0] })
          if finding.isZero { zeros = (zeros.count + 1, zeros.first ?? example.source) }
          if rank == 0, sheet.count < Self.sheetCount {
            sheet.append(shown)
            sheetPictures.append(batch.indices[row])
          }
          try add(shown, pictures.preprocessing.displayRemark(of: example), to: studio)
        }
      }
      done += batch.indices.count
      studio.reporter.progress("saliency", done, of: indices.count)
    }
    studio.report(failures)
    if let first = zeros.first {
      let isOfLayer = method.settings.contains { $0.name == "layer" }
      studio.reporter.warn(
        "saliency is zero everywhere in \(zeros.count) of \(done * targets.count) maps, the first "
          + "of \(first): "
          + (isOfLayer
            ? "the weighted sum of the layer's maps is positive nowhere"
            : "no pixel changes the score, \(usualCausesOfZeroGradients)"))
    }
    if !leftOut.isEmpty {
      studio.reporter.warn(
        "no saliency for \(leftOut.count) of \(done) pictures: their class scores are not finite")
    }
    try addSheet(of: sheet, pictures.displayRemark(of: sheetPictures), to: studio)
    guard leftOut.count < done || studio.occasion == .gallery else { throw model.scoresNotFinite }
  }

  private func add(_ example: SaliencyExample, _ remark: String?, to studio: Studio) throws {
    // Figures of other classes, drawn later, do not replace these.
    let target = namesClasses ? "-class-\(example.finding.classIndex)" : ""
    let name = "\(method.figureName)-\(pictureName(example.source))\(target)"
    guard !studio.resumes(name) else { return }
    let (classNames, model) = (studio.model.classNames, studio.model.name)
    try studio.add(
      name: name, source: example.source,
      details: record(in: studio.network)
        .merging(["class": classNames[example.finding.classIndex]]) { $1 },
      seed: seed, trueClass: example.trueClass.map { classNames[$0] },
      predictions: example.predictionRecords(classNames),
      finding: { arrays(of: [example], classNames) }
    ) {
      saliencyFigure(of: example, classNames: classNames, model: model).remarking(remark)
    }
  }

  private func addSheet(
    of examples: [SaliencyExample], _ remark: String?, to studio: Studio
  ) throws {
    guard examples.count > 1 else { return }
    let model = studio.model
    let target =
      if targets.count == 1, namesClasses { "-class-\(examples[0].finding.classIndex)" } else { "" }
    let name = "sheet-\(method.figureName)\(target)"
    guard !studio.resumes(name) else { return }
    try studio.add(
      saliencySheet(of: examples, classNames: model.classNames, model: model.name)
        .remarking(remark)
        .remarking(
          targets.count > 1
            ? "Of the \(targets.count) classes of each picture, this is the first." : nil),
      name: name, source: pictures.name, details: record(in: studio.network), seed: seed
    ) { arrays(of: examples, model.classNames) }
  }

  /// Whether the figures' names say which class they are of: not if that is the top prediction.
  private var namesClasses: Bool {
    targets.count > 1 || targets.contains { if case .classIndex = $0 { true } else { false } }
  }

  /// Nil for methods without random numbers.
  private var seed: UInt64? {
    method.settings.first { $0.name == "seed" }.flatMap { UInt64($0.value) }
  }

  /// The method's parameters by their names, the usual values among them.
  private func record(in network: Network) -> [String: String] {
    var record = Dictionary(method.settings.map { ($0.name, $0.value) }) { first, _ in first }
    if let method = method as? any ClassActivationMethod {
      record["layer"] = try? network.mapLayer(method.layer)
    }
    return record
  }

  /// What reached the pixels, `[N, C, H, W]`, the class of each, the class that each picture is
  /// labelled with, and all `scores` and, if there are any, `probabilities`, `[N, classes]`.
  private func arrays(of examples: [SaliencyExample], _ classNames: ClassNames) -> FigureArrays {
    let attributions = examples.map { $0.finding.attribution.arranged(as: .rowMajor) }
    func table(_ value: (Prediction.Candidate) -> Float?) -> Tensor {
      let rows = examples.map { example in
        var row = [Float](repeating: .nan, count: classNames.count)
        for candidate in example.finding.prediction.candidates {
          row[candidate.index] = value(candidate) ?? .nan
        }
        return row
      }
      return Tensor(shape: [rows.count, classNames.count], rows.flatMap(\.self))
    }
    var tensors = [
      "attribution": Tensor(concatenatingRows: attributions),
      "classes": Tensor(examples.map(\.finding.classIndex)),
      "labels": Tensor(examples.map(\.trueClass)),
      "scores": table(\.score),
    ]
    if examples.contains(where: { $0.finding.prediction.function != .none }) {
      tensors["probabilities"] = table(\.probability)
    }
    return FigureArrays(
      tensors,
      names: ["files": .init(examples.map(\.source)), "class_names": classNames.arrayNames])
  }
}

extension AttributionMethod {
  /// The method with the parameters that are not the usual ones, so that figures with other
  /// parameters do not replace each other.
  var figureName: String {
    let usual = attributionMethods.first { $0.name == name }?.settings ?? []
    let own = settings.filter { !usual.contains($0) }
    // File names have neither pluses nor signs.
    let parts = own.map { "\($0.name)-\($0.value.replacing("-", with: "minus-"))" }
    return ([name.replacing("+", with: "-plus")] + parts).joined(separator: "-")
  }
}

extension Model {
  /// Why an exhibit of class scores ends without a figure.
  var scoresNotFinite: FileError {
    FileError(.malformed, path, "its class scores, or their gradients, are not finite")
  }
}
