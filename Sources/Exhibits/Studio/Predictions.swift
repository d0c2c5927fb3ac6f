public import Analysis
internal import Datasets
internal import Files
internal import Galleries
internal import Networks
public import TensorCore
internal import Training

/// What a network says of pictures, with the names of both.
public struct Predictions: Sendable {
  public struct Picture: Sendable {
    /// As the data set calls it: a file relative to its folder, or a number in a file.
    public let name: String
    /// What the data set calls its class; nil if it is not known.
    public let labelName: String?
    public let classified: ClassifiedPicture
  }

  /// Where the pictures come from.
  public let source: String
  public let classNames: ClassNames
  public let finding: ClassificationFinding
  /// In the order of the data set.
  public let pictures: [Picture]
  /// How the first batch norm's input fits the training; nil without batch norm.
  public let normalization: NormalizationFit?
  /// Signs that the network is not set up as it was trained, one line each.
  public let doubts: [String]

  /// `[pictures, classes]`, before softmax or sigmoid; nil unless it was asked for.
  public var scores: Tensor? { finding.scores }
}

/// A pass over pictures that collects what a network says of them.
package struct PredictionPass {
  private let pictures: Pictures
  private let classification: ClassificationScan
  private let check: NormalizationScan?
  /// Whether the network was trained on arrays, and so on no preprocessed pictures.
  private let isTrainedOnArrays: Bool

  /// - Parameters:
  ///   - top: How many choices to keep of each picture.
  ///   - studio: Adapted to the pictures.
  /// - Throws: `ExhibitUnavailable` if the network has no class scores; `FileError`; `UsageError`
  ///   if there are no pictures.
  package init(
    _ options: PictureOptions, top: Int, keepsScores: Bool, in studio: Studio
  ) throws {
    try studio.needClassScores()
    pictures = try studio.pictures(options).scanned
    classification = ClassificationScan(
      studio.network, top: top, keepsScores: keepsScores, label: pictures.labels(in: studio.model))
    check = NormalizationScan(studio.network)
    isTrainedOnArrays = studio.model.history?.areArrays ?? (pictures.origin?.relation != nil)
    guard keepsScores else { return }
    // Collected row by row, put together, and written.
    try studio.model.memory.check(
      3 * pictures.count * studio.network.classCount * MemoryLayout<Float>.stride,
      studio.model.path, "keeping the scores of \(pictures.count) pictures")
  }

  /// What to say of pictures that are arrays, and so not preprocessed.
  private var arrayDoubt: String? {
    guard pictures.preprocessing.kind == .picture, !isTrainedOnArrays else { return nil }
    return ArrayValues(of: pictures.dataset)?.doubt(pictures.preprocessing)
  }

  package var scan: PictureScan {
    let observers: [(any ScanObserver)?] = [classification, check]
    return PictureScan(pictures, observers.compactMap { $0 })
  }

  /// What was collected, after the pass.
  package func predictions(in studio: Studio) throws -> Predictions {
    let finding = classification.finding
    let names = pictures.dataset.classNames
    return Predictions(
      source: pictures.name, classNames: studio.model.classNames, finding: finding,
      pictures: try finding.each.map { classified in
        let label = try pictures.dataset.label(at: classified.picture)
        return Predictions.Picture(
          name: try pictures.sourceName(of: classified.picture),
          labelName: label.map { names.indices.contains($0) ? names[$0] : "class \($0)" },
          classified: classified)
      },
      normalization: check?.finding,
      doubts: [arrayDoubt].compactMap(\.self)
        + setupDoubts(finding, check?.finding, on: pictures, about: studio.model))
  }
}

extension Studio {
  /// What the network says of pictures.
  ///
  /// - Parameters:
  ///   - options: Which pictures.
  ///   - top: How many choices to keep of each picture.
  ///   - keepsScores: Whether to keep all scores, which take memory.
  /// - Throws: `ExhibitUnavailable` if the network has no class scores; `FileError`; `UsageError`
  ///   if there are no pictures.
  public func predictions(
    _ options: PictureOptions, top: Int = 5, keepsScores: Bool = false
  ) throws -> Predictions {
    let studio = try adapted(to: options)
    let pass = try PredictionPass(options, top: top, keepsScores: keepsScores, in: studio)
    try studio.scan(pass.scan)
    return try pass.predictions(in: studio)
  }
}
