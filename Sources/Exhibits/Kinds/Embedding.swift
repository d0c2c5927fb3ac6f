public import Analysis
public import ArgumentParser
public import Datasets
internal import Drawing
internal import Files
internal import Foundation
public import Galleries
internal import Networks
internal import TensorCore

/// Pictures as points, by the principal components of their features.
public struct Embedding: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions

    @Option(help: "Layers by name, separated by commas; by default the last hidden layer.")
    public var layers: String?

    @Option(help: "Features taken from each map: its mean, or all its values.")
    public var pooling = FeaturePooling.mean

    @Option(
      help: ArgumentHelp(
        """
        What colours the points: label, prediction (the network's first choice), or a factor of \
        the pictures' annotations, such as azimuth of scenes; by default the label.
        """, valueName: "factor"))
    public var colorBy: String?

    @Option(
      help: """
        Draw only the figure of dots, or only that of pictures; by default both, and dots into a \
        single file.
        """)
    public var marks: Marks?

    @Option(
      help: "How points are placed: by principal components, or by t-SNE, which keeps neighbours.")
    public var method = Method.pca

    @Option(
      help: """
        The effective number of neighbours of each point, for t-SNE; by default 30, or, of fewer \
        than 92 pictures, as many as these allow.
        """)
    public var perplexity: Double?

    @Flag(
      help: """
        Split the features by the factors of the pictures' annotations instead: the share of \
        variance of each and of the residual, and the means by value, at three layers unless \
        --layers names others.
        """)
    public var factors = false

    @Option(
      help: ArgumentHelp(
        """
        The factors for --factors, separated by commas; by default the six that explain most at \
        the last layer.
        """, valueName: "factors"))
    public var by: String?

    @Option(
      help: """
        Number of ranges of equal width that numbers with more than twelve values are divided into, \
        for --factors.
        """)
    public var bins = 8

    public init() {}

    public func validate() throws {
      if let perplexity, !(1...1e6).contains(perplexity) {
        throw ValidationError("--perplexity must be from 1 to a million, not \(perplexity)")
      }
      guard (2...360).contains(bins) else {
        throw ValidationError("--bins must be from 2 to 360, not \(bins)")
      }
      guard by == nil || factors else { throw ValidationError("--by: give --factors as well") }
      guard !factors || method == .pca else {
        throw ValidationError("give either --factors or --method tsne, not both")
      }
      guard !factors || (colorBy == nil && marks == nil) else {
        throw ValidationError(
          "--factors: expected neither --color-by nor --marks, which are for an embedding")
      }
    }
  }

  /// What stands for a picture in the plot.
  public enum Marks: String, CaseIterable, Sendable, ExpressibleByArgument {
    case dots, pictures
  }

  /// How points are placed.
  public enum Method: String, CaseIterable, Sendable, ExpressibleByArgument {
    case pca, tsne
  }

  public static let examples = Set(ExampleKind.allCases)
  public static let kind = FigureKind(
    "embedding",
    abstract: "Plot pictures as points by their features, or split these by the pictures' factors.",
    heading: "Embedding",
    explanation: "Pictures as points: the features of a layer along their principal components.",
    examples: [
      .init(
        "The pictures by the features of the last hidden layer, coloured by a factor",
        "samples/objects.safetensors --images samples/objects --color-by azimuth"),
      .init(
        "By all values of two layers, with the coordinates as a NumPy archive",
        "samples/objects.safetensors --layers relu2,relu4 --pooling flatten --arrays npz"),
      .init(
        "How much of the features' variance is due to class, viewpoint and light, at three layers",
        "samples/objects.safetensors --factors --by class,azimuth,light_azimuth"),
      .init(
        "By position and aspect ratio of a rectangle, without any data set",
        "samples/objects.safetensors --factors --images stimuli:rectangles"),
    ])

  /// Figures of more layers side by side would be wider than a picture can be.
  private static let mostFactorLayers = 24

  private let pictures: Pictures
  private let seed: UInt64
  /// Nil for a figure of each.
  private let marks: Marks?
  private let scans: [EmbeddingScan]
  private let coloring: PointColoring
  /// Nil unless the features are split by factors.
  private let factors: EmbeddingFactors?
  /// Nil for principal components.
  private let neighbors: NeighborEmbedding?

  public init(_ options: Options, in studio: Studio) throws {
    let network = studio.network
    let pictures = try studio.pictures(options.images).scanned
    let layers: [String]
    if studio.occasion == .gallery {
      // The first of the layers whose maps are shown, which may be named.
      let first =
        try options.layers.map { try studio.layers(matching: $0, for: .activations) }
        ?? network.featureLayers()
      layers =
        [network.penultimateLayer] + first.prefix(1).filter { $0 != network.penultimateLayer }
    } else {
      layers =
        try options.layers.map { try studio.layers(matching: $0, for: .activations) }
        ?? (options.factors ? network.layersOfDepth() : [network.penultimateLayer])
    }
    guard !options.factors || layers.count <= Self.mostFactorLayers else {
      throw UsageError(
        "--factors: expected at most \(Self.mostFactorLayers) layers, which stand side by side, "
          + "found \(layers.count); --layers names fewer")
    }
    factors =
      options.factors
      ? try EmbeddingFactors(options.by, bins: options.bins, of: pictures, in: studio) : nil
    let perplexity = options.perplexity ?? NeighborEmbedding.usualPerplexity(of: pictures.count)
    neighbors = options.method == .tsne ? NeighborEmbedding(perplexity: perplexity) : nil
    if neighbors != nil { try studio.checkNeighbors(of: pictures.count, perplexity) }
    scans = layers.map {
      EmbeddingScan(
        network, layer: $0, pooling: options.pooling, expected: pictures.count,
        seed: options.images.seed,
        // Factors have features of all layers at once, and copies in double precision.
        memoryLimit: studio.embeddingMemory / (options.factors ? 4 * layers.count : 1))
    }
    // Only pictures can stand for themselves.
    let kind = studio.model.preprocessing.kind
    guard kind == .picture || options.marks != .pictures else {
      throw UsageError(
        "--marks pictures: '\(studio.model.name)' takes \(kind.plural); their points are dots")
    }
    coloring = try PointColoring(options.colorBy, of: pictures, in: studio)
    seed = options.images.seed
    marks = kind == .picture ? options.marks : .dots
    self.pictures = pictures
  }

  public var scan: PictureScan? { PictureScan(pictures, scans + coloring.observers) }

  public func draw(into studio: Studio) throws {
    if let factors { return try factors.draw(scans, into: studio) }
    for scan in scans where try !add(scan, to: studio) {
      let reason =
        "no embedding of \(pictures.name): it needs at least "
        + (neighbors.map { "\(NeighborEmbedding.fewestPoints(perplexity: $0.perplexity))" }
          ?? "three")
        + " pictures"
        + (scan.leftOut.isEmpty
          ? ""
          : ", and the features of \(scan.leftOut.count) of \(pictures.count) at '\(scan.layer)' "
            + "are not finite")
      guard studio.occasion == .gallery else { throw UsageError(reason) }
      studio.reporter.warn(reason)
    }
  }

  private func finding(of scan: EmbeddingScan, in studio: Studio) throws -> EmbeddingFinding? {
    guard let neighbors else { return try scan.finding() }
    studio.settle()
    return try scan.finding(by: neighbors) {
      studio.reporter.progress("t-SNE", $0, of: neighbors.steps)
    }
  }

  /// - Returns: Whether there is one.
  private func add(_ scan: EmbeddingScan, to studio: Studio) throws -> Bool {
    guard let finding = try finding(of: scan, in: studio) else { return false }
    if !finding.leftOut.isEmpty {
      studio.reporter.warn(
        "\(finding.leftOut.count) of \(pictures.count) pictures are left out of the embedding: "
          + "their features at '\(finding.layer)' are not finite")
    }
    let labels = try finding.pictures.map { try pictures.dataset.label(at: $0) }
    let colors = try coloring.colors(of: finding.pictures, in: studio)
    let description = studio.layer(finding.layer)
    var details = [
      "pooling": finding.pooling.rawValue, "pictures": "\(finding.pictures.count)",
    ]
    if let fit = finding.neighbors { details["divergence"] = CSVRows.text(fit.divergence) }
    let seed = finding.projectedTo == nil ? nil : seed
    let arrays = {
      FigureArrays(
        [
          "coordinates": finding.coordinates, "pictures": Tensor(finding.pictures),
          "labels": Tensor(labels),
        ].merging(
          finding.neighbors == nil
            ? [
              "explained": Tensor(finding.explained.map { Float($0) }),
              "components": finding.components, "mean": Tensor(finding.mean),
            ] : [:]
        ) { $1 },
        names: [
          // Only what is not a picture any more has no name.
          "files": .init(finding.pictures.map { (try? pictures.sourceName(of: $0)) ?? "" }),
          "class_names": .init(pictures.dataset.classNames),
        ])
    }
    let marks = marks ?? (studio.takesOneFigure ? .dots : nil)
    // Figures of one method do not replace those of another.
    let base = finding.layer + (finding.neighbors == nil ? "" : "-tsne")
    if marks != .pictures, !studio.resumes(base) {
      try studio.add(
        embeddingFigure(of: finding, layer: description, colors: colors),
        name: base, source: pictures.name, details: details, seed: seed, finding: arrays)
    }
    let name = "\(base)-thumbnails"
    guard marks != .dots, !studio.resumes(name) else { return true }
    var shown: [Int] = []
    let figure = try embeddingThumbnailFigure(
      of: finding, layer: description, colors: colors
    ) {
      shown.append($0)
      return try pictures.displayed($0)
    }
    try studio.add(
      figure.remarking(pictures.displayRemark(of: shown)), name: name, source: pictures.name,
      details: details, seed: seed, finding: arrays)
    return true
  }
}

extension Studio {
  /// - Throws: `UsageError` if a perplexity is too large for the number of pictures; `FileError` if the
  ///   affinities of all pairs do not fit into memory.
  fileprivate func checkNeighbors(of count: Int, _ perplexity: Double) throws {
    let fewest = NeighborEmbedding.fewestPoints(perplexity: perplexity)
    guard count >= fewest else {
      let greatest = (count - 2) / 3
      throw UsageError(
        "--perplexity: \(numberText(perplexity)) needs \(fewest) pictures or more, found \(count)"
          + (greatest > 0 ? ", which allow at most \(greatest)" : ""))
    }
    try model.memory.check(
      NeighborEmbedding.affinityBytes(of: count, perplexity: perplexity), model.path,
      "t-SNE of \(countText(count)) pictures", advice: "a smaller --limit takes less")
  }
}
