public import Datasets
public import Files
internal import Foundation
public import TensorCore

/// Labelled pictures, series or volumes in the form that a network takes.
///
/// Pictures that fit into memory are prepared once, on as many threads as there are cores; later
/// epochs read them from there. Others are prepared again for each batch.
public struct PreparedPictures: Sendable {
  /// 1 GiB of floats.
  public static let usualMemory = 1 << 30

  private enum Source: Sendable {
    case memory(pictures: Tensor, labels: [Int?])
    case files(BatchReader)
  }

  /// `[C, H, W]`, `[C, L]` or `[C, D, H, W]`.
  public let shape: Shape
  /// The files that could not be read and are skipped.
  public let failures: [FileError]
  /// Whether they are arrays of floats, which no preprocessing changes.
  let areArrays: Bool
  private let source: Source
  /// The indices of these pictures in the source.
  private let indices: [Int]

  public var count: Int { indices.count }

  /// - Parameter pictures: `[N, C, …]`.
  public init(_ pictures: Tensor, labels: [Int]) {
    precondition(
      (3...5).contains(pictures.shape.rank) && pictures.shape[0] == labels.count,
      "\(labels.count) labels for pictures \(pictures.shape)")
    shape = Shape(Array(pictures.shape.extents.dropFirst()))
    failures = []
    areArrays = false
    source = .memory(pictures: pictures.arranged(as: .channelsLast), labels: labels)
    indices = Array(labels.indices)
  }

  /// Prepares a data set according to the network's preprocessing.
  ///
  /// - Parameter memory: In bytes; pictures that need more are not kept in memory.
  /// - Throws: `FileError` if no picture is left; `failures` contains those that are skipped,
  ///   including pictures without a class.
  public init(
    _ dataset: any Dataset, _ preprocessing: Preprocessing, memory: Int = usualMemory
  ) throws {
    shape = Shape(preprocessing.input)
    areArrays = dataset.holdsArrays
    let reader = BatchReader(dataset, preprocessing, needsLabels: true)
    let all = Array(0..<dataset.count)
    let (bytes, isHuge) = (shape.elementCount * MemoryLayout<Float>.stride)
      .multipliedReportingOverflow(by: all.count)
    guard !isHuge, bytes <= memory else {
      source = .files(reader)
      indices = all
      failures = []
      return
    }
    let (pictures, outcomes) = try reader.read(all)
    failures = outcomes.compactMap { outcome in
      if case .failure(let error) = outcome { error } else { nil }
    }
    indices = outcomes.indices.filter { index in
      if case .success = outcomes[index] { true } else { false }
    }
    source = .memory(pictures: pictures, labels: outcomes.map { try? $0.get() })
    if indices.isEmpty, let first = failures.first { throw first }
  }

  private init(part indices: [Int], of whole: PreparedPictures) {
    shape = whole.shape
    failures = whole.failures
    areArrays = whole.areArrays
    source = whole.source
    self.indices = indices
  }

  /// Sets a random part of each class aside; the same seed gives the same part.
  ///
  /// - Returns: The rest, and at least one picture that was set aside. A class of two or more
  ///   pictures is in both.
  /// - Throws: `FileError` if labels cannot be read.
  public func split(
    holdingOut fraction: Double, seed: UInt64
  ) throws -> (rest: PreparedPictures, heldOut: PreparedPictures) {
    let chosen = Self.heldOut(try classes(), fraction, seed: seed)
    let positions = Set(chosen)
    let rest = indices.indices.filter { !positions.contains($0) }
    return (
      PreparedPictures(part: rest.map { indices[$0] }, of: self),
      PreparedPictures(part: chosen.map { indices[$0] }, of: self)
    )
  }

  /// Which of some pictures, one or more, are set aside by `split(holdingOut:seed:)`, ascending.
  ///
  /// - Parameter labels: The class of each picture.
  package static func heldOut(_ labels: [Int?], _ fraction: Double, seed: UInt64) -> [Int] {
    var random = SeededGenerator(seed: seed, path: RandomPath.validation)
    let count = labels.count
    let wanted = min(max(Int((Double(count) * fraction).rounded()), 1), count)
    guard wanted < count else { return Array(labels.indices) }
    let chosen = Training.heldOut(labels, count: wanted, using: &random)
    // No class has two.
    return chosen.isEmpty ? Array(labels.indices.shuffled(using: &random).prefix(1)) : chosen
  }

  /// Some of the pictures, as far as they could be read.
  ///
  /// - Parameter numbers: Those of examples of the data set.
  package func only(_ numbers: [Int]) -> PreparedPictures {
    let known = Set(indices)
    return PreparedPictures(part: numbers.filter(known.contains), of: self)
  }

  /// At most this number of the pictures, evenly spread.
  func spread(most: Int) -> PreparedPictures {
    guard count > most else { return self }
    return PreparedPictures(part: (0..<most).map { indices[$0 * count / most] }, of: self)
  }

  /// The pictures of one epoch, in order.
  ///
  /// - Throws: `FileError` if the labels, which a balanced epoch needs, cannot be read.
  func order(_ sampling: Sampling, epoch: Int, seed: UInt64) throws -> [SampledPicture] {
    try sampling.order(classes(), count: count, epoch: epoch, seed: seed)
  }

