internal import Analysis
public import ArgumentParser
public import Datasets
public import Galleries
internal import Networks
internal import TensorCore

/// Which classes a network confuses.
public struct Confusion: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions

    public init() {}
  }

  public static let examples = Set(ExampleKind.allCases)
  public static let kind = FigureKind(
    "confusion", abstract: "Draw which classes are taken for which, as a matrix.",
    heading: "Confusion", explanation: "Which classes are taken for which.",
    unitsHeading: "Classes",
    examples: [
      .init(
        "Which classes of the sample's pictures are confused",
        "samples/objects.safetensors --images samples/objects"),
      .init(
        "On CIFAR-10, with the counts as a NumPy archive",
        "resnet20.safetensors --images cifar-10 --arrays npz"),
    ])

  /// Matrices of more classes are listed entry by entry.
  private static let mostDenseClasses = 1000

  private let pictures: Pictures
  private let classification: ClassificationScan

  public init(_ options: Options, in studio: Studio) throws {
    pictures = try studio.labelledPictures(options.images)
    classification = ClassificationScan(studio.network, label: pictures.labels(in: studio.model))
  }

  public var scan: PictureScan? { PictureScan(pictures, [classification]) }

  public func draw(into studio: Studio) throws {
    let finding = classification.finding
    let name = pictures.fileName
    guard try studio.hasAnswers(finding, from: pictures), !studio.resumes(name) else { return }
    try studio.add(
      confusionFigure(
        of: finding, classNames: studio.model.classNames, model: studio.model.name,
        source: pictures.name
      ).remarking(pictures.trainingRemark), name: name, source: pictures.name,
      details: ["pictures": "\(finding.labelled)"]
    ) {
      FigureArrays(
        arrays(of: finding.confusion),
        names: ["class_names": studio.model.classNames.arrayNames])
    }
  }

  /// `entries` `[E, 3]`: true class, choice and count of each pair that occurs; for up to a
  /// thousand classes also `confusion`, `[true class, choice]`.
  private func arrays(of matrix: ConfusionMatrix) -> [String: Tensor] {
    let (entries, classes) = (matrix.entries, matrix.classCount)
    var arrays = [
      "entries": Tensor(
        shape: [entries.count, 3],
        entries.flatMap { [Float($0.label), Float($0.choice), Float($0.count)] })
    ]
    if classes <= Self.mostDenseClasses {
      arrays["confusion"] = Tensor(shape: [classes, classes]) { target in
        target.initialize(repeating: 0)
        for entry in entries { target[entry.label * classes + entry.choice] = Float(entry.count) }
      }
    }
    return arrays
  }
}

extension Studio {
  /// The pictures that the options name.
  ///
  /// - Throws: `ExhibitUnavailable` if the network has no class scores, or none of the pictures is
  ///   labelled with one of its classes.
  func labelledPictures(_ options: PictureOptions) throws -> Pictures {
    try needClassScores()
    let pictures = try pictures(options).scanned
    let label = pictures.labels(in: model)
    guard pictures.indices.contains(where: { label($0) != nil }) else {
      throw ExhibitUnavailable(
        "none of the pictures of \(pictures.name) is labelled with a class of '\(model.name)'",
        isCommon: true)
    }
    return pictures
  }

  /// Whether some labelled picture has class scores; says so if none has.
  ///
  /// - Throws: `FileError` if nothing else is drawn.
  func hasAnswers(_ finding: ClassificationFinding, from pictures: Pictures) throws -> Bool {
    if finding.labelled > 0 { return true }
    guard occasion == .gallery else { throw model.scoresNotFinite }
    reporter.warn("no class scores for \(pictures.name): none of them is finite")
    return false
  }
}
