internal import Analysis
internal import Networks

/// The units of some layers whose strongest activations are shown: they are found in a pass over
/// the pictures, and chosen once that is complete.
final class ShownUnits {
  /// The units of one layer, and why these.
  struct Choice {
    let finding: TopActivationFinding
    let units: [Int]
    /// For the caption; empty for units that are named.
    let reason: String
  }

  /// How many units of a layer are shown if none are named.
  private static let usualCount = 12
  private static let fewClasses = 100

  let pictures: Pictures
  /// In the order of the figures; those of a gallery end with the class scores.
  let layers: [String]
  private let options: LayerOptions
  private let selection: UnitSelection?
  private let topActivations: TopActivationScan
  private let topClassPictures: [TopClassPictureScan]
  private var made: [Choice]?

  /// - Parameters:
  ///   - perPicture: How many patches a unit may have of one picture.
  ///   - ranking: What ranks the pictures of classes.
  /// - Throws: `UsageError` or `SelectionError` for layers and units that are not there, and the
  ///   errors of `Studio.pictures`.
  init(
    _ options: LayerOptions, of images: PictureOptions, perPicture: Int = 1,
    classRanking ranking: ClassPictureRanking = .probability, in studio: Studio
  ) throws {
    let network = studio.network
    var layers = try options.names(in: studio, usual: network.featureLayers(), for: .activations)
    let scores = network.graph.scoreName
    if studio.occasion == .gallery, options.layers == nil, network.hasClassScores,
      !layers.contains(scores)
    {
      layers.append(scores)
    }
    selection = try studio.selection(options, of: layers, hasResponses: true)
    pictures = try studio.pictures(images).scanned
    let label = pictures.labels(in: studio.model)
    let areRankedByProbability =
      ranking == .probability && network.probabilityFunction != .none
    let classNodes = areRankedByProbability ? network.classNodes : []
    // Among few classes, improbable pictures of the others would fill the blocks.
    let takesOneOfEach = network.classCount > Self.fewClasses
    topClassPictures = layers.filter(classNodes.contains).map {
      TopClassPictureScan(network, layer: $0) { takesOneOfEach ? label($0) : nil }
    }
    topActivations = TopActivationScan(
      network, layers: layers.filter { !classNodes.contains($0) }, perPicture: perPicture)
    self.layers = layers
    self.options = options
  }

  /// What looks for the strongest activations.
  var observers: [any ScanObserver] { [topActivations] + topClassPictures }

  /// After the pass, one for each layer, in their order.
  func choices(in studio: Studio) throws -> [Choice] {
    if let made { return made }
    let found = topActivations.findings() + topClassPictures.compactMap(\.finding)
    let choices = try layers.compactMap { layer in found.first { $0.layer == layer } }.map {
      let choice = try studio.units(of: $0, chosenBy: selection, usual: Self.usualCount)
      return Choice(finding: $0, units: choice.units, reason: choice.reason)
    }
    made = choices
    return choices
  }

  fileprivate func isFor(_ other: LayerOptions, _ pictures: Pictures) -> Bool {
    (options.layers, options.units) == (other.layers, other.units)
      && self.pictures.isSame(as: pictures)
  }
}

/// The choices of units that the exhibits of one run have in common, so that they look through the
/// pictures once for them and show the same units.
final class SharedUnits {
  private var all: [ShownUnits] = []

  func add(_ shown: ShownUnits) { all.append(shown) }

  /// Those that another exhibit of the run shows for the same options and pictures.
  func first(for options: LayerOptions, of pictures: Pictures) -> ShownUnits? {
    all.first { $0.isFor(options, pictures) }
  }
}

extension ShownUnits.Choice {
  /// All of them.
  var layerUnits: [LayerUnit] {
    units.map { LayerUnit(layer: finding.layer, unit: $0) }
  }

  /// The most selective of them, which is the first to be chosen where none are named; if all are
  /// always active, the first that is; nil if no picture activates any.
  var mostSelective: LayerUnit? {
    let active =
      finding.selectiveUnits(1, among: units).first
      ?? units.first { !finding.units[$0].isEmpty }
    return active.map { LayerUnit(layer: finding.layer, unit: $0) }
  }
}

extension Studio {
  /// The units of a layer whose strongest activations are shown, and why these.
  ///
  /// - Parameters:
  ///   - selection: Those that are named; nil if none are.
  ///   - usual: How many to show then.
  func units(
    of finding: TopActivationFinding, chosenBy selection: UnitSelection?, usual: Int
  ) throws -> (units: [Int], reason: String) {
    if let selection, selection.selectiveCount == nil {
      let units = try units(selection, of: finding.layer) {
        finding.units.map { $0.first.map { $0.probability ?? $0.value } ?? -.infinity }
      }
      return (units, "")
    }
    let count = selection?.selectiveCount ?? usual
    // Every class is selective: its pictures are those of the class.
    if network.classNodes.contains(finding.layer) {
      return (finding.strongestUnits(count), "those that the pictures excite most")
    }
    let units = finding.selectiveUnits(count)
    // Of a dead layer, some dead units.
    guard !units.isEmpty else { return (finding.units.indices.spread(most: count), "") }
    return (
      units,
      "those with the most selective responses (lifetime sparseness, Vinje and Gallant 2000) and "
        + "the fewest pictures in common"
    )
  }
}

extension TopActivationFinding {
  /// Of hundreds of classes, those that the pictures excite most.
  func strongestUnits(_ count: Int) -> [Int] {
    // Saturated classes are told apart by what they are ranked by.
    func best(_ unit: Int) -> (Float, Float) {
      units[unit].first.map { ($0.probability ?? $0.value, $0.rank) } ?? (-.infinity, -.infinity)
    }
    return units.indices.sorted {
      let (first, second) = (best($0), best($1))
      return (second.0, second.1, $0) < (first.0, first.1, $1)
    }
    .prefix(count).sorted()
  }
}
