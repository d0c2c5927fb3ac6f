internal import Dispatch
public import Files
internal import Foundation
internal import Synchronization
public import TensorCore

/// Some pictures as a network takes them.
public struct Batch: Sendable {
  /// `[N, C, H, W]`, channels last.
  public let images: Tensor
  /// The data set's index of each picture.
  public let indices: [Int]
  public let labels: [Int?]
}

extension Dataset {
  /// Streams pictures through `body` in order; while it works on one batch, the next is read and
  /// preprocessed on the other cores. Holds two batches at a time.
  ///
  /// - Parameters:
  ///   - indices: Which pictures, and in which order.
  ///   - body: Gets batches of at most `size` pictures; fewer where files could not be read.
  /// - Returns: The files that could not be read and were left out.
  /// - Throws: What `body` throws; the first file's error where no picture could be read.
  public func forEachBatch(
    of size: Int, indices: [Int], preprocessing: Preprocessing, _ body: (Batch) throws -> Void
  ) throws -> [FileError] {
    let starts = Array(stride(from: 0, to: indices.count, by: size))
    var failures: [FileError] = []
    var count = 0
    var next = starts.first.map { start in
      Upcoming(self, Array(indices[start..<min(start + size, indices.count)]), preprocessing)
    }
    for position in starts.indices {
      guard let current = next?.wait() else { break }
      next =
        position + 1 < starts.count
        ? Upcoming(
          self,
          Array(indices[starts[position + 1]..<min(starts[position + 1] + size, indices.count)]),
          preprocessing) : nil
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

  init(_ dataset: any Dataset, _ indices: [Int], _ preprocessing: Preprocessing) {
    DispatchQueue.global(qos: .userInitiated).async {
      let result = Outcome { try read(dataset, indices, preprocessing) }
      self.outcome.withLock { $0 = result }
      self.done.signal()
    }
  }

  func wait() -> Outcome? {
    done.wait()
    return outcome.withLock { $0 }
  }
}

private func read(
  _ dataset: any Dataset, _ indices: [Int], _ preprocessing: Preprocessing
) throws -> (Batch?, [FileError]) {
  typealias Picture = Result<(Tensor, Int?), any Error>
  let pictures = Mutex([Picture?](repeating: nil, count: indices.count))
  // Small pictures in memory are not worth a thread each.
  let stripes = min(indices.count, ProcessInfo.processInfo.activeProcessorCount)
  DispatchQueue.concurrentPerform(iterations: stripes) { stripe in
    for position in Swift.stride(from: stripe, to: indices.count, by: stripes) {
      let picture = Picture {
        let example = try dataset.example(at: indices[position])
        return (try preprocessing.tensor(for: example), example.label)
      }
      pictures.withLock { $0[position] = picture }
    }
  }
  var failures: [FileError] = []
  var (images, kept, labels): ([Tensor], [Int], [Int?]) = ([], [], [])
  for (picture, index) in zip(pictures.withLock { $0 }, indices) {
    switch picture {
    case .success(let (image, label)):
      images.append(image)
      kept.append(index)
      labels.append(label)
    case .failure(let error as FileError): failures.append(error)
    case .failure(let error): throw error
    case nil: break
    }
  }
  guard !images.isEmpty else { return (nil, failures) }
  return (
    Batch(images: Tensor(concatenatingRows: images), indices: kept, labels: labels), failures
  )
}
