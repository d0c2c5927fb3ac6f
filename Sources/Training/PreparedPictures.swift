public import Files
internal import Synchronization
public import TensorCore

/// Labelled pictures in the form that a network takes.
///
/// Pictures that fit into memory are prepared once, on as many threads as there are cores; later
/// epochs read them from there. Others are prepared again for each batch.
public struct PreparedPictures: Sendable {
  /// Reads and preprocesses one picture: `[C, H, W]`, and its class.
  public typealias Prepare = @Sendable (_ index: Int) throws -> (picture: Tensor, label: Int)

  /// 1 GiB of floats.
  public static let usualMemory = 1 << 30

  private enum Source: Sendable {
    case memory(pictures: Tensor, labels: [Int])
    case files(Prepare)
  }

  /// `[C, H, W]`.
  public let shape: Shape
  /// The files that could not be read and are skipped.
  public let failures: [FileError]
  private let source: Source
  /// The indices of these pictures in the source.
  private let indices: [Int]

  public var count: Int { indices.count }

  /// - Parameter pictures: `[N, C, H, W]`.
  public init(_ pictures: Tensor, labels: [Int]) {
    precondition(
      pictures.shape.rank == 4 && pictures.shape[0] == labels.count,
      "\(labels.count) labels for pictures \(pictures.shape)")
    shape = Shape(Array(pictures.shape.extents.dropFirst()))
    failures = []
    source = .memory(pictures: pictures.arranged(as: .channelsLast), labels: labels)
    indices = Array(labels.indices)
  }

  /// - Parameters:
  ///   - shape: `[C, H, W]` of every picture.
  ///   - memory: In bytes; pictures that need more are not kept in memory.
  ///   - prepare: Throws a `FileError` to skip a picture; any other error stops everything.
  /// - Throws: `FileError` if no picture is left.
  public init(
    count: Int, shape: Shape, memory: Int = usualMemory, prepare: @escaping Prepare
  ) throws {
    precondition(shape.rank == 3, "pictures are [C, H, W], not \(shape)")
    self.shape = shape
    let (bytes, isHuge) = (shape.elementCount * MemoryLayout<Float>.stride)
      .multipliedReportingOverflow(by: count)
    guard !isHuge, bytes <= memory else {
      source = .files(prepare)
      indices = Array(0..<count)
      failures = []
      return
    }
    let (pictures, outcomes) = try Self.prepareAll(count: count, shape: shape, prepare)
    failures = outcomes.compactMap { outcome in
      if case .failure(let error) = outcome { error } else { nil }
    }
    indices = outcomes.indices.filter { index in
      if case .success = outcomes[index] { true } else { false }
    }
    source = .memory(pictures: pictures, labels: outcomes.map { (try? $0.get()) ?? 0 })
    if indices.isEmpty, let first = failures.first { throw first }
  }

  private init(part indices: [Int], of whole: PreparedPictures) {
    shape = whole.shape
    failures = whole.failures
    source = whole.source
    self.indices = indices
  }

  /// Sets a random part aside; the same seed gives the same part.
  ///
  /// - Returns: The rest, and at least one picture that was set aside.
  public func split(
    holdingOut fraction: Double, seed: UInt64
  ) -> (rest: PreparedPictures, heldOut: PreparedPictures) {
    var random = SeededGenerator(seed: seed, path: RandomPath.validation)
    let order = indices.shuffled(using: &random)
    let heldOut = min(max(Int((Double(count) * fraction).rounded()), 1), count)
    return (
      PreparedPictures(part: order.dropFirst(heldOut).sorted(), of: self),
      PreparedPictures(part: order.prefix(heldOut).sorted(), of: self)
    )
  }

  /// The positions of all pictures in the order of one epoch.
  func order(epoch: Int, seed: UInt64) -> [Int] {
    var random = SeededGenerator(seed: seed, path: RandomPath.order, epoch)
    return Array(0..<count).shuffled(using: &random)
  }
}

