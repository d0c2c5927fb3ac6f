internal import Analysis
public import ArgumentParser
internal import Datasets
public import Galleries
internal import Networks
internal import TensorCore

/// The pictures that maximize class scores.
public struct ClassModels: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions
    @OptionGroup public var classes: ClassOptions

    @Option(help: "Number of steps of gradient ascent.")
    public var steps = ClassModelAnalysis().steps

    @Option(help: "Root mean square of the first step, in the network's input units.")
    public var rate = ClassModelAnalysis().rate

    @Option(help: "Weight of the penalty on the image's squared norm.")
    public var lambda = ClassModelAnalysis().penalty

    @Option(
      help: "Shift the picture by up to N pixels before each step; by default 1/16 of its side.")
    public var shift: Int?

    public init() {}

    public func validate() throws {
      guard (0...100_000).contains(steps) else {
        throw ValidationError("--steps must be from 0 to 100,000, not \(steps)")
      }
      guard rate > 0, rate.isFinite, lambda >= 0, lambda.isFinite else {
        throw ValidationError("--rate must be positive and --lambda must not be negative")
      }
      guard (0...1000).contains(shift ?? 0) else {
        throw ValidationError("--shift must be from 0 to 1000, not \(shift ?? 0)")
      }
    }
  }

  public static let kind = FigureKind(
    "class-models", abstract: "Draw the picture that maximizes a class score.",
    heading: "Class models",
    explanation: "Pictures that maximize a class score, made from a blank image.",
    unitsHeading: "Classes",
    examples: [
      .init(
        "What a mug looks like to the network",
        "samples/objects.safetensors --classes mug --steps 400"),
      .init(
        "Four classes side by side, as a PDF for a paper",
        "samples/objects.safetensors --classes mug,car,chair,lamp --width 85mm --output classes.pdf"
      ),
    ])

  /// Of a network with more classes than this, not all are drawn unless they are asked for.
  private static let mostClasses = 12
  /// Of such a network, those that the pictures excite most, if there are pictures.
  private static let mostExcited = 6

  private let analysis: ClassModelAnalysis
  /// Nil for those that the pictures excite most.
  private let classes: [Int]?
  private let pictures: Pictures?
  private let scores: TopActivationScan?

  public init(_ options: Options, in studio: Studio) throws {
    try studio.needClassScores()
    let (network, model) = (studio.network, studio.model)
    var analysis = ClassModelAnalysis()
    analysis.steps = options.steps
    analysis.rate = options.rate
    analysis.penalty = options.lambda
    analysis.shift = options.shift
    analysis.shift = analysis.shift(on: network)
    analysis.seed = options.images.seed
    analysis.contrast = max(1, model.preprocessing.usualContrast)
    self.analysis = analysis
    let given = try options.classes.indices(in: model)
    let first = Array(0..<min(model.classNames.count, Self.mostClasses))
    // Opened even if they decide nothing: a path that is wrong is an error.
    let found = try Self.pictures(options.images, in: studio)
    let pictures = given.isEmpty && model.classNames.count > Self.mostClasses ? found : nil
    self.pictures = pictures
    scores = pictures.map { _ in TopActivationScan(network, layers: [network.graph.scoreName]) }
    classes = pictures == nil ? (given.isEmpty ? first : given) : nil
  }

  /// Those that the options name; in a gallery, those that the checkpoint brings, too.
  private static func pictures(_ options: PictureOptions, in studio: Studio) throws -> Pictures? {
    if options.images != nil { return try studio.pictures(options).scanned }
    return studio.occasion == .gallery ? try? studio.pictures(options).scanned : nil
  }

  public var scan: PictureScan? {
    guard let pictures, let scores else { return nil }
    return PictureScan(pictures, [scores])
  }

  public func draw(into studio: Studio) throws {
    let (network, model) = (studio.network, studio.model)
    let excited = scores?.findings().first?.strongestUnits(Self.mostExcited) ?? []
    let classes = classes ?? excited
    let name = classes.count == 1 ? model.classNames[classes[0]] : "all"
    guard !classes.isEmpty, !studio.resumes(name) else { return }
    var details: [String: String] = [:]
    details["shift"] = analysis.shift.map(String.init)
    if analysis.contrast != 1 { details["contrast"] = "\(analysis.contrast)" }
    studio.settle()
    defer { studio.releaseIdle() }
    let time = TimeLeft()
    let batch = try studio.batchSize(
      upTo: Studio.batchSize(for: network), on: nil, keeping: .forGradient())
    let total = analysis.steps * ((classes.count + batch - 1) / batch)
    var done = 0
    var models: [ClassModel] = []
    for start in stride(from: 0, to: classes.count, by: batch) {
      let part = Array(classes[start..<min(start + batch, classes.count)])
      models += analysis.run(on: network, classes: part) { _ in
        done += 1
        studio.reporter.progress(
          "class models", done, of: total, detail: time.text(done, of: total))
      }.map { ClassModel($0, image: model.preprocessing.picture(of: $0.image)) }
    }
    let leftOut = models.filter { $0.finding.stoppedAt != nil }.map(\.finding)
    reportStopped(leftOut, of: models.count, in: studio)
    models.removeAll { $0.finding.stoppedAt != nil }
    guard !models.isEmpty else {
      guard studio.occasion == .gallery else { throw model.scoresNotFinite }
      return
    }
    let analysed = models
    let names = model.classNames.arrayNames
    let unguided = models.filter(\.finding.isUnguided).map(\.finding.classIndex)
    if let first = unguided.first {
      studio.reporter.warn(
        "\(unguided.count) of \(models.count) class models are random, first that of "
          + "'\(model.classNames[first])': no pixel changes the score, \(usualCausesOfZeroGradients)"
      )
    }
    try studio.add(
      figure(models, of: model, leftOut: leftOut.map(\.classIndex)), name: name,
      details: details, seed: analysis.seed
    ) {
      let findings = analysed.map(\.finding)
      return FigureArrays(
        [
          "images": Tensor(concatenatingRows: findings.map { $0.image.arranged(as: .rowMajor) }),
          "classes": Tensor(findings.map(\.classIndex)),
          "scores": Tensor(
            shape: [findings.count, findings[0].scores.count], findings.flatMap(\.scores)),
        ], names: ["class_names": names])
    }
  }

  /// Says which class models there are none of, and where the first one stopped.
  private func reportStopped(
    _ findings: [ClassModelFinding], of count: Int, in studio: Studio
  ) {
    guard let first = findings.first, let step = first.stoppedAt else { return }
    let name = studio.model.classNames[first.classIndex]
    studio.reportNonFinite(
      studio.network.graph.scoreName, for: first.image, named: "class model of '\(name)'")
    studio.reporter.warn(
      "no class model of \(findings.count) of \(count) classes: from step \(step) on, the score of "
        + "'\(name)' or its gradient is not finite")
  }

  private func figure(
    _ models: [ClassModel], of model: Model, leftOut: [Int]
  ) -> CaptionedFigure {
    let (names, channels) = (model.classNames, model.preprocessing.input[0])
    guard !model.preprocessing.takesPictures else {
      return classModelFigure(
        of: models, classNames: names, analysis: analysis, model: model.name, leftOut: leftOut)
    }
    return classModelFigure(
      of: models, classNames: names, analysis: analysis, model: model.name, leftOut: leftOut,
      scale: "shown as the mean of its \(channels) channels, from its lowest value to its highest")
  }
}
