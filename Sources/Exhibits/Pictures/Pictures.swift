internal import Analysis
internal import Checkpoints
package import Datasets
internal import Files
internal import Foundation
internal import Galleries
internal import Images
internal import Networks
internal import Scenes
internal import TensorCore
internal import Training

/// The pictures of one command: a data set, and which of it; or series, or volumes.
public struct Pictures {
  package let dataset: any Dataset
  /// Into the data set.
  package private(set) var indices: [Int]
  /// For captions.
  public let name: String
  /// What captions of right and wrong choices must say; nil if the network was not trained on these.
  var trainingRemark: String? { origin?.relation?.remark }
  /// For the names of figures.
  var fileName: String { baseName(origin?.place.name ?? name) }
  package private(set) var preprocessing: Preprocessing
  /// As it was opened, with the pictures as they are in their files.
  private let source: any Dataset
  /// Where they come from; nil if it does not matter.
  let origin: PictureOrigin?
  /// As it was given: what prepared pictures need no more is still in it.
  let given: Preprocessing
  private var identity = Identity()

  private final class Identity {}

  public var count: Int { indices.count }

  /// Whether these are the same ones, opened once.
  func isSame(as other: Pictures) -> Bool { identity === other.identity }

  /// - Parameter limit: Evenly from all; nil for all.
  init(
    _ dataset: any Dataset, name: String, from origin: PictureOrigin? = nil,
    preprocessing: Preprocessing, limit: Int?, memory: MemoryBudget
  ) {
    self.name = name
    var preprocessing = preprocessing
    // These are in the input's size: enlarged and cropped, they would lose their borders.
    if let stimuli = dataset as? StimulusDataset,
      [stimuli.height, stimuli.width] == Array(preprocessing.input.dropFirst())
    {
      preprocessing.resize = .none
    }
    self.origin = origin
    given = preprocessing
    source = dataset
    if dataset is BytePictures {
      // These are in memory already.
      (self.dataset, self.preprocessing) = (dataset, preprocessing)
    } else {
      self.dataset = DisplayedPictures(dataset, preprocessing, memory: memory)
      var prepared = preprocessing
      prepared.resize = .none
      self.preprocessing = prepared
    }
    indices = (0..<dataset.count).spread(most: limit ?? .max)
  }

  /// Some of these: the first of each class, then the second of each, if classes are known;
  /// evenly from all otherwise.
  package func sample(_ wanted: Int) throws -> [Int] {
    guard count > wanted else { return indices }
    let labels = try indices.map { try dataset.label(at: $0) }
    guard Set(labels).count > 1 else { return indices.spread(most: wanted) }
    var seen: [Int?: Int] = [:]
    let turns = labels.map { label -> Int in
      seen[label, default: 0] += 1
      return seen[label, default: 0]
    }
    let order = indices.indices.sorted { (turns[$0], $0) < (turns[$1], $1) }
    return order.prefix(wanted).map { indices[$0] }
  }

  /// Works on some pictures, spread over all; if one cannot be read, another takes its place.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - read: Gives what is needed of a picture, by its index; `FileError`s pass it over.
  ///   - work: Called with what was read.
  /// - Returns: The errors of the pictures that were passed over.
  /// - Throws: The first of these if no picture can be read; the errors of `work`.
  func forEachReadable<Content>(
    _ count: Int, read: (Int) throws -> Content, _ work: (Content) throws -> Void
  ) throws -> [FileError] {
    let chosen = try sample(count)
    let others = Set(indices).subtracting(chosen).sorted()
    var failures: [FileError] = []
    var readable = 0
    for index in chosen + others where readable < count {
      let content: Content
      do {
        content = try read(index)
      } catch let error as FileError {
        failures.append(error)
        continue
      }
      readable += 1
      try work(content)
    }
    if readable == 0, let first = failures.first { throw first }
    return failures
  }

  /// What captions must say of how some of them are shown; nil if these are shown as they are.
  func displayRemark(of shown: some Sequence<Int>) throws -> String? {
    guard dataset.holdsArrays else { return preprocessing.displayRemark }
    for index in shown {
      if let remark = try preprocessing.displayRemark(of: dataset.example(at: index)) {
        return remark
      }
    }
    return nil
  }

  /// The same pictures, with other values of their pixels in the input.
  ///
  /// - Parameter other: Places pictures in the input as this does.
  func encoded(as other: Preprocessing) -> Pictures {
    var copy = self
    let placed = preprocessing
    copy.preprocessing = other
    copy.preprocessing.resize = placed.resize
    copy.preprocessing.centering = placed.centering
    return copy
  }

  /// The same pictures, placed in the input of another model.
  ///
  /// - Parameter memory: What that model leaves.
  func placed(as other: Preprocessing, memory: MemoryBudget) -> Pictures {
    Pictures(
      source, name: name, from: origin, preprocessing: other, limit: nil, memory: memory
    ).only(indices)
  }

