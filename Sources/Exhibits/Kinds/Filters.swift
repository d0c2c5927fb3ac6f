internal import Analysis
public import ArgumentParser
public import Datasets
public import Galleries
internal import Networks
internal import TensorCore

/// The weights of convolutions, and of a fully connected layer that sees the whole input.
public struct Filters: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var layers: LayerOptions

    @Option(
      help: """
        Colour scale: one for each filter, or one for all. By default, filters of colour pictures \
        have a scale each and other filters share one.
        """)
    public var filterScale: FilterScale?

    @Option(
      help: """
        Number of input channels to draw of each filter of a deeper layer, those with the greatest \
        norm; by default all of up to 16, or 12.
        """)
    public var inputChannels: Int?

    @Flag(
      help: """
        Arrange the rows and columns of a 1×1 convolution's matrix so that similar ones are \
        neighbours.
        """)
    public var cluster = false

    public init() {}

    public func validate() throws {
      try checkCount(inputChannels, of: "--input-channels")
    }
  }

  public static let runsNetwork = false
  public static let kind = FigureKind(
    "filters", abstract: "Draw the weights of convolutions.", heading: "Filters",
    explanation: "What convolutions look for: their weights.",
    examples: [
      .init(
        "The filters of the first convolution",
        "samples/objects.safetensors --layers conv1"),
      .init(
        "The same for a column of a paper, as vectors",
        "samples/objects.safetensors --layers conv1 --width 85mm --no-title --output filters.pdf"),
      .init(
        "A 1×1 convolution as a matrix, with similar filters beside each other",
        "googlenet.onnx --layers inception_4a/1x1 --cluster"),
    ])

  public static let examples = Set(ExampleKind.allCases)

  private let options: Options
  private let layers: [String]
  private let selection: UnitSelection?

  public init(_ options: Options, in studio: Studio) throws {
    self.options = options
    let network = studio.network
    // In a gallery, `--layers` names the layers whose maps are shown.
    if studio.occasion == .single, let named = options.layers.layers {
      layers = try studio.layers(matching: named, for: .filters)
    } else {
      layers = network.filterLayers(
        of: try options.layers.names(
          in: studio, usual: network.featureLayers(), for: .activations),
        orFirst: options.layers.layers == nil)
    }
    guard !layers.isEmpty else {
      throw ExhibitUnavailable(
        "\(options.layers.layers == nil ? "no layer" : "none of the layers chosen") of "
          + "'\(studio.model.name)' has filters to draw, as a convolution has, or a fully connected "
          + "layer that sees the whole \(studio.model.preprocessing.kind.rawValue)")
    }
    guard !options.cluster || layers.contains(where: network.hasSinglePixelFilters) else {
      throw UsageError("--cluster: none of the layers chosen is a 1×1 convolution")
    }
    selection = try studio.selection(options.layers, of: layers)
  }

  public func draw(into studio: Studio) throws {
    for layer in layers where !studio.resumes(layer) {
      let finding = try FilterAnalysis().run(on: studio.network, layer: layer)
      let units =
        try selection.map { try studio.units($0, of: layer) { finding.norms } } ?? []
      let figure = filterFigure(
        of: finding, layer: studio.layer(layer), scale: options.filterScale, units: units,
        inputChannels: options.inputChannels, isClustered: options.cluster,
        isBlueFirst: studio.model.preprocessing.channelOrder == .bgr)
      try studio.add(figure, name: layer) { FigureArrays(finding.arrays) }
    }
  }
}

extension FilterFinding {
  /// `filters`, and of a layer that reads series `responses` `[K, C, F]`, magnitudes, for
  /// `frequencies` `[F]`, in cycles per sample.
  fileprivate var arrays: [String: Tensor] {
    let count = filters.shape[0]
    guard let responses = frequencyResponses(of: 0..<count), let first = responses.first?.first
    else { return ["filters": filters] }
    return [
      "filters": filters, "frequencies": Tensor(first.frequencies.map { Float($0) }),
      "responses": Tensor(
        shape: [count, filters.shape[1], first.frequencies.count],
        responses.joined().flatMap { $0.magnitudes.map { Float($0) } }),
    ]
  }
}

extension Network {
  fileprivate func hasSinglePixelFilters(_ layer: String) -> Bool {
    (graph[layer]?.operation as? Convolution)?.window.allSatisfy { $0 == 1 } ?? false
  }

  /// The layers with filters whose outputs some layers are, from the first to the last.
  ///
  /// - Parameter orFirst: Whether to take, if there are none, the first layer of a network without
  ///   convolutions, which has no maps.
  func filterLayers(of layers: [String], orFirst: Bool) -> [String] {
    let found = layers.map(origin).reduce(into: [String]()) { origins, layer in
      if hasFilters(layer), !origins.contains(layer) { origins.append(layer) }
    }
    return found.isEmpty && orFirst ? graph.nodes.map(\.name).filter(hasFilters) : found
  }
}
