internal import Synchronization

/// The bytes behind one or more tensors, with other arrangements of the same numbers.
///
/// `@unchecked Sendable`: `Tensor` writes here only after `isKnownUniquelyReferenced` says
/// that nobody else can see the buffer; what is derived from it stands behind a lock.
@usableFromInline
final class TensorStorage: @unchecked Sendable {
  @usableFromInline let count: Int
  @usableFromInline let base: UnsafeMutablePointer<Float>
  private let derived = Mutex(Derived())

  /// What was worked out from the numbers, kept until they change.
  private struct Derived {
    var arrangements: [Int: TensorStorage] = [:]
    var bounds: [Bound: Float] = [:]
  }

  enum Bound: Hashable {
    case magnitude
    /// Of rows with this many numbers: another shape may share the storage.
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

  subscript(bound: Bound) -> Float? {
    get { derived.withLock { $0.bounds[bound] } }
    set { derived.withLock { $0.bounds[bound] = newValue } }
  }

  /// The arrangement made before under `key`, or the one that `make` writes now.
  func arrangement(
    _ key: Int, count: Int, make: (UnsafeMutablePointer<Float>) throws -> Void
  ) rethrows -> TensorStorage {
    if let found = derived.withLock({ $0.arrangements[key] }) { return found }
    let made = TensorStorage(count: count)
    try make(made.base)
    derived.withLock { $0.arrangements[key] = made }
    return made
  }
}

extension Tensor {
  /// Reads these numbers as a library prefers them, made once and kept until they change.
  ///
  /// - Parameters:
  ///   - key: Which arrangement; whoever makes one numbers them.
  ///   - count: In floats, padding included.
  package func withArrangement<R>(
    _ key: Int, count: Int,
    make: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) throws -> Void,
    _ body: (UnsafeMutablePointer<Float>) throws -> R
  ) rethrows -> R {
    let arranged = try storage.arrangement(key, count: count) {
      try make(UnsafePointer(storage.base), $0)
    }
    return try withExtendedLifetime(arranged) { try body(arranged.base) }
  }
}
