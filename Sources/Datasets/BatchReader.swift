package import Files
internal import Synchronization
package import TensorCore

/// Reads and preprocesses pictures of a data set on all cores, each straight to its own position
/// of a batch.
///
/// All pictures that a network gets, to be analysed or to be trained on, come from here.
package struct BatchReader: Sendable {
  private let dataset: any Dataset
  private let encoder: InputEncoder
  private let needsLabels: Bool

  /// - Parameter needsLabels: Whether a picture without a class is an error.
  package init(
    _ dataset: any Dataset, _ preprocessing: Preprocessing, needsLabels: Bool = false
  ) {
    self.dataset = dataset
    encoder = InputEncoder(preprocessing)
    self.needsLabels = needsLabels
  }

  /// The class of a picture, without reading the picture.
  package func label(at index: Int) throws -> Int? { try dataset.label(at: index) }

  /// - Returns: Those of the pictures that could be read, and the errors of the others.
  /// - Throws: Any error but `FileError`.
  package func batch(_ indices: [Int]) throws -> Batch {
    let (images, outcomes) = try read(indices)
    var failures: [FileError] = []
    var (kept, labels): ([Int], [Int?]) = ([], [])
    for (position, outcome) in outcomes.enumerated() {
      switch outcome {
      case .success(let label):
        kept.append(position)
        labels.append(label)
      case .failure(let error): failures.append(error)
      }
    }
    return Batch(
      images: failures.isEmpty ? images : images.gathered(kept),
      indices: kept.map { indices[$0] }, labels: labels, failures: failures)
  }

  /// - Returns: `[N, C, …]` with the example of every index, zero if it could not be read, and
  ///   the label or the error of each.
  /// - Throws: Any error but `FileError`.
  package func read(
    _ indices: [Int]
  ) throws -> (images: Tensor, outcomes: [Result<Int?, FileError>]) {
    let shape = Shape([indices.count] + encoder.preprocessing.input)
    let size = shape.withCount(1).elementCount
    typealias Outcome = Result<Int?, any Error>
    let outcomes = Mutex([Outcome](repeating: .success(nil), count: indices.count))
    let images = Tensor(shape: shape, layout: .channelsLast) { target in
      // Each position is written by a single iteration, and all end before the buffer is freed.
      nonisolated(unsafe) let target = target
      concurrently(indices.count) { position in
        let place = UnsafeMutableBufferPointer(
          rebasing: target[(position * size)..<((position + 1) * size)])
        let outcome = Outcome { try write(indices[position], into: place) }
        if case .failure = outcome { place.initialize(repeating: 0) }
        outcomes.withLock { $0[position] = outcome }
      }
    }
    let checked = try outcomes.withLock { $0 }.map { outcome throws -> Result<Int?, FileError> in
      do {
        return .success(try outcome.get())
      } catch let error as FileError {
        return .failure(error)
      }
    }
    return (images, checked)
  }

  /// - Returns: The picture's label.
  private func write(
    _ index: Int, into place: UnsafeMutableBufferPointer<Float>
  ) throws -> Int? {
    if let bytes = dataset as? BytePictures {
      let label = try bytes.label(at: index)
      if label != nil || !needsLabels, try bytes.write(index, with: encoder, into: place) {
        return label
      }
    }
    let example = try dataset.example(at: index)
    guard example.label != nil || !needsLabels else {
      throw FileError(.malformed, example.source, "has no class label")
    }
    try encoder.write(example, into: place)
    return example.label
  }
}

extension Tensor {
  /// Copies of some rows, in the given order.
  fileprivate func gathered(_ rows: [Int]) -> Tensor {
    let width = shape.withCount(1).elementCount
    return withUnsafeElements { source in
      Tensor(shape: shape.withCount(rows.count), layout: layout) { target in
        for (slot, row) in rows.enumerated() {
          let place = UnsafeMutableBufferPointer(
            rebasing: target[(slot * width)..<((slot + 1) * width)])
          _ = place.initialize(fromContentsOf: source[(row * width)..<((row + 1) * width)])
        }
      }
    }
  }
}
