package import Datasets
package import Files
internal import Foundation
internal import Images
package import Networks
internal import TensorCore
package import Training

/// The pictures, series or volumes of a recipe, and how they are preprocessed.
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
    let kind = ExampleKind(input: usual) ?? .picture
    let data = try datasetFormats.recognize(recipe.data, of: kind)
    var options = RecognizedDataset.Options(
      memory: memory, renderedSize: usual[1], seed: recipe.seed,
      input: architecture == nil ? usual : nil)
    var training = try data.open(data.isSplit ? .training : nil, options)
    options.seed = recipe.seed &+ RenderedScenes.testSeedOffset
    // What is tested has the shape of what the network was made for.
    if kind != .picture, options.input == nil, case .array(let shape) = try Self.sample(training) {
      options.input = shape
    }
    let testData = try recipe.testData.map { try datasetFormats.recognize($0, of: kind) }
    var test = try (testData ?? (data.isSplit ? data : nil))?.open(nil, options)
    if holdsOut, test == nil {
      (training, test) = Self.heldOut(of: training, seed: recipe.seed)
    }
    if let limit, limit < training.count {
      training = Self.shuffled(training, seed: recipe.seed).prefix(limit)
    }
    (self.training, self.test) = (training, test)
    classNames = recipe.classes ?? training.classNames
    guard classNames.count > 1 else {
      let expected =
        training is ArrayDataset
        ? "labels of two or more classes beside the array, in an .npz archive or .safetensors file"
        : "\(kind.plural) of two or more classes (a folder each)"
      throw FileError(
        .malformed, recipe.data, "expected \(expected), found \(classNames.count)")
    }
    if let given, architecture == nil {
      preprocessing = given
      return
    }
    let sample = try Self.sample(training)
    let plain = Preprocessing(plain: Self.inputShape(usual, sample))
    if let problem = plain.problem { throw FileError(.malformed, recipe.data, problem) }
    if var given, given.kind == kind, given.input[0] == plain.input[0] {
      // The weights are for values in the same range.
      if given.input != plain.input { (given.input, given.resize) = (plain.input, .exact) }
      preprocessing = given
      return
    }
    // Arrays of pictures are used exactly as they are.
    if kind == .picture, case .array = sample {
      preprocessing = plain
    } else {
      preprocessing = try Self.normalized(plain, for: training)
    }
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
  private enum Sample {
    case picture(width: Int, height: Int, isGrey: Bool)
    case array([Int])
  }

  /// That of arrays; otherwise the architecture's usual size, or the pictures' own if all are small
  /// and of one size.
  private static func inputShape(_ usual: [Int], _ sample: Sample) -> [Int] {
    switch sample {
    case .array(let shape): return shape
    case .picture(let width, let height, let isGrey):
      let adapts = max(usual[1], usual[2]) <= 64 && max(width, height) <= 64
      let channels = usual[0] == 1 && !isGrey ? 3 : usual[0] == 3 && isGrey ? 1 : usual[0]
      return adapts ? [channels, height, width] : usual
    }
  }

  /// The first that can be read.
  private static func sample(_ dataset: any Dataset) throws -> Sample {
    var problem: (any Error)?
    for index in 0..<min(dataset.count, 20) {
      do {
        switch try dataset.example(at: index).content {
        case .picture(let image):
          return .picture(
            width: image.width, height: image.height, isGrey: image.grayscale() == image)
        case .file(let file):
          let picture = try file.opened()
          return .picture(
            width: picture.width, height: picture.height, isGrey: try picture.isGray())
        case .array(let array):
          return .array(array.shape.extents)
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
    let means = sums.map { $0 / count }
    let deviations = zip(squares, means).map { max($0 / count - $1 * $1, 0).squareRoot() }
    var result = plain
    if plain.kind == .picture {
      result.mean = means.map { Float(($0 * 1000).rounded() / 1000) }
      result.deviation = deviations.map { max(0.001, Float(($0 * 1000).rounded() / 1000)) }
    } else {
      // Of any size, in any unit; a channel that never changes is only centred.
      result.mean = means.map { Float($0) }
      result.deviation = deviations.map { Float($0) > 0 ? Float($0) : 1 }
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
