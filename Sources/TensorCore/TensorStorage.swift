internal import Synchronization

/// The bytes behind one or more tensors, with other arrangements of the same elements.
///
/// `@unchecked Sendable`: `Tensor` writes here only if `isKnownUniquelyReferenced`; a lock protects
/// the derived values.
@usableFromInline
final class TensorStorage: @unchecked Sendable {
  @usableFromInline let count: Int
  /// How the elements are stored in `block`.
  let precision: Precision
  let block: UnsafeMutableRawPointer
  private let derived = Mutex(Derived())

  /// Values derived from the elements, kept until they change.
  private struct Derived {
    /// The elements as `Float`, if they are stored in another precision and were read.
    var floats: TensorStorage?
    var arrangements: [ArrangementKey: TensorStorage] = [:]
    var bounds: [Bound: Float] = [:]
  }

  enum Bound: Hashable {
    case magnitude
    /// For rows of this many elements: a tensor of another shape may share the storage.
    case rowSum(width: Int)
  }

  @usableFromInline
  convenience init(count: Int) { self.init(count: count, precision: .float32) }

  init(count: Int, precision: Precision) {
    (self.count, self.precision) = (count, precision)
    block = StoragePool.shared.take(bytes: Self.bytes(count, precision))
    if precision == .float32 { block.bindMemory(to: Float.self, capacity: Swift.max(count, 1)) }
  }

  /// The elements of a storage in `float32`.
  private var own: UnsafeMutablePointer<Float> { block.assumingMemoryBound(to: Float.self) }

  deinit { StoragePool.shared.giveBack(block, bytes: Self.bytes(count, precision)) }

  private static func bytes(_ count: Int, _ precision: Precision) -> Int {
    // A storage of no elements has memory, too.
    Swift.max(count, 1) * precision.bytes
  }

  @usableFromInline var holdsFloats: Bool { precision == .float32 }

  /// The elements as `Float`; if they are stored in another precision, they are converted once and
  /// kept as long as this storage.
  @usableFromInline
  var base: UnsafeMutablePointer<Float> {
    if precision == .float32 { return own }
    if let made = derived.withLock({ $0.floats }) { return made.own }
    let made = converted(to: .float32)
    return derived.withLock { derived in
      // Another thread may have converted them in the meantime.
      let floats = derived.floats ?? made
      derived.floats = floats
      return floats
    }.own
  }

  /// A copy of the elements as `Float`.
  @usableFromInline
  func copy() -> TensorStorage { converted(to: .float32) }

  func copyInPrecision() -> TensorStorage {
    let copy = TensorStorage(count: count, precision: precision)
    copy.block.copyMemory(from: block, byteCount: count * precision.bytes)
    return copy
  }

  /// Another storage of the same numbers, rounded to the nearest.
  func converted(to target: Precision) -> TensorStorage {
    guard target != precision else { return copyInPrecision() }
    let result = TensorStorage(count: count, precision: target)
    nonisolated(unsafe) let (from, to) = (block, result.block)
    let count = count
    // A part keeps a thread busy for longer than it takes to hand it out.
    let part = 1 << 16
    concurrentlyBetweenKernels((count + part - 1) / part) { index in
      let range = (index * part)..<Swift.min((index + 1) * part, count)
      if target == .bfloat16 {
        let source = from.assumingMemoryBound(to: Float.self)
        let destination = to.assumingMemoryBound(to: UInt16.self)
        for index in range { destination[index] = bfloat16(source[index]) }
      } else {
        let source = from.assumingMemoryBound(to: UInt16.self)
        let destination = to.assumingMemoryBound(to: Float.self)
        for index in range { destination[index] = float(bfloat16: source[index]) }
      }
    }
    return result
  }

  @usableFromInline
  func forgetDerived() {
    derived.withLock {
      if $0.floats != nil { $0.floats = nil }
      if !$0.arrangements.isEmpty { $0.arrangements = [:] }
      if !$0.bounds.isEmpty { $0.bounds = [:] }
    }
  }

  func releaseArrangements() { derived.withLock { $0.arrangements = [:] } }

  subscript(bound: Bound) -> Float? {
    get { derived.withLock { $0.bounds[bound] } }
    set { derived.withLock { $0.bounds[bound] = newValue } }
  }

  /// The arrangement stored under `key`; if there is none, `make` creates it.
  func arrangement(
    _ key: ArrangementKey, count: Int, make: (UnsafeMutablePointer<Float>) throws -> Void
  ) rethrows -> TensorStorage {
    if let found = derived.withLock({ $0.arrangements[key] }) { return found }
    let made = TensorStorage(count: count)
    try make(made.base)
    derived.withLock { $0.arrangements[key] = made }
    return made
  }
}

/// By what an arrangement is told from others.
///
/// `@unchecked Sendable`: it is made only of values that are.
struct ArrangementKey: Hashable, @unchecked Sendable {
  private let value: AnyHashable

  init(_ value: some Hashable & Sendable) { self.value = AnyHashable(value) }
}

extension Tensor {
  /// Frees the arrangements that are kept with the elements.
  package func releaseArrangements() { storage.releaseArrangements() }

  /// Reads the elements in the arrangement that a library prefers; it is made once and kept until
  /// they change.
  ///
  /// - Parameters:
  ///   - key: Tells the arrangement from others of the same elements.
  ///   - count: In floats, including padding.
  package func withArrangement<R>(
    _ key: some Hashable & Sendable, count: Int,
    make: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) throws -> Void,
    _ body: (UnsafeMutablePointer<Float>) throws -> R
  ) rethrows -> R {
    let arranged = try storage.arrangement(ArrangementKey(key), count: count) {
      try make(UnsafePointer(storage.base), $0)
    }
    return try withExtendedLifetime(arranged) { try body(arranged.base) }
  }
}