/// Pictures that are run through the network together.
struct Batch: Sendable {
  /// `[N, C, H, W]`, channels-last.
  let pictures: Tensor
  let labels: [Int]
  /// The files that could not be read, which are not among the pictures.
  let failures: [FileError]

  /// - Throws: `FileError` if a label is not one of the network's classes.
  func check(classes: Int) throws(FileError) {
    for label in labels where !(0..<classes).contains(label) {
      throw FileError(
        .malformed, "labels", "expected classes from 0 to \(classes - 1), found \(label)")
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

  func batch(_ positions: ArraySlice<Int>, altered alteration: Alteration?) throws -> Batch {
    switch source {
    case .memory(let pictures, let labels):
      let chosen = positions.map { indices[$0] }
      return Batch(
        pictures: gather(chosen, from: pictures, altered: alteration),
        labels: chosen.map { labels[$0] }, failures: [])
    case .files(let prepare):
      let chosen = positions.map { indices[$0] }
      let (pictures, outcomes) = try Self.prepareAll(count: chosen.count, shape: shape) {
        try prepare(chosen[$0])
      }
      var (good, labels, failures): ([Int], [Int], [FileError]) = ([], [], [])
      for (slot, outcome) in outcomes.enumerated() {
        switch outcome {
        case .success(let label):
          good.append(slot)
          labels.append(label)
        case .failure(let error): failures.append(error)
        }
      }
      let kept = gather(good, from: pictures, altered: nil)
      let altered = alteration.map {
        $0.augmentation(
          kept, indices: good.map { chosen[$0] }, epoch: $0.epoch, seed: $0.seed,
          encoding: $0.encoding)
      }
      return Batch(pictures: altered ?? kept, labels: labels, failures: failures)
    }
  }

  /// Copies and changes pictures in one pass.
  private func gather(
    _ chosen: [Int], from pictures: Tensor, altered alteration: Alteration?
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
              epoch: alteration.epoch, index: index)
            alteration.augmentation.write(
              picture, to: place, frame: frame, changes: changes, encoding: alteration.encoding)
          } else {
            _ = place.initialize(fromContentsOf: picture)
          }
        }
      }
    }
  }

  /// Prepares pictures in parallel: each has its own position, so that the order does not matter.
  ///
  /// - Returns: `[N, C, H, W]`, zero for pictures that failed, and the label or error of each.
  private static func prepareAll(
    count: Int, shape: Shape, _ prepare: @escaping Prepare
  ) throws -> (Tensor, [Result<Int, FileError>]) {
    let outcomes = Mutex([Result<Int, any Error>?](repeating: nil, count: count))
    let size = shape.elementCount
    let pictures = Tensor(
      shape: Shape([count] + shape.extents), layout: .channelsLast
    ) { target in
      // Each worker writes only to the positions of its own pictures.
      nonisolated(unsafe) let target = target
      concurrently(count) { index in
        let place = UnsafeMutableBufferPointer(
          rebasing: target[(index * size)..<((index + 1) * size)])
        let outcome = Result { try Self.prepare(index, shape: shape, into: place, prepare) }
        if case .failure = outcome { place.initialize(repeating: 0) }
        outcomes.withLock { $0[index] = outcome }
      }
    }
    let results = try outcomes.withLock { $0 }.compactMap { outcome in
      try outcome.map { outcome throws -> Result<Int, FileError> in
        do {
          return .success(try outcome.get())
        } catch let error as FileError {
          return .failure(error)
        }
      }
    }
    return (pictures, results)
  }

  private static func prepare(
    _ index: Int, shape: Shape, into place: UnsafeMutableBufferPointer<Float>, _ prepare: Prepare
  ) throws -> Int {
    let (picture, label) = try prepare(index)
    guard picture.shape == shape || picture.shape == Shape([1] + shape.extents) else {
      throw FileError(
        .malformed, "picture \(index)",
        "expected \(shape) after preprocessing, found \(picture.shape)")
    }
    let batch = picture.reshaped(to: Shape([1] + shape.extents)).arranged(as: .channelsLast)
    batch.withUnsafeElements { _ = place.initialize(fromContentsOf: $0) }
    return label
  }
}
