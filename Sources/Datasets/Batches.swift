public import Files
public import TensorCore

/// Some examples in the form that a network takes.
public struct Batch: Sendable {
  /// `[N, C, H, W]`, `[N, C, L]` or `[N, C, D, H, W]`, channels last; *N* is 0 if none of the
  /// pictures, series or volumes could be read.
  public let images: Tensor
  /// The index of each picture in the data set.
  public let indices: [Int]
  public let labels: [Int?]
  /// The files that could not be read, which are not among the pictures.
  public let failures: [FileError]

  package init(images: Tensor, indices: [Int], labels: [Int?], failures: [FileError] = []) {
    precondition(
      images.shape[0] == indices.count && indices.count == labels.count,
      "\(indices.count) indices and \(labels.count) labels for pictures \(images.shape)")
    (self.images, self.indices, self.labels, self.failures) = (images, indices, labels, failures)
  }
}

extension Dataset {
  /// Streams pictures through `body` in order; while it works on one batch, the next one is read
  /// and preprocessed on the other cores. Two batches are in memory at a time.
  ///
  /// - Parameters:
  ///   - indices: Which pictures to stream, and in which order.
  ///   - body: Gets batches of at most `size` pictures; fewer if files could not be read.
  /// - Returns: The files that could not be read and were skipped.
  /// - Throws: What `body` throws; the first file's error if no picture could be read.
  public func forEachBatch(
    of size: Int, indices: [Int], preprocessing: Preprocessing, _ body: (Batch) throws -> Void
  ) throws -> [FileError] {
    precondition(size > 0, "a batch of \(size) pictures")
    let reader = BatchReader(self, preprocessing)
    let starts = Array(stride(from: 0, to: indices.count, by: size))
    var failures: [FileError] = []
    var count = 0
    try forEachPrefetched(starts.count) { part in
      try reader.batch(Array(indices[starts[part]..<min(starts[part] + size, indices.count)]))
    } _: { batch in
      failures += batch.failures
      count += batch.indices.count
      if !batch.indices.isEmpty { try body(batch) }
    }
    if count == 0, let first = failures.first { throw first }
    return failures
  }
}

extension Dataset {
  /// The mean and the standard deviation of each channel over some examples, as a network takes
  /// them.
  ///
  /// - Throws: The first file's error if no example could be read.
  package func channelMoments(
    of indices: [Int], preprocessing: Preprocessing
  ) throws -> (means: [Double], deviations: [Double]) {
    let channels = preprocessing.input[0]
    var (sums, squares) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    var count = 0.0
    _ = try forEachBatch(of: 64, indices: indices, preprocessing: preprocessing) { batch in
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
    return (means, deviations)
  }
}
