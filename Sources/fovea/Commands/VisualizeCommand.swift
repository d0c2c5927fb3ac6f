import Analysis
import ArgumentParser
import Galleries
import Networks
import TensorCore

struct VisualizeCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "visualize",
    abstract: "Draw the whole gallery of a checkpoint.",
    discussion: """
      Filters, feature maps, top patches, an embedding, saliency maps and class models, and a \
      page that shows them all. --classes selects the class models; saliency explains the top \
      prediction. An earlier gallery is replaced once the new one is complete.
      """)

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var layers: LayerOptions

  @Option(
    help: """
      Only these kinds of figures, separated by commas: \
      \(FigureKind.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  var only: String?

  @Option(help: "How saliency explains the class score: see fovea saliency --help.")
  var method = "gradient"

  @OptionGroup var classes: ClassOptions

  @Option(help: "Number of pictures to show feature maps of.")
  var featurePictures = 2

  @Option(help: "Number of pictures to show saliency of.")
  var saliencyPictures = 8

  @OptionGroup var ascent: AscentOptions

  @Flag(help: "Keep the finished figures of an interrupted run.")
  var resume = false

  @OptionGroup var output: OutputOptions

  /// More pictures than this are sampled, unless a limit says otherwise.
  static let usualLimit = 10_000

  func mode(of model: Model) throws -> GalleryWriter.Mode {
    .replacing(
      configuration: try model.circumstances(
        of: try decisiveOptions, try needsPictures ? pictures : nil), resumes: resume)
  }

  /// The options that decide what is drawn of the network and its pictures.
  private var decisiveOptions: [String] {
    get throws {
      [
        try kinds().map(\.rawValue).sorted().joined(separator: ","), "\(layers)", "\(classes)",
        "\(ascent)", method, "\(featurePictures)", "\(saliencyPictures)",
        "\(pictures.seed)", "\(output.arrays)",
      ]
    }
  }

  private var needsPictures: Bool {
    get throws {
      try !kinds().isDisjoint(with: [.features, .patches, .embedding, .saliency])
    }
  }

  func validate() throws {
    guard featurePictures >= 0, saliencyPictures >= 0 else {
      throw ValidationError(
        "--feature-pictures and --saliency-pictures must be 0 or more, not "
          + "\(min(featurePictures, saliencyPictures))")
    }
    _ = try AttributionOptions.method(method, seed: pictures.seed)
    do {
      _ = try kinds()
    } catch let error as UsageError {
      throw ValidationError(error.description)
    }
  }

  private func kinds() throws -> Set<FigureKind> {
    guard let only else { return Set(FigureKind.allCases) }
    var kinds: Set<FigureKind> = []
    for name in try namePatterns(only, of: "--only") {
      guard let kind = FigureKind(rawValue: name) else {
        throw UsageError(
          "--only: no kind '\(name)'"
            + suggestion(for: name, among: FigureKind.allCases.map(\.rawValue)))
      }
      kinds.insert(kind)
    }
    return kinds
  }

  func render(_ studio: Studio) throws {
    let kinds = try kinds()
    let network = studio.network
    let featureLayers = try layers.names(
      in: studio, usual: network.featureLayers(), for: .activations)
    let needsPictures = !kinds.isDisjoint(with: [.features, .patches, .embedding, .saliency])
    let sources =
      needsPictures ? try studio.pictures(pictures, usualLimit: Self.usualLimit) : nil

    try studio.check(
      layers,
      (kinds.contains(.filters) ? studio.filterLayers(of: featureLayers) : [])
        + (kinds.isDisjoint(with: [.features, .patches]) ? [] : featureLayers)
        + (kinds.contains(.patches) ? patchScores(network, featureLayers) : []))
    let hasScores = network.hasClassScores
    let explaining = try AttributionOptions.method(method, seed: pictures.seed)
    if kinds.contains(.saliency), hasScores { try studio.check(explaining) }
    let given =
      kinds.contains(.classModels) && hasScores ? try classes.indices(in: studio.model) : []
    if kinds.contains(.filters) {
      try studio.addFilters(studio.filterLayers(of: featureLayers), units: layers, scale: nil)
    }
    if !hasScores, !kinds.isDisjoint(with: [.saliency, .classModels]) {
      studio.console.warn("no saliency and no class models: \(studio.missingScores)")
    }
    var excited: [Int] = []
    if let sources {
      excited = try renderPictures(studio, sources, kinds, featureLayers)
    }
    if kinds.contains(.classModels), hasScores {
      let first = Array(0..<min(studio.model.classNames.count, Studio.mostClasses))
      let usual = studio.model.classNames.count > Studio.mostClasses ? excited : first
      try studio.addClassModels(
        given.isEmpty ? (usual.isEmpty ? first : usual) : given,
        ascent.analysis(seed: pictures.seed), options: ascent.texts)
    }
    if kinds.contains(.curves) { try studio.addCurves() }
  }

  /// The class scores, whose patches are shown beside those of the usual layers.
  private func patchScores(_ network: Network, _ featureLayers: [String]) -> [String] {
    layers.layers == nil && network.hasClassScores
      && !featureLayers.contains(network.graph.scoreName)
      ? [network.graph.scoreName] : []
  }

  /// - Returns: The classes that the pictures excite most, where that was looked at.
  private func renderPictures(
    _ studio: Studio, _ sources: Model.Sources, _ kinds: Set<FigureKind>, _ featureLayers: [String]
  ) throws -> [Int] {
    let network = studio.network
    if kinds.contains(.features) {
      let mapLayers =
        layers.layers == nil
        ? featureLayers.filter { network.shapes[$0]?.rank == 4 } : featureLayers
      try studio.addFeatures(
        of: sources.shown, featurePictures, layers: mapLayers,
        units: layers, scale: .shared, order: .strongestFirst)
    }
    // One pass over the pictures serves both.
    let scores = patchScores(network, featureLayers)
    let patches =
      kinds.contains(.patches) ? TopActivationScan(network, layers: featureLayers + scores) : nil
    let embedded = [network.penultimateLayer, featureLayers.first]
      .compactMap { $0 }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let embeddings =
      kinds.contains(.embedding)
      ? embedded.map {
        EmbeddingScan(
          network, layer: $0, pooling: .mean, expected: sources.scanned.count,
          seed: pictures.seed, memoryLimit: studio.embeddingMemory)
      } : []
    try studio.scan(
      sources.scanned, (patches.map { [$0] } ?? [] as [any ScanObserver]) + embeddings)
    var excited: [Int] = []
    if let findings = patches?.findings() {
      try studio.addPatches(findings, of: sources.scanned, units: layers)
      excited =
        findings.first { scores.contains($0.layer) }
        .map { studio.strongest($0, Studio.mostClassesOfMany) } ?? []
    }
    for scan in embeddings
    where try !studio.addEmbedding(scan, of: sources.scanned, seed: pictures.seed) {
      studio.console.warn(Studio.noEmbedding(of: sources.scanned, scan))
    }
    if kinds.contains(.saliency), network.hasClassScores {
      try studio.addSaliency(
        of: sources.shown, try sources.shown.sample(saliencyPictures),
        method: try AttributionOptions.method(method, seed: pictures.seed),
        classes: [], choices: 1)
    }
    return excited
  }
}
