public import Analysis
public import ArgumentParser
internal import Datasets
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

    public init() {}
  }

  /// What stands for a picture in the plot.
  public enum Marks: String, CaseIterable, Sendable, ExpressibleByArgument {
    case dots, pictures
  }

  public static let kind = FigureKind(
    "embedding",
    abstract: "Plot pictures as points, by the principal components of their features.",
    heading: "Embedding",
    explanation: "Pictures as points: the features of a layer along their principal components.",
    examples: [
      .init(
        "The pictures by the features of the last hidden layer, coloured by a factor",
        "samples/objects.safetensors --images samples/objects --color-by azimuth"),
      .init(
        "By all values of two layers, with the coordinates as a NumPy archive",
        "samples/objects.safetensors --layers relu2,relu4 --pooling flatten --arrays npz"),
    ])

  private let pictures: Pictures
  private let seed: UInt64
  /// Nil for a figure of each.
  private let marks: Marks?
  private let scans: [EmbeddingScan]
  private let coloring: PointColoring

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
        ?? [network.penultimateLayer]
    }
    scans = layers.map {
      EmbeddingScan(
        network, layer: $0, pooling: options.pooling, expected: pictures.count,
        seed: options.images.seed, memoryLimit: studio.embeddingMemory)
    }
    coloring = try PointColoring(options.colorBy, of: pictures, in: studio)
    seed = options.images.seed
    marks = options.marks
    self.pictures = pictures
  }

  public var scan: PictureScan? { PictureScan(pictures, scans + coloring.observers) }

  public func draw(into studio: Studio) throws {
    for scan in scans where try !add(scan, to: studio) {
      let reason =
        "no embedding of \(pictures.name): it needs at least three pictures"
        + (scan.leftOut.isEmpty
          ? ""
          : ", and the features of \(scan.leftOut.count) of \(pictures.count) at '\(scan.layer)' "
            + "are not finite")
      guard studio.occasion == .gallery else { throw UsageError(reason) }
      studio.reporter.warn(reason)
    }
  }

  /// - Returns: Whether there is one.
  private func add(_ scan: EmbeddingScan, to studio: Studio) throws -> Bool {
    guard let finding = try scan.finding() else { return false }
    if !finding.leftOut.isEmpty {
      studio.reporter.warn(
        "\(finding.leftOut.count) of \(pictures.count) pictures are left out of the embedding: "
          + "their features at '\(finding.layer)' are not finite")
    }
    let labels = try finding.pictures.map { try pictures.dataset.label(at: $0) }
    let colors = try coloring.colors(of: finding.pictures, in: studio)
    let description = studio.layer(finding.layer)
    let details = [
      "pooling": finding.pooling.rawValue, "pictures": "\(finding.pictures.count)",
    ]
    let seed = finding.projectedTo == nil ? nil : seed
    let arrays = {
      FigureArrays(
        [
          "coordinates": finding.coordinates,
          "explained": Tensor(finding.explained.map { Float($0) }),
          "components": finding.components, "mean": Tensor(finding.mean),
          "pictures": Tensor(finding.pictures), "labels": Tensor(labels),
        ],
        names: [
          // Only what is not a picture any more has no name.
          "files": .init(finding.pictures.map { (try? pictures.sourceName(of: $0)) ?? "" }),
          "class_names": .init(pictures.dataset.classNames),
        ])
    }
    let marks = marks ?? (studio.takesOneFigure ? .dots : nil)
    if marks != .pictures, !studio.resumes(finding.layer) {
      try studio.add(
        embeddingFigure(of: finding, layer: description, colors: colors),
        name: finding.layer, source: pictures.name, details: details, seed: seed, finding: arrays)
    }
    let name = "\(finding.layer)-thumbnails"
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
