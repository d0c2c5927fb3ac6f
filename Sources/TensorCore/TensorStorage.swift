internal import Synchronization

/// The bytes behind one or more tensors, with other arrangements of the same elements.
///
/// `@unchecked Sendable`: `Tensor` writes here only if `isKnownUniquelyReferenced`; a lock protects
/// the derived values.
@usableFromInline
final class TensorStorage: @unchecked Sendable {
  @usableFromInline let count: Int
  @usableFromInline let base: UnsafeMutablePointer<Float>
  private let derived = Mutex(Derived())

  /// Values derived from the elements, kept until they change.
  private struct Derived {
    var arrangements: [ArrangementKey: TensorStorage] = [:]
    var bounds: [Bound: Float] = [:]
  }

  enum Bound: Hashable {
    case magnitude
    /// For rows of this many elements: a tensor of another shape may share the storage.
    case rowSum(width: Int)
  }

  @usableFromInline
  init(count: Int) {
    self.count = count
    base = StoragePool.shared.take(bytes: Swift.max(count, 1) * MemoryLayout<Float>.stride)
      .bindMemory(to: Float.self, capacity: Swift.max(count, 1))
  }

  deinit {
    StoragePool.shared.giveBack(
      UnsafeMutableRawPointer(base),
      bytes: Swift.max(count, 1) * MemoryLayout<Float>.stride)
  }

  @usableFromInline
  func copy() -> TensorStorage {
    let copy = TensorStorage(count: count)
    copy.base.initialize(from: base, count: count)
    return copy
  }

  @usableFromInline
  func forgetDerived() {
    derived.withLock {
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