  /// How many pictures each class has, without those that have none.
  ///
  /// - Throws: `FileError` if labels cannot be read.
  package func classCounts() throws -> [Int: Int] {
    try classes().reduce(into: [:]) { counts, label in
      if let label { counts[label, default: 0] += 1 }
    }
  }

  /// What tells whether these are still the same pictures, wherever their files are.
  ///
  /// - Throws: `FileError` if labels cannot be read.
  func identity() throws -> PicturesIdentity {
    let labels = try classes()
    var values = Data()
    // As many whether they are in memory or not, so that memory decides nothing; all would have to
    // be decoded.
    let some = spread(most: Self.identitySample).indices
    for start in stride(from: 0, to: some.count, by: 16) {
      let chosen = Array(some[start..<min(start + 16, some.count)])
      let batch = try batch(chosen, turns: chosen.map { _ in 0 }, altered: nil)
      batch.images.arranged(as: .channelsLast).withUnsafeElements { values.append($0) }
      values = Data(fingerprint(of: values).utf8)
    }
    return PicturesIdentity(
      pictures: count,
      labels: fingerprint(of: Data("\(labels.map { $0 ?? -1 })".utf8)),
      values: fingerprint(of: values))
  }

  /// The number of pictures that are compared.
  private static let identitySample = 256

  /// The class of each picture.
  private func classes() throws -> [Int?] {
    switch source {
    case .memory(_, let labels): indices.map { labels[$0] }
    case .files(let reader): try indices.map { try reader.label(at: $0) }
    }
  }
}

extension PreparedPictures {
  /// How the pictures of a batch are changed for one epoch.
  struct Alteration: Sendable {
    let augmentation: Augmentation
    let encoding: ColorEncoding
    let seed: UInt64
    let epoch: Int
  }

  /// Streams pictures through `body`; while it works on one batch, the next one is prepared on
  /// another thread.
  ///
  /// - Parameters:
  ///   - positions: Which pictures to stream, in order.
  ///   - body: Gets batches of `size` pictures, fewer if files could not be read, possibly none.
  func forEachBatch(
    of size: Int, _ positions: [SampledPicture], altered alteration: Alteration?,
    _ body: (Batch) throws -> Void
  ) throws {
    let starts = Array(stride(from: 0, to: positions.count, by: size))
    try forEachPrefetched(starts.count) { step in
      let end = min(starts[step] + size, positions.count)
      let part = positions[starts[step]..<end]
      return try batch(
        part.map { indices[$0.position] }, turns: part.map(\.turn), altered: alteration)
    } _: {
      try body($0)
    }
  }

  /// - Parameter turns: How often each came before in the epoch.
  private func batch(
    _ chosen: [Int], turns: [Int], altered alteration: Alteration?
  ) throws -> Batch {
    switch source {
    case .memory(let pictures, let labels):
      return Batch(
        images: gather(chosen, turns, from: pictures, altered: alteration), indices: chosen,
        labels: chosen.map { labels[$0] })
    case .files(let reader):
      let batch = try reader.batch(chosen)
      guard let alteration else { return batch }
      // A picture that cannot be read is missing wherever it was chosen.
      let read = Set(batch.indices)
      let altered = alteration.augmentation(
        batch.images, indices: batch.indices,
        turns: zip(chosen, turns).filter { read.contains($0.0) }.map(\.1),
        epoch: alteration.epoch, seed: alteration.seed, encoding: alteration.encoding)
      return Batch(
        images: altered, indices: batch.indices, labels: batch.labels, failures: batch.failures)
    }
  }

  /// Copies and changes pictures in one pass.
  private func gather(
    _ chosen: [Int], _ turns: [Int], from pictures: Tensor, altered alteration: Alteration?
  ) -> Tensor {
    let frame = Frame(pictures.shape)
    return pictures.withUnsafeElements { source in
      Tensor(shape: pictures.shape.withCount(chosen.count), layout: .channelsLast) { target in
        for (slot, index) in chosen.enumerated() {
          let picture = UnsafeBufferPointer(
            rebasing: source[(index * frame.count)..<((index + 1) * frame.count)])
          let place = UnsafeMutableBufferPointer(
            rebasing: target[(slot * frame.count)..<((slot + 1) * frame.count)])
          if let alteration {
            let changes = Changes(
              alteration.augmentation, frame: frame, seed: alteration.seed,
              epoch: alteration.epoch, index: index, turn: turns[slot])
            alteration.augmentation.write(
              picture, to: place, frame: frame, changes: changes, encoding: alteration.encoding)
          } else {
            _ = place.initialize(fromContentsOf: picture)
          }
        }
      }
    }
  }
}

extension Batch {
  /// The labels of a batch whose pictures all have one.
  ///
  /// - Throws: `FileError` if a label is not one of the network's classes.
  func labels(below classes: Int) throws(FileError) -> [Int] {
    var known: [Int] = []
    for label in labels {
      guard let label, (0..<classes).contains(label) else {
        throw FileError(
          .malformed, "labels",
          "expected classes from 0 to \(classes - 1), found \(label.map(String.init) ?? "none")")
      }
      known.append(label)
    }
    return known
  }
}
