internal import Analysis
public import Drawing
internal import Files

/// What `gallery.json` says about one figure; the picture's own text chunks say the same.
///
/// Every key is always present: what does not apply is null.
public struct FigureRecord: Codable, Sendable, Hashable {
  /// The picture's name inside the gallery's folder.
  public let file: String
  /// The command's name, such as `class-models`.
  public let kind: String
  public let layer: String?
  public let units: [Int]
  /// The units of each layer of a figure of several; nil for others, and in galleries of earlier
  /// versions.
  public let unitsByLayer: [UnitsOfLayer]?
  /// The picture or data set it was made from.
  public let source: String?
  public let method: String?
  public let options: [String: String]
  public let seed: UInt64?
  public let scale: String
  /// The command that draws it.
  public let command: String
  public let title: String
  public let caption: String
  /// In pixels.
  public let width: Int
  public let height: Int
  /// The file of raw numbers beside it.
  public let arrays: String?
  /// The files of the same figure in other formats, and of its caption; nil if there are none.
  public let otherFormats: [String]?
  /// The file of a small picture of its content; galleries of earlier versions have none.
  public let thumbnail: String?
  /// What can be seen, for those who do not see it.
  public let alternative: String?
  /// Whether the sheet is light or dark.
  public let theme: Appearance?
  /// The class that the data set gives to its picture.
  public let trueClass: String?
  /// The network's answers for its picture, most probable first.
  public let predictions: [PredictionRecord]?

  /// The files in the gallery's folder that belong to this figure.
  var files: [String] { [file] + (otherFormats ?? []) + [arrays, thumbnail].compactMap(\.self) }

  private enum CodingKeys: String, CodingKey {
    case file, kind, layer, units, unitsByLayer, source, method, options, seed, scale, command
    case title, caption, width, height, otherFormats, arrays, thumbnail, alternative, theme
    case trueClass, predictions
  }

  public func encode(to encoder: any Encoder) throws {
    // The synthesized method would leave out nil values.
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(file, forKey: .file)
    try keys.encode(kind, forKey: .kind)
    try keys.encode(layer, forKey: .layer)
    try keys.encode(units, forKey: .units)
    try keys.encode(unitsByLayer, forKey: .unitsByLayer)
    try keys.encode(source, forKey: .source)
    try keys.encode(method, forKey: .method)
    try keys.encode(options, forKey: .options)
    try keys.encode(seed, forKey: .seed)
    try keys.encode(scale, forKey: .scale)
    try keys.encode(command, forKey: .command)
    try keys.encode(title, forKey: .title)
    try keys.encode(caption, forKey: .caption)
    try keys.encode(width, forKey: .width)
    try keys.encode(height, forKey: .height)
    try keys.encode(otherFormats, forKey: .otherFormats)
    try keys.encode(arrays, forKey: .arrays)
    try keys.encode(thumbnail, forKey: .thumbnail)
    try keys.encode(alternative, forKey: .alternative)
    try keys.encode(theme, forKey: .theme)
    try keys.encode(trueClass, forKey: .trueClass)
    try keys.encode(predictions, forKey: .predictions)
  }
}

/// What only the command knows about a figure.
public struct FigureFacts: Sendable, Hashable {
  public var source: String?
  public var options: [String: String]
  public var seed: UInt64?
  public var command: String
  /// The class that the data set gives to its picture.
  public var trueClass: String?
  /// The network's answers for its picture, most probable first.
  public var predictions: [PredictionRecord]?

  /// - Parameters:
  ///   - source: The picture or data set it was made from.
  ///   - options: By their names on the command line.
  ///   - command: The whole command that draws it.
  public init(
    source: String? = nil, options: [String: String] = [:], seed: UInt64? = nil, command: String,
    trueClass: String? = nil, predictions: [PredictionRecord]? = nil
  ) {
    (self.trueClass, self.predictions) = (trueClass, predictions)
    self.source = source
    self.options = options
    self.seed = seed
    self.command = command
  }
}

extension FigureRecord {
  init(
    of figure: CaptionedFigure, _ kind: FigureKind, _ facts: FigureFacts, file: String,
    width: Int, height: Int, otherFormats: [String]? = nil, arrays: String?, thumbnail: String?,
    theme: Appearance
  ) {
    self.init(
      file: file, kind: kind.name, layer: figure.layer, units: figure.units,
      unitsByLayer: figure.unitsByLayer.isEmpty ? nil : figure.unitsByLayer,
      source: facts.source, method: figure.method, options: facts.options, seed: facts.seed,
      scale: figure.scale, command: facts.command, title: figure.title, caption: figure.caption,
      width: width, height: height, arrays: arrays, otherFormats: otherFormats,
      thumbnail: thumbnail, alternative: figure.alternative(kind, facts), theme: theme,
      trueClass: facts.trueClass, predictions: facts.predictions)
  }

  /// All units that it shows, in their order on the sheet, each with its layer.
  var shownUnits: [LayerUnit] {
    (unitsByLayer ?? layer.map { [UnitsOfLayer($0, units)] } ?? []).flatMap { part in
      part.units.map { LayerUnit(layer: part.layer, unit: $0) }
    }
  }

  /// The record as a picture's text chunks, without what does not apply.
  func textChunks(_ manifest: Manifest) -> [(String, String)] {
    let optionTexts = options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let all: [(String, String?)] = [
      ("Title", title), ("Description", caption),
      ("Software", "\(manifest.program) \(manifest.version)"), ("kind", kind), ("layer", layer),
      ("units", units.map(String.init).joined(separator: ",")),
      (
        "units by layer",
        unitsByLayer.map { _ in
          shownUnits.map { "\($0.layer):\($0.unit)" }.joined(separator: ",")
        }
      ),
      ("source", source),
      ("method", method), ("options", optionTexts.joined(separator: " ")),
      ("seed", seed.map(String.init)), ("scale", scale), ("command", command),
      ("checkpoint", manifest.checkpoint.name),
      (
        "sha256",
        manifest.checkpoints?.map(\.sha256).joined(separator: ", ")
          ?? manifest.checkpoint.sha256
      ),
    ]
    return all.compactMap { key, text in text.flatMap { $0.isEmpty ? nil : (key, $0) } }
  }
}
