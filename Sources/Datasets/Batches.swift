internal import Dispatch
public import Files
internal import Foundation
internal import Synchronization
public import TensorCore

/// Some pictures in the form that a network takes.
public struct Batch: Sendable {
  /// `[N, C, H, W]`, channels last.
  public let images: Tensor
  /// The index of each picture in the data set.
  public let indices: [Int]
  public let labels: [Int?]
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
    let encoder = InputEncoder(preprocessing)
    let parts = stride(from: 0, to: indices.count, by: size).map {
      indices[$0..<min($0 + size, indices.count)]
    }
    var failures: [FileError] = []
    var count = 0
    var next = parts.first.map { Upcoming(self, Array($0), encoder) }
    for position in parts.indices {
      guard let current = next?.wait() else { break }
      let after = position + 1
      next = after < parts.count ? Upcoming(self, Array(parts[after]), encoder) : nil
      let (batch, failed) = try current.get()
      failures += failed
      count += batch?.indices.count ?? 0
      if let batch { try body(batch) }
    }
    if count == 0, let first = failures.first { throw first }
    return failures
  }
}

/// A batch that is being read on another thread.
private final class Upcoming: Sendable {
  typealias Outcome = Result<(Batch?, [FileError]), any Error>

  private let outcome = Mutex<Outcome?>(nil)
  private let done = DispatchSemaphore(value: 0)

  init(_ dataset: any Dataset, _ indices: [Int], _ encoder: InputEncoder) {
    DispatchQueue.global(qos: .userInitiated).async {
      let result = Outcome { try read(dataset, indices, encoder) }
      self.outcome.withLock { $0 = result }
      self.done.signal()
    }
  }

  func wait() -> Outcome? {
    done.wait()
    return outcome.withLock { $0 }
  }
}

/// - Returns: The pictures that could be read, and the errors of the others.
private func read(
  _ dataset: any Dataset, _ indices: [Int], _ encoder: InputEncoder
) throws -> (Batch?, [FileError]) {
  let shape = Shape([indices.count] + encoder.preprocessing.input)
  let size = shape.withCount(1).elementCount
  var outcomes: [Result<Int?, any Error>] = []
  let images = Tensor(shape: shape, layout: .channelsLast) { target in
    outcomes = decode(dataset, indices, encoder, size: size, into: target)
  }
  var failures: [FileError] = []
  var (kept, labels): ([Int], [Int?]) = ([], [])
  for (position, outcome) in outcomes.enumerated() {
    switch outcome {
    case .success(let label):
      kept.append(position)
      labels.append(label)
    case .failure(let error as FileError): failures.append(error)
    case .failure(let error): throw error
    }
  }
  guard !kept.isEmpty else { return (nil, failures) }
  return (
    Batch(
      images: failures.isEmpty
        ? images : Tensor(concatenatingRows: kept.map { images.rows($0..<($0 + 1)) }),
      indices: kept.map { indices[$0] }, labels: labels), failures
  )
}

/// Reads and encodes pictures on all cores, each to its own position.
///
/// - Returns: The label or the error of each picture.
private func decode(
  _ dataset: any Dataset, _ indices: [Int], _ encoder: InputEncoder, size: Int,
  into target: UnsafeMutableBufferPointer<Float>
) -> [Result<Int?, any Error>] {
  typealias Outcome = Result<Int?, any Error>
  let outcomes = Mutex([Outcome](repeating: .success(nil), count: indices.count))
  // Each position is written by a single iteration, and all end before the buffer is freed.
  nonisolated(unsafe) let target = target
  concurrently(indices.count) { position in
    let place = UnsafeMutableBufferPointer(
      rebasing: target[(position * size)..<((position + 1) * size)])
    let outcome = Outcome {
      let index = indices[position]
      if let bytes = dataset as? BytePictures, try bytes.write(index, with: encoder, into: place) {
        return try bytes.label(at: index)
      }
      let example = try dataset.example(at: index)
      try encoder.write(example, into: place)
      return example.label
    }
    // An unreadable picture is dropped later, but its memory is never left uninitialized.
    if case .failure = outcome { place.initialize(repeating: 0) }
    outcomes.withLock { $0[position] = outcome }
  }
  return outcomes.withLock { $0 }
}