  /// Some of these, as pictures of their own.
  ///
  /// - Parameter indices: Into the data set.
  func only(_ indices: [Int]) -> Pictures {
    var copy = self
    copy.indices = indices
    copy.identity = Identity()
    return copy
  }

  /// Tells the class of each picture, as one of the network's; nil if it is not known.
  func labels(in model: Model) -> (Int) -> Int? {
    let source = dataset
    let known = model.classes(of: source)
    return { index in
      guard let label = try? source.label(at: index), known.indices.contains(label) else {
        return nil
      }
      return known[label]
    }
  }

  /// The factors of a picture's annotations, without decoding it.
  func factors(of index: Int) throws -> [String: Annotations.Value] {
    try source.annotations(at: index).factors
  }

  /// A picture's name, without reading it.
  package func sourceName(of index: Int) throws -> String { try source.source(at: index) }

  /// The names of all pictures of the data set, without reading them.
  func sourceNames() throws -> [String] { try (0..<source.count).map(source.source) }

  /// The size of a picture as it is in its file, in pixels.
  ///
  /// - Throws: `FileError` if it cannot be read.
  func fileSize(of index: Int) throws -> (width: Int, height: Int) {
    switch try source.example(at: index).content {
    case .picture(let image): return (image.width, image.height)
    case .file(let file):
      let picture = try file.opened()
      return (picture.width, picture.height)
    // Used exactly as it is.
    case .array: return (given.input[2], given.input[1])
    }
  }

  /// Moves a box from the pixels of a picture's file to those of the network's input, where it is
  /// cut off; nil if it is outside.
  ///
  /// - Parameter size: Of the picture in its file.
  func placed(_ box: Annotations.Box, ofPicture size: (width: Int, height: Int)) -> Annotations.Box?
  {
    guard !source.holdsArrays else { return box }
    return given.placed(Annotations(boxes: [box]), ofPicture: size).boxes.first
  }

  /// The values of a series `[C, L]` or a volume `[C, D, H, W]`, before they are normalized.
  ///
  /// - Throws: `FileError` if it cannot be read, or has another shape than the network's input.
  func values(of index: Int) throws -> Tensor {
    try preprocessing.values(of: preprocessing.tensor(for: dataset.example(at: index)))
  }

  /// What the network sees of one.
  func displayed(_ index: Int) throws -> Image {
    try preprocessing.displayed(dataset.example(at: index))
  }

  /// What the network sees of an example, as figures draw it.
  func seen(_ index: Int) throws -> SeenExample {
    switch preprocessing.kind {
    case .picture: .picture(try displayed(index))
    case .series: .series(try values(of: index))
    case .volume: .volume(try values(of: index))
    }
  }
}

extension Model {
  /// What a gallery shows one by one, and what it looks through.
  public struct Sources {
    public let shown: Pictures
    public let scanned: Pictures
  }

  /// The pictures that the options name, or those that the checkpoint brings.
  ///
  /// - Parameters:
  ///   - usualLimit: How many pictures to look through if no limit is given.
  ///   - opened: What has been opened already.
  /// - Throws: `FileError`; `UsageError` if there are none.
  func pictures(
    _ options: PictureOptions, usualLimit: Int? = nil, opened: OpenedDatasets
  ) throws -> Sources {
    func make(_ place: PicturePlace) throws -> Pictures {
      let (dataset, origin) = try opened.datasetAndOrigin(at: place, of: self)
      return Pictures(
        dataset, name: origin.name, from: origin, preprocessing: preprocessing,
        limit: options.limit ?? usualLimit, memory: memory.less(heldBytes(keeping: .only([]))))
    }
    let places = try picturePlaces(options)
    let scanned = try make(places.scanned)
    return Sources(
      shown: places.shown == places.scanned ? scanned : try make(places.shown), scanned: scanned)
  }

  /// Where the pictures come from that ``pictures(_:usualLimit:)`` opens.
  ///
  /// - Throws: `UsageError` if there are none.
  func picturePlaces(
    _ options: PictureOptions
  ) throws -> (shown: PicturePlace, scanned: PicturePlace) {
    if let images = options.images {
      let named = PicturePlace(
        source: images, name: baseNameWithExtension(images),
        seed: RenderedScenes(images) != nil
          ? RenderedScenes.gallerySeedOffset : RenderedStimuli.are(images) ? 0 : nil,
        labels: options.labels, trained: trainedPart(at: images), isNamed: true)
      return (named, named)
    }
    guard options.labels == nil else {
      throw UsageError("--labels: give the folder of pictures with --images")
    }
    let beside = (path as NSString).deletingPathExtension
    let own =
      FileManager.default.fileExists(atPath: beside) ? PicturePlace(filesAt: beside) : nil
    if let recipe, let rendered = RenderedScenes(recipe.data) {
      let fresh = PicturePlace(
        source: "\(rendered):\(options.limit ?? 1200)", name: "fresh \(rendered)",
        seed: recipe.seed &+ RenderedScenes.gallerySeedOffset)
      return (own ?? fresh, fresh)
    }
    if let found = own ?? trainingData { return (found, found) }
    let lost = recipe.map { "; '\($0.data)', which it was trained on, is not found" } ?? ""
    throw UsageError("give pictures with --images: '\(name)' has none\(lost)")
  }

