public import Analysis
public import ArgumentParser
public import Galleries
internal import Networks

/// The patches of a data set that activate units most.
public struct TopPatches: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions
    @OptionGroup public var layers: LayerOptions

    @Option(help: "Maximum number of patches per unit from one picture.")
    public var perPicture = 1

    @Option(
      help: """
        What ranks the pictures of class scores: the class's probability (beyond 100 classes, with \
        one picture of each known class), or its score.
        """)
    public var classRanking = ClassPictureRanking.probability

    @Option(
      help: """
        Draw beside each patch its projection: that activation alone, propagated back to the \
        pixels by a deconvnet, by guided backpropagation, or as its gradient.
        """)
    public var project: ProjectionRule?

    @OptionGroup public var views: PatchViewOptions
    @OptionGroup public var cache: CacheOptions

    public init() {}

    var viewing: PatchViewing {
      PatchViewing(project: project, projectFrom: views.projectFrom, crop: views.crop)
    }

    public func validate() throws {
      guard (1...9).contains(perPicture) else {
        throw ValidationError("--per-picture must be from 1 to 9, not \(perPicture)")
      }
    }
  }

  public static let kind = FigureKind(
    "patches", abstract: "Draw the patches of a data set that activate units most.",
    heading: "Top patches", explanation: "What excites each unit most, over a whole data set.",
    unitLinks: .survey,
    examples: [
      .init(
        "What excites three units of a layer most",
        "samples/objects.safetensors --layers relu3 --units 0,5,17"),
      .init(
        "The most selective units, with projections by a deconvnet",
        "samples/objects.safetensors --units selective:6 --project deconvnet"),
      .init(
        "Up to four patches of one picture, over a folder of photographs",
        "samples/objects.safetensors --images photographs --layers 'relu*' --per-picture 4"),
    ])

  public static var galleryArguments: [String] { ["--project", "deconvnet"] }

  /// How many units of each layer the overview shows.
  private static let overviewUnits = 4
  /// The overview of more layers would be wider than a picture can be.
  private static let overviewLayers = 12

  private let pictures: Pictures
  private let shown: ShownUnits
  private let options: Options

  public init(_ options: Options, in studio: Studio) throws {
    shown = try ShownUnits(
      options.layers, of: options.images, perPicture: options.perPicture,
      classRanking: options.classRanking, in: studio)
    pictures = shown.pictures
    studio.sharedUnits?.add(shown)
    self.options = options
  }

  public var scan: PictureScan? { PictureScan(pictures, shown.observers) }

  public func draw(into studio: Studio) throws {
    let chosen = try shown.choices(in: studio)
    let details = ["pictures": "\(pictures.count)"]
    let view = options.viewing
    var columns: [(layer: LayerDescription, blocks: [PatchBlock])] = []
    var overview: [(finding: TopActivationFinding, views: PatchViews)] = []
    let layersInOverview =
      chosen.count < 2 || studio.hasFinished(["overview"])
      ? [] : Set(chosen.map(\.finding.layer).spreadToEnd(most: Self.overviewLayers))
    for choice in chosen {
      let finding = choice.finding
      let isInOverview = layersInOverview.contains(finding.layer)
      if !isInOverview, studio.resumes(finding.layer) { continue }
      let views = try PatchViews(
        of: ActivatedUnits(choice.units, of: finding), from: pictures, view, in: studio)
      let remark = try pictures.displayRemark(of: views.sources.keys.sorted())
      let description = studio.layer(finding.layer)
      let blocks = choice.units.map { block($0, of: finding, views, in: studio) }
      if isInOverview {
        columns.append((description, Array(blocks.prefix(Self.overviewUnits))))
        overview.append(
          (finding, views.only(Array(choice.units.prefix(Self.overviewUnits)))))
      }
      if studio.resumes(finding.layer) { continue }
      try studio.add(
        patchFigure(
          of: blocks, finding: finding, layer: description, view: views.description,
          choice: choice.reason
        ).remarking(remark),
        name: finding.layer, source: pictures.name, details: details
      ) {
        FigureArrays(
          views.arrays(), names: ["files": views.files])
      }
    }
    guard chosen.count > 1, !studio.resumes("overview") else { return }
    let choice =
      columns.count < chosen.count
      ? "\(columns.count) of \(chosen.count) layers are shown, spread evenly." : nil
    let sources = overview.reduce(into: [:]) { $0.merge($1.views.sources) { $1 } }
    try studio.add(
      patchOverviewFigure(
        of: columns, pictureCount: chosen[0].finding.pictureCount,
        view: PatchViews.description(of: overview.map(\.views), view, in: studio)
      ).remarking(choice).remarking(try pictures.displayRemark(of: sources.keys.sorted())),
      name: "overview", source: pictures.name, details: details
    ) {
      var arrays = FigureArrays([:])
      for (finding, views) in overview {
        arrays.tensors.merge(views.arrays(prefix: "\(finding.layer)/")) { $1 }
        arrays.names["\(finding.layer)/files"] = views.files
      }
      return arrays
    }
  }

  private func block(
    _ unit: Int, of finding: TopActivationFinding, _ views: PatchViews, in studio: Studio
  ) -> PatchBlock {
    // Of a picture that can no longer be read, nothing is shown.
    let excitations = finding.units[unit].filter { views[unit, $0] != nil }
    let shown = excitations.compactMap { views[unit, $0] }
    return PatchBlock(
      unit: unit,
      name: studio.network.classNodes.contains(finding.layer)
        ? studio.model.classNames.shortName(unit) : nil,
      crops: shown.map(\.picture), projections: shown.compactMap(\.projection),
      values: excitations.map(\.value),
      probabilities: excitations.compactMap(\.probability),
      isFinite: !finding.nonFiniteUnits.contains(unit))
  }
}
