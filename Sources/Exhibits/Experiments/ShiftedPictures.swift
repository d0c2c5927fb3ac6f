internal import Analysis
internal import Datasets
internal import Networks
internal import TensorCore
internal import Training

/// Test pictures to shift, so that one sees whether a network has to learn each position anew.
struct ShiftedPictures {
  /// Enough that a point of accuracy is twenty pictures.
  static let most = 2000
  /// In bytes, of the pictures.
  private static let mostBytes = 128 << 20

  private let pictures: Tensor
  private let labels: [Int]

  /// How many of the test pictures are shifted.
  static func count(of pictures: Int, _ preprocessing: Preprocessing) -> Int {
    let bytes = preprocessing.input.reduce(MemoryLayout<Float>.stride, *)
    return min(pictures, most, max(mostBytes / max(bytes, 1), 1))
  }

  /// - Throws: `FileError` if no picture can be read.
  init(_ dataset: any Dataset, _ preprocessing: Preprocessing, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed, path: 0x5417)
    let count = Self.count(of: dataset.count, preprocessing)
    let indices = (0..<dataset.count).shuffled(using: &generator).prefix(count).sorted()
    var (parts, labels): ([Tensor], [Int]) = ([], [])
    _ = try dataset.forEachBatch(of: 128, indices: indices, preprocessing: preprocessing) { batch in
      for (row, label) in batch.labels.enumerated() {
        guard let label else { continue }
        parts.append(batch.images.rows(row..<(row + 1)))
        labels.append(label)
      }
    }
    guard !parts.isEmpty else {
      throw UsageError("there are no labelled test pictures to shift")
    }
    (pictures, self.labels) = (Tensor(concatenatingRows: parts), labels)
  }

  /// The share of right first choices, over shifts up, down, left and right; pixels at the border
  /// are repeated where a shifted picture shows nothing.
  func accuracy(of network: Network, shiftedBy pixels: Int) throws -> Double {
    let (height, width) = (pictures.shape[2], pictures.shape[3])
    let directions: [(PictureTransformation, Double)] =
      pixels == 0
      ? [(.vertical, 0)]
      : [
        (.vertical, Double(pixels)), (.vertical, -Double(pixels)), (.horizontal, Double(pixels)),
        (.horizontal, -Double(pixels)),
      ]
    var (correct, count) = (0, 0)
    for (direction, amount) in directions {
      let mapping = direction.mapping(by: amount, height: height, width: width)
      let moved = concurrentMap(pictures.shape[0]) { index in
        transformed(pictures.rows(index..<(index + 1)), by: mapping, surround: .edge)
      }
      let score = try network.score(
        on: PreparedPictures(Tensor(concatenatingRows: moved), labels: labels))
      correct += score.correct
      count += score.count
    }
    return Double(correct) / Double(max(count, 1))
  }
}
