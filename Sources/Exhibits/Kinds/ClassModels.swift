internal import Analysis
public import ArgumentParser
internal import Datasets
internal import Drawing
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
  /// How many of such a network are drawn: the pictures' own, if there are pictures.
  private static let usualCount = 6

  /// If more of the pictures' values are clipped, they show little of what was found.
  private static let greatestClippedShare = 0.9

  private let analysis: ClassModelAnalysis
  /// Nil for those of the pictures.
  private let classes: [Int]?
  private let pictures: Pictures?
  private let classification: ClassificationScan?

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
    let count = model.classNames.count
    let all = (0..<count).spread(most: count > Self.mostClasses ? Self.usualCount : count)
    // Opened even if they decide nothing: a path that is wrong is an error.
    let found = try Self.pictures(options.images, in: studio)
    let pictures = given.isEmpty && count > Self.mostClasses ? found : nil
    self.pictures = pictures
    classification = pictures.map {
      ClassificationScan(network, label: $0.labels(in: model))
    }
    classes = pictures == nil ? (given.isEmpty ? all : given) : nil
  }

  /// Those that the options name; in a gallery, those that the checkpoint brings, too.
  private static func pictures(_ options: PictureOptions, in studio: Studio) throws -> Pictures? {
    if options.images != nil { return try studio.pictures(options).scanned }
    return studio.occasion == .gallery ? try? studio.pictures(options).scanned : nil
  }

  public var scan: PictureScan? {
    guard let pictures, let classification else { return nil }
    return PictureScan(pictures, [classification])
  }

  public func draw(into studio: Studio) throws {
    let (network, model) = (studio.network, studio.model)
    let classes = classes ?? classification.map { Self.usualClasses($0.finding) } ?? []
    let name = classes.count == 1 ? model.classNames[classes[0]] : "all"
    guard !classes.isEmpty, !studio.resumes(name) else { return }
    var details: [String: String] = [:]
    details["shift"] = analysis.shift.map(String.init)
    if analysis.contrast != 1 { details["contrast"] = "\(analysis.contrast)" }
    studio.settle()
    defer { studio.releaseIdle() }
    let time = TimeLeft()
    // The finished pictures are run once more, without a backward pass.
    let batch = try studio.batchSize(
      upTo: Studio.batchSize(for: network), on: nil, keeping: .forGradient(),
      beside: network.derivedWeightBytes(keeping: .only([])))
    let total = analysis.steps * ((classes.count + batch - 1) / batch)
    var done = 0
    var findings: [ClassModelFinding] = []
    for start in stride(from: 0, to: classes.count, by: batch) {
      let part = Array(classes[start..<min(start + batch, classes.count)])
      findings += analysis.run(on: network, classes: part) { _ in
        done += 1
        studio.reporter.progress(
          "class models", done, of: total, detail: time.text(done, of: total))
      }
    }
    let leftOut = findings.filter { $0.stoppedAt != nil }
    reportStopped(leftOut, of: findings.count, in: studio)
    findings.removeAll { $0.stoppedAt != nil }
    guard !findings.isEmpty else {
      guard studio.occasion == .gallery else { throw model.scoresNotFinite }
      return
    }
    let shown = PixelRange(of: model.preprocessing).map { range in
      stride(from: 0, to: findings.count, by: batch).flatMap { start in
        ShownPicture.all(
          of: Array(findings[start..<min(start + batch, findings.count)]), on: network,
          within: range)
      }
    }
    let models = findings.enumerated().map { index, finding in
      ClassModel(
        finding, image: model.preprocessing.picture(of: finding.image), shown: shown?[index])
    }
    if let share = shown.map({ $0.reduce(0) { $0 + $1.clippedShare } / Double($0.count) }),
      share > Self.greatestClippedShare
    {
      studio.reporter.warn(
        "\(percentText(share)) of the values of the class models lie outside the range of pixels, "
          + "and are clipped: a lower --rate or a greater --lambda keeps more of them")
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
      func column(_ value: (ShownPicture) -> Float?) -> Tensor {
        Tensor(analysed.map { $0.shown.flatMap(value) ?? .nan })
      }
      return FigureArrays(
        [
          "shown_scores": column(\.score), "shown_probabilities": column(\.probability),
          "clipped_shares": column { Float($0.clippedShare) },
          "images": Tensor(concatenatingRows: findings.map { $0.image.arranged(as: .rowMajor) }),
          "classes": Tensor(findings.map(\.classIndex)),
          "scores": Tensor(
            shape: [findings.count, findings[0].scores.count], findings.flatMap(\.scores)),
        ], names: ["class_names": names])
    }
  }

  /// Of a network of many classes: those of the pictures' labels, or else those that the network
  /// chooses for them, spread over them if there are too many; then others, spread over all.
  static func usualClasses(_ finding: ClassificationFinding) -> [Int] {
    let labels = finding.confusion.labels
    let chosen = finding.choices.indices.filter { finding.choices[$0] > 0 }
    let own = labels.isEmpty ? chosen : labels
    let shown = own.spread(most: usualCount)
    let others = (0..<finding.classCount).spread(most: usualCount).filter { !own.contains($0) }
    return shown + others.prefix(usualCount - shown.count)
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
      let mean =
        model.preprocessing.mean.contains { $0 != 0 } ? " with the training mean added" : ""
      return classModelFigure(
        of: models, classNames: names, analysis: analysis, model: model.name, leftOut: leftOut,
        scale: "shown as pixels\(mean), clipped to black and white")
    }
    return classModelFigure(
      of: models, classNames: names, analysis: analysis, model: model.name, leftOut: leftOut,
      scale: "shown as the mean of its \(channels) channels, from its lowest value to its highest")
  }
}
