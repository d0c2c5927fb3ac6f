import Datasets
import Exhibits
import Files
import Foundation
import Images
import Networks
import TensorCore
import Training

/// The pictures of a recipe, and how they are preprocessed.
struct TrainingSources {
  let training: any Dataset
  let test: (any Dataset)?
  let preprocessing: Preprocessing
  let classNames: [String]
  private let memory: MemoryBudget

  init(_ recipe: Recipe, _ architecture: Architecture, memory: MemoryBudget) throws {
    self.memory = memory
    let usual = architecture.usualInputShape.extents
    let data = try datasetFormats.recognize(recipe.data)
    var options = RecognizedDataset.Options(
      memory: memory, renderedSize: usual[1], seed: recipe.seed)
    training = try data.open(data.isSplit ? .training : nil, options)
    options.seed = recipe.seed &+ RenderedScenes.testSeedOffset
    let testData = try recipe.testData.map { try datasetFormats.recognize($0) }
    test = try (testData ?? (data.isSplit ? data : nil))?.open(nil, options)
    classNames = recipe.classes ?? training.classNames
    guard classNames.count > 1 else {
      throw FileError(
        .malformed, recipe.data,
        "expected pictures of two or more classes (a folder each), found \(classNames.count)")
    }
    preprocessing = try Self.normalized(
      Preprocessing(input: try Self.inputShape(usual, training)), for: training)
  }

  /// The architecture's usual size, or the pictures' own if all are small and of one size.
  private static func inputShape(_ usual: [Int], _ dataset: any Dataset) throws -> [Int] {
    let (width, height, isGrey) = try firstReadable(dataset)
    let adapts = max(usual[1], usual[2]) <= 64 && max(width, height) <= 64
    let channels = usual[0] == 1 && !isGrey ? 3 : usual[0] == 3 && isGrey ? 1 : usual[0]
    return adapts ? [channels, height, width] : [usual[0], usual[1], usual[2]]
  }

  private static func firstReadable(
    _ dataset: any Dataset
  ) throws -> (width: Int, height: Int, isGrey: Bool) {
    var problem: (any Error)?
    for index in 0..<min(dataset.count, 20) {
      do {
        switch try dataset.example(at: index).content {
        case .picture(let image): return (image.width, image.height, image.grayscale() == image)
        case .file(let file):
          let picture = try file.opened()
          return (picture.width, picture.height, try picture.isGray())
        case .array: throw UsageError("arrays have no classes to learn; give pictures")
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
  var heldBytes: Int {
    [training, test].compactMap { $0 }.reduce(0) { held, dataset in
      let prepared =
        dataset.count * preprocessing.input.reduce(1, *) * MemoryLayout<Float>.stride
      return held + dataset.heldBytes + (prepared <= preparedMemory ? prepared : 0)
    }
  }

  private var preparedMemory: Int { min(memory.bytes / 4, PreparedPictures.usualMemory) }

  func prepare() throws -> TrainingData {
    try TrainingData(training: training, test: test, preprocessing, memory: preparedMemory)
  }
}
