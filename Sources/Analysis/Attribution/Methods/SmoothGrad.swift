public import Networks
internal import TensorCore

/// Smilkov et al. (2017), section 3: the mean gradient at noisy copies of the picture.
///
/// The noise is normal, and its deviation a part of the picture's range, its greatest value less
/// its least in the network's input. The paper finds 10 to 20 % and 50 samples good (section 3.1).
public struct SmoothGrad: AttributionMethod {
  public var samples = 50
  /// The deviation over the picture's range.
  public var noise: Float = 0.15
  public var seed: UInt64 = 0

  public init() {}

  public var name: String { "smoothgrad" }
  public var citation: String { "Smilkov et al. 2017" }
  public func explanation(of score: String) -> String {
    "The mean gradient of the \(score) over noisy copies of the picture"
  }
  public var isSigned: Bool { false }

  public static var parameters: [MethodParameter<Self>] {
    [
      .count("samples", "Number of noisy copies of each picture.", \.samples, 1...10_000),
      .number(
        "noise", "Standard deviation of the noise, as a fraction of the picture's range.", \.noise,
        0...10),
      .seed(\.seed),
    ]
  }

  public func keep(in network: Network) -> Keep { .only([]) }
  public func largestKeep(in network: Network) -> Keep { .forGradient() }

  public func attribute(_ scores: ExplainedScores, of batch: ExplainedBatch) -> Attribution {
    let noise = PictureNoise(of: batch, deviation: noise, seed: seed)
    let share = 1 / Float(samples)
    var mean: Tensor?
    batch.forEachRound(samples, of: scores, pictures: noise.copies) { gradient in
      mean = mean.map { $0.zip(gradient) { $0 + share * $1 } } ?? gradient * share
    }
    return Attribution(maps: mean ?? batch.pictures)
  }
}

/// Noisy copies of a batch's pictures. The noise of a picture depends on nothing but the seed, its
/// index and the copy's number, so not on the batch that it is in.
struct PictureNoise {
  private let batch: ExplainedBatch
  private let seed: UInt64
  /// One for each picture.
  private let deviations: [Float]

  /// - Parameter deviation: Over each picture's range.
  init(of batch: ExplainedBatch, deviation: Float, seed: UInt64) {
    (self.batch, self.seed) = (batch, seed)
    deviations = (0..<batch.pictures.shape[0]).map { row in
      let elements = batch.pictures.rows(row..<(row + 1)).elements
      return deviation * ((elements.max() ?? 0) - (elements.min() ?? 0))
    }
  }

  /// The copies of one number, `[N, C, H, W]`.
  func copies(_ number: Int) -> Tensor {
    let pictures = batch.pictures.arranged(as: .rowMajor)
    let width = pictures.count / max(pictures.shape[0], 1)
    return pictures.withUnsafeElements { x in
      Tensor(shape: pictures.shape) { target in
        for (row, index) in batch.indices.enumerated() {
          var generator = SeededGenerator(seed: seed, path: index, number)
          for place in (row * width)..<((row + 1) * width) {
            target[place] = x[place] + deviations[row] * generator.normal()
          }
        }
      }
    }
  }
}
