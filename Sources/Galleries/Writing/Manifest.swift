public import Datasets
internal import Drawing
public import Files
internal import Foundation

/// The contents of `gallery.json`.
public struct Manifest: Codable, Sendable, Hashable {
  public struct Checkpoint: Codable, Sendable, Hashable {
    public let name: String
    /// 64 hexadecimal digits.
    public let sha256: String
    /// One line about the network: its architecture, pictures, classes, parameters.
    public let network: String?
    /// How pictures became its input, `[C, H, W]`.
    public let preprocessing: Preprocessing?
    public let classNames: [String]?

    public init(
      name: String, sha256: String, network: String? = nil, preprocessing: Preprocessing? = nil,
      classNames: [String]? = nil
    ) {
      self.name = name
      self.sha256 = sha256
      self.network = network
      self.preprocessing = preprocessing
      self.classNames = classNames
    }
  }

  /// How often the network is right.
  public struct Accuracy: Codable, Sendable, Hashable {
    /// Where the pictures come from.
    public let source: String
    /// How many of them have a known class.
    public let pictures: Int
    /// The share whose first choice is right.
    public let top1: Double
    /// The share whose class is among the first five; nil for networks of five classes or fewer.
    public let top5: Double?

    public init(source: String, pictures: Int, top1: Double, top5: Double? = nil) {
      (self.source, self.pictures, self.top1, self.top5) = (source, pictures, top1, top5)
    }

    /// In one line.
    public var summary: String {
      "accuracy on \(counted(pictures, "picture")) of \(source): top-1 \(percentText(top1))"
        + (top5.map { ", top-5 \(percentText($0))" } ?? "")
    }
  }

  public let program: String
  public let version: String
  public let checkpoint: Checkpoint
  /// On the labelled pictures that passed through the gallery; nil if there were none.
  public var accuracy: Accuracy?
  public var figures: [FigureRecord]
  /// The network's layers in the order in which they are computed; nil if they are not known.
  public var layers: [LayerRecord]?
  /// The layer of the class scores, whose units are classes.
  public var scores: String?
  /// What a reader should know before trusting the figures, such as signs that the network is not
  /// set up as it was trained, one line each; nil if there is nothing.
  public var warnings: [String]?
  /// What several checkpoints have in common; nil for the gallery of one.
  public var comparison: ComparisonRecord?
  /// How the features of several checkpoints of a training run differ; nil for other galleries.
  public var evolution: EvolutionRecord?

  public init(version: String, checkpoint: Checkpoint, figures: [FigureRecord] = []) {
    program = Self.programName
    self.version = version
    self.checkpoint = checkpoint
    self.figures = figures
  }

  static let programName = "fovea"
  static let fileName = "gallery.json"
  var pageName: String {
    comparison != nil ? "compare.html" : evolution != nil ? "evolution.html" : "index.html"
  }
  /// If there are several.
  var checkpoints: [ComparisonRecord.Checkpoint]? {
    comparison?.checkpoints ?? evolution?.checkpoints
  }

  /// Every file of a gallery that this manifest describes.
  var files: [String] { figures.flatMap(\.files) + [Self.fileName, pageName] }

  /// - Throws: `FileError` if the file is not a gallery's record.
  public init(contentsOf path: String) throws(FileError) {
    let data = try readFile(path)
    let manifest: Manifest
    do {
      manifest = try JSONDecoder().decode(Manifest.self, from: data)
    } catch {
      throw FileError(.malformed, path, "expected a gallery's record, found \(defect(error))")
    }
    // A record says which files may be replaced: none may be outside the folder.
    if let stray = manifest.files.first(where: { !isPlainName($0) }) {
      throw FileError(
        .malformed, path, "expected the names of files in its folder, found '\(stray)'")
    }
    self = manifest
  }

  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

/// Whether a name is that of a visible file directly in the folder.
private func isPlainName(_ name: String) -> Bool {
  !name.isEmpty && !name.hasPrefix(".") && !name.contains { $0 == "/" || $0 == "\\" || $0 == "\0" }
}

/// What is wrong with a JSON text, in one line.
private func defect(_ error: any Error) -> String {
  switch error {
  case DecodingError.keyNotFound(let key, let context):
    "no '\((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))'"
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
    "another type at '\(context.codingPath.map(\.stringValue).joined(separator: "."))'"
  default: "no JSON"
  }
}