  /// The training part of the pictures that ``pictures(_:usualLimit:opened:)`` opens.
  ///
  /// - Returns: Nil if they are not split into training and test pictures.
  /// - Throws: The same errors as when these are opened.
  func trainingPart(_ options: PictureOptions, usualLimit: Int?) throws -> Pictures? {
    let place = try picturePlaces(options).scanned
    guard try datasetFormats.recognize(place.source, of: preprocessing.kind).isSplit else {
      return nil
    }
    let opened = Date()
    return Pictures(
      try open(place, .training), name: place.name,
      from: PictureOrigin(place: place, opened: opened, part: .training),
      preprocessing: preprocessing, limit: options.limit ?? usualLimit,
      memory: memory.less(heldBytes(keeping: .only([]))))
  }

  func open(_ place: PicturePlace, _ part: Split? = nil) throws -> any Dataset {
    let (kind, input) = (preprocessing.kind, preprocessing.input)
    let dataset = try datasetFormats.recognize(place.source, of: kind).open(
      part,
      RecognizedDataset.Options(
        memory: memory, renderedSize: input[1], seed: place.seed ?? 0, renderedWidth: input.last,
        input: input))
    if kind != .picture, let array = dataset as? ArrayDataset, array.exampleShape.extents != input {
      throw FileError(
        .malformed, place.source,
        "expected \(kind.plural) of \(input), as the network takes them, found "
          + "\(array.exampleShape)")
    }
    guard let labels = place.labels else { return dataset }
    return try labelled(dataset, by: labels, of: kind, at: place.source, memory: memory)
  }
}

/// The pictures of a folder with the classes that a table says.
///
/// - Throws: `FileError` if the table cannot be read or names none of them; `UsageError` if they are no
///   folder's.
func labelled(
  _ dataset: any Dataset, by table: String, of kind: ExampleKind, at place: String,
  memory: MemoryBudget
) throws -> LabelledPictures {
  guard let folder = dataset as? ExampleFolder else {
    throw UsageError("--labels: expected a folder of \(kind.plural), found '\(place)'")
  }
  return try LabelledPictures(folder, LabelTable(table, memory: memory))
}

/// The data sets that one run has opened, each once.
final class OpenedDatasets {
  private var datasets: [PicturePlace: (dataset: any Dataset, origin: PictureOrigin)] = [:]

  /// - Throws: `FileError`; `UsageError` if labels cannot be those of the pictures.
  func dataset(at place: PicturePlace, of model: Model) throws -> any Dataset {
    try datasetAndOrigin(at: place, of: model).dataset
  }

  /// - Throws: The same errors as `dataset(at:of:)`.
  func datasetAndOrigin(
    at place: PicturePlace, of model: Model
  ) throws -> (dataset: any Dataset, origin: PictureOrigin) {
    if let opened = datasets[place] { return opened }
    let date = Date()
    let (dataset, relation) = try model.openUnseen(place)
    let origin = PictureOrigin(place: place, opened: date, relation: relation)
    let opened = (dataset: dataset, origin: origin)
    datasets[place] = opened
    return opened
  }
}

/// Where pictures come from.
struct PicturePlace: Hashable {
  /// A path, `scenes:COUNT`, `series:COUNT`, `volumes:COUNT` or `stimuli:NAME`.
  let source: String
  /// For captions.
  let name: String
  /// Of what is rendered; nil for files.
  let seed: UInt64?
  /// The table that says the pictures' classes.
  var labels: String?
  /// Nil if the network was not trained on these.
  var trained: TrainedPart?
  /// Whether a user asked for all of these, also for those that were trained on.
  var isNamed = false
}

extension PicturePlace {
  init(filesAt path: String) {
    self.init(source: path, name: baseNameWithExtension(path), seed: nil)
  }
}

/// A path's last part.
package func baseNameWithExtension(_ path: String) -> String {
  URL(filePath: path).lastPathComponent
}

/// What figures of a picture are named by, so that those of others never replace them: the folders
/// and the file without extension, or the number in its file, `x_train-007`.
///
/// - Parameter source: As examples have it: `cat/a.png`, or `digits.npz #7`.
func pictureName(_ source: String) -> String {
  guard let match = source.wholeMatch(of: /(\S+)(.*) #(\d+)/) else {
    return (source as NSString).deletingPathExtension
  }
  let number = String(match.3)
  let zeros = String(repeating: "0", count: max(3 - number.count, 0))
  return "\(baseName(String(match.1)))\(match.2)-\(zeros)\(number)"
}

/// A path's last part without its extension.
package func baseName(_ path: String) -> String {
  URL(filePath: path).deletingPathExtension().lastPathComponent
}
