import Datasets
import Files
import Foundation
import Networks
import Scenes
import TensorCore
import Training

/// The pictures of a recipe, and how they are preprocessed.
struct TrainingSources {
  let training: any Dataset
  let test: (any Dataset)?
  let preprocessing: Preprocessing
  let classNames: [String]

  init(_ recipe: Recipe, _ architecture: Architecture) throws {
    let input = architecture.usualInputShape.extents
    let size = input[1]
    guard let scenes = try RenderedScenes(recipe.data, size: size, seed: recipe.seed) else {
      throw FileError(.missing, recipe.data, "no such data")
    }
    training = scenes.dataset
    test = try recipe.testData.flatMap {
      try RenderedScenes($0, size: size, seed: recipe.seed + RenderedScenes.testSeedOffset)?
        .dataset
    }
    classNames = recipe.classes ?? training.classNames
    preprocessing = try Self.normalized(Preprocessing(input: input), for: training)
  }

  /// Mean and deviation of each channel over some of the training pictures.
  private static func normalized(
    _ plain: Preprocessing, for dataset: any Dataset
  ) throws -> Preprocessing {
    let channels = plain.input[0]
    var (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    var count = 0.0
    for index in stride(from: 0, to: dataset.count, by: max(1, dataset.count / 1000)) {
      let picture = try plain.tensor(for: dataset.example(at: index))
      picture.withUnsafeElements { values in
        for position in values.indices {
          let value = Double(values[position])
          sums[position % channels] += value
          squares[position % channels] += value * value
        }
      }
      count += Double(picture.count / channels)
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

  func prepare() throws -> TrainingData {
    TrainingData(
      training: try prepare(training), test: try test.map(prepare),
      encoding: ColorEncoding(
        mean: preprocessing.mean, deviation: preprocessing.deviation,
        greyWeights: preprocessing.channelOrder == .bgr ? [0.114, 0.587, 0.299] : nil))
  }

  private func prepare(_ dataset: any Dataset) throws -> PreparedPictures {
    let preprocessing = preprocessing
    return try PreparedPictures(count: dataset.count, shape: Shape(preprocessing.input)) { index in
      let example = try dataset.example(at: index)
      guard let label = example.label else {
        throw FileError(.malformed, example.source, "has no class to learn")
      }
      let picture = try preprocessing.tensor(for: example)
      return (picture.rows(0..<1).reshaped(to: Shape(preprocessing.input)), label)
    }
  }
}
