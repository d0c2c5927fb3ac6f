package import Datasets
package import Files
internal import Foundation
internal import Images
package import Networks
internal import TensorCore
package import Training

/// The pictures of a recipe, and how they are preprocessed.
package struct TrainingSources {
  package private(set) var training: any Dataset
  package private(set) var test: (any Dataset)?
  package let preprocessing: Preprocessing
  package let classNames: [String]
  private let memory: MemoryBudget

  /// - Parameters:
  ///   - architecture: Decides the size of the input; nil for that of `given`.
  ///   - given: How pictures were prepared for the network that training starts from.
  ///   - limit: How many training pictures to use, chosen at random by the recipe's seed; nil for
  ///     all.
  ///   - holdsOut: Whether a random fifth of data without test pictures is kept for testing.
  package init(
    _ recipe: Recipe, _ architecture: Architecture?, given: Preprocessing? = nil,
    memory: MemoryBudget, limit: Int? = nil, holdsOut: Bool = false
  ) throws {
    self.memory = memory
    let usual = architecture?.usualInputShape.extents ?? given?.input ?? []
    let data = try datasetFormats.recognize(recipe.data)
    var options = RecognizedDataset.Options(
      memory: memory, renderedSize: usual[1], seed: recipe.seed)
    var training = try data.open(data.isSplit ? .training : nil, options)
    options.seed = recipe.seed &+ RenderedScenes.testSeedOffset
    let testData = try recipe.testData.map { try datasetFormats.recognize($0) }
    var test = try (testData ?? (data.isSplit ? data : nil))?.open(nil, options)
    if holdsOut, test == nil {
      (training, test) = Self.heldOut(of: training, seed: recipe.seed)
    }
    if let limit, limit < training.count {
      training = Self.shuffled(training, seed: recipe.seed).prefix(limit)
    }
    (self.training, self.test) = (training, test)
    classNames = recipe.classes ?? training.classNames
    try Self.checkClasses(of: training, classNames, recipe)
    if let given, architecture == nil {
      preprocessing = given
      return
    }
    let first = try Self.firstReadable(training)
    let plain = Preprocessing(input: Self.inputShape(usual, first))
    if var given, given.input[0] == plain.input[0] {
      // The weights are for values in the same range.
      if given.input != plain.input { (given.input, given.resize) = (plain.input, .exact) }
      preprocessing = given
      return
    }
    // Arrays are used exactly as they are.
    preprocessing = first.isArray ? plain : try Self.normalized(plain, for: training)
  }

  /// - Throws: `FileError` or `RecipeError` that names the only class, if there is one: a network can
  ///   only learn to tell classes apart.
  private static func checkClasses(
    of dataset: any Dataset, _ names: [String], _ recipe: Recipe
  ) throws {
    if let classes = recipe.classes, classes.count == 1 {
      throw RecipeError(
        "classes", "expected the names of two or more classes, found one, '\(classes[0])'")
    }
    let expected =
      dataset is ArrayDataset
      ? "labels of two or more classes beside the array, in an .npz archive or .safetensors file"
      : "pictures of two or more classes (a folder each)"
    guard names.count > 1 else {
      throw FileError(
        .malformed, recipe.data,
        "expected \(expected), found "
          + (dataset.singleClass.map { "one class, '\($0)'" } ?? "no classes"))
    }
    guard let only = try onlyLabel(in: dataset) else { return }
    let name = names.indices.contains(only) ? "'\(names[only])'" : "\(only)"
    throw FileError(
      .malformed, recipe.data,
      "expected \(expected), found \(dataset.count) of one class, \(name)")
  }

  /// The class of all pictures that have one; nil if there are several classes, or none.
  private static func onlyLabel(in dataset: any Dataset) throws -> Int? {
    var only: Int?
    for index in 0..<dataset.count {
      guard let label = try dataset.label(at: index) else { continue }
      if let only, only != label { return nil }
      only = label
    }
    return only
  }

  private static func shuffled(_ dataset: any Dataset, seed: UInt64) -> ChosenExamples {
    var generator = SeededGenerator(seed: seed, path: 0x5EED)
    return ChosenExamples(of: dataset, (0..<dataset.count).shuffled(using: &generator))
  }

  /// The training pictures, and a fifth of all that no network is trained on.
  private static func heldOut(
    of dataset: any Dataset, seed: UInt64
  ) -> (training: any Dataset, test: (any Dataset)?) {
    let all = shuffled(dataset, seed: seed)
    let count = dataset.count / 5
    return count == 0 ? (dataset, nil) : (all.dropFirst(count), all.prefix(count))
  }

  /// The same with some of the pictures, by their numbers; preprocessing stays.
  func only(training numbers: [Int], test tested: [Int]) -> TrainingSources {
    var sources = self
    sources.training = ChosenExamples(of: training, numbers)
    sources.test = test.map { ChosenExamples(of: $0, tested) }
    return sources
  }

  /// What the shape of the input depends on.
  private struct Sample {
    let width: Int
    let height: Int
    let channels: Int
    var isArray = false
  }

  /// That of arrays; otherwise the architecture's usual size, or the pictures' own if all are small
  /// and of one size.
  private static func inputShape(_ usual: [Int], _ sample: Sample) -> [Int] {
    guard !sample.isArray else { return [sample.channels, sample.height, sample.width] }
    let isGrey = sample.channels == 1
    let adapts = max(usual[1], usual[2]) <= 64 && max(sample.width, sample.height) <= 64
    let channels = usual[0] == 1 && !isGrey ? 3 : usual[0] == 3 && isGrey ? 1 : usual[0]
    return adapts ? [channels, sample.height, sample.width] : [usual[0], usual[1], usual[2]]
  }

  private static func firstReadable(_ dataset: any Dataset) throws -> Sample {
    var problem: (any Error)?
    for index in 0..<min(dataset.count, 20) {
      do {
        switch try dataset.example(at: index).content {
        case .picture(let image):
          let channels = image.grayscale() == image ? 1 : 3
          return Sample(width: image.width, height: image.height, channels: channels)
        case .file(let file):
          let picture = try file.opened()
          return Sample(
            width: picture.width, height: picture.height, channels: try picture.isGray() ? 1 : 3)
        case .array(let array):
          return Sample(
            width: array.shape[2], height: array.shape[1], channels: array.shape[0], isArray: true)
        }
      } catch {
        problem = problem ?? error
      }
    }
    throw problem ?? UsageError("the data contains no pictures")
  }

  /// Mean and standard deviation of each channel over some of the training pictures.
  private static func normalized(
    _ plain: Preprocessing, for dataset: any Dataset
  ) throws -> Preprocessing {
    let channels = plain.input[0]
    var (sums, squares) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    var count = 0.0
    let some = Array(stride(from: 0, to: dataset.count, by: max(1, dataset.count / 1000)))
    _ = try dataset.forEachBatch(of: 64, indices: some, preprocessing: plain) { batch in
      batch.images.withUnsafeElements { values in
        for position in values.indices {
          let value = Double(values[position])
          sums[position % channels] += value
          squares[position % channels] += value * value
        }
      }
      count += Double(batch.images.count / channels)
    }
    var result = plain
    result.mean = sums.map { Float(($0 / count * 1000).rounded() / 1000) }
    result.deviation = sums.indices.map { channel in
      let mean = sums[channel] / count
      let deviation = max(squares[channel] / count - mean * mean, 0).squareRoot()
      return max(0.001, Float((deviation * 1000).rounded() / 1000))
    }
    return result
  }

  /// The memory that the pictures take, in bytes: that of the files, and at most a quarter of the
  /// budget for each of the two parts once they are prepared.
  package var heldBytes: Int {
    [training, test].compactMap { $0 }.reduce(0) { held, dataset in
      let prepared =
        dataset.count * preprocessing.input.reduce(1, *) * MemoryLayout<Float>.stride
      return held + dataset.heldBytes + (prepared <= preparedMemory ? prepared : 0)
    }
  }

  private var preparedMemory: Int { min(memory.bytes / 4, PreparedPictures.usualMemory) }

  package func prepare() throws -> TrainingData {
    try TrainingData(training: training, test: test, preprocessing, memory: preparedMemory)
  }
}
