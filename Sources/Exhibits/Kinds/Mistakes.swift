internal import Analysis
public import ArgumentParser
public import Datasets
public import Galleries
internal import Networks
internal import TensorCore

/// Which pictures a network gets most wrong.
public struct Mistakes: Exhibit {
  public struct Options: ParsableArguments {
    @OptionGroup public var images: PictureOptions

    @Option(help: "Number of mistakes to draw.")
    public var pictures = 24

    public init() {}

    public func validate() throws { try checkCount(pictures, of: "--pictures") }
  }

  public static let examples = Set(ExampleKind.allCases)
  public static let kind = FigureKind(
    "mistakes", abstract: "Draw the pictures that the network gets most wrong.",
    heading: "Mistakes", explanation: "The pictures that the network gets most wrong.",
    unitsHeading: "True classes",
    examples: [
      .init(
        "The worst mistakes on the sample's pictures",
        "samples/objects.safetensors --images samples/objects"),
      .init(
        "The twelve worst on CIFAR-10",
        "resnet20.safetensors --images cifar-10 --pictures 12"),
    ])

  private let pictures: Pictures
  private let classification: ClassificationScan

  public init(_ options: Options, in studio: Studio) throws {
    pictures = try studio.labelledPictures(options.images)
    classification = ClassificationScan(
      studio.network, mistakes: options.pictures, label: pictures.labels(in: studio.model))
  }

  public var scan: PictureScan? { PictureScan(pictures, [classification]) }

  public func draw(into studio: Studio) throws {
    let finding = classification.finding
    let name = pictures.fileName
    guard try studio.hasAnswers(finding, from: pictures), !studio.resumes(name) else { return }
    let mistakes = finding.mistakes
    let wrong = finding.labelled - finding.confusion.right
    guard wrong > 0 else {
      return studio.reporter.say(
        "no mistakes: the first choice is right for all \(finding.labelled) labelled pictures")
    }
    let names = try mistakes.map { try pictures.sourceName(of: $0.picture) }
    try studio.add(
      try mistakeFigure(
        of: mistakes, of: (wrong, finding.labelled), classNames: studio.model.classNames,
        model: studio.model.name, source: pictures.name
      ) { try pictures.seen($0) }
      .remarking(try pictures.displayRemark(of: mistakes.map(\.picture)))
      .remarking(pictures.trainingRemark),
      name: name, source: pictures.name, details: ["mistakes": "\(wrong)"]
    ) {
      func tensor(_ value: (ClassifiedPicture) -> Float?) -> Tensor {
        Tensor(mistakes.map { value($0) ?? .nan })
      }
      return FigureArrays(
        [
          "pictures": Tensor(mistakes.map(\.picture)), "labels": Tensor(mistakes.map(\.label)),
          "choices": Tensor(mistakes.map { Float($0.choices[0].index) }),
          "choice_probabilities": tensor { $0.choices[0].probability },
          "label_probabilities": tensor { $0.truth?.probability },
          "losses": tensor { $0.loss.map { Float($0) } },
        ],
        names: [
          "files": .init(names), "class_names": studio.model.classNames.arrayNames,
        ])
    }
  }
}
