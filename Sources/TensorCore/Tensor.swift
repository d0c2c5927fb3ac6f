/// A dense array of `Float` with value semantics.
///
/// In memory, the numbers may be stored in another ``Precision``; whatever does not ask reads and
/// writes `Float`.
public struct Tensor: Sendable {
  public let shape: Shape
  public let layout: Layout
  @usableFromInline var storage: TensorStorage

  init(shape: Shape, layout: Layout, storage: TensorStorage) {
    self.shape = shape
    self.layout = layout
    self.storage = storage
  }

  /// Creates a tensor whose elements are written by `initialize`, in the order of `layout`.
  public init<E: Error>(
    shape: Shape, layout: Layout = .rowMajor,
    initializingWith initialize: (UnsafeMutableBufferPointer<Float>) throws(E) -> Void
  ) throws(E) {
    self.shape = shape
    self.layout = layout
    storage = TensorStorage(count: shape.elementCount)
    try initialize(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
  }

  public init(shape: Shape, layout: Layout = .rowMajor, repeating value: Float) {
    self.init(shape: shape, layout: layout) { $0.initialize(repeating: value) }
  }

  /// - Parameter elements: In row-major order.
  public init(shape: Shape, _ elements: [Float]) {
    precondition(
      elements.count == shape.elementCount,
      "\(elements.count) elements do not fill \(shape)")
    self.init(shape: shape) { _ = $0.initialize(fromContentsOf: elements) }
  }

  public var count: Int { storage.count }

  /// The elements in row-major order, whatever their order in memory.
  public var elements: [Float] { arranged(as: .rowMajor).withUnsafeElements { Array($0) } }

  /// The element of a one-element tensor.
  public var scalar: Float {
    precondition(count == 1, "\(shape) is not a scalar")
    return storage.base[0]
  }

  /// The elements in the order of `layout`.
  @inlinable
  public func withUnsafeElements<R, E: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeBufferPointer(start: storage.base, count: storage.count))
  }

  @inlinable
  public mutating func withUnsafeMutableElements<R, E: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(E) -> R
  ) throws(E) -> R {
    if !isKnownUniquelyReferenced(&storage) || !storage.holdsFloats { storage = storage.copy() }
    storage.forgetDerived()
    return try body(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
  }

  /// The same elements under another shape with the same number of elements, in row-major order.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.elementCount == count, "\(self.shape) does not reshape to \(shape)")
    return Tensor(shape: shape, layout: .rowMajor, storage: arranged(as: .rowMajor).storage)
  }

  /// The same memory under another layout, if both layouts have the same order.
  func relabelled(_ layout: Layout) -> Tensor {
    Tensor(shape: shape, layout: layout, storage: storage)
  }

  /// The same memory under another shape and layout; the caller guarantees that they describe it.
  package func reinterpreted(as shape: Shape, layout: Layout) -> Tensor {
    precondition(shape.elementCount == count, "\(self.shape) is not \(shape)")
    return Tensor(shape: shape, layout: layout, storage: storage)
  }

  /// A part of the first axis, for example some pictures of a batch.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(
      shape.rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0],
      "rows \(range) of \(shape)")
    let width = count / max(shape[0], 1)
    return withUnsafeElements { source in
      Tensor(shape: shape.withCount(range.count), layout: layout) { target in
        _ = target.initialize(
          fromContentsOf: source[(range.lowerBound * width)..<(range.upperBound * width)])
      }
    }
  }

  /// Joins tensors of equal trailing shape along the first axis.
  public init(concatenatingRows parts: [Tensor]) {
    guard let first = parts.first else { preconditionFailure("nothing to concatenate") }
    let total = parts.reduce(0) { $0 + $1.shape[0] }
    let layout = first.layout
    self.init(shape: first.shape.withCount(total), layout: layout) { target in
      for part in parts {
        precondition(
          part.shape.extents.dropFirst() == first.shape.extents.dropFirst(),
          "rows of \(part.shape) beside \(first.shape)")
      }
      var start = 0
      let starts = parts.map { part in
        defer { start += part.count }
        return start
      }
      let count = target.count
      nonisolated(unsafe) let target = target
      let copy = { @Sendable (index: Int) in
        parts[index].arranged(as: layout).withUnsafeElements {
          // Each part has its own place.
          _ = UnsafeMutableBufferPointer(rebasing: target[starts[index]...]).initialize(
            fromContentsOf: $0)
        }
      }
      guard count >= Self.worthThreads else { return parts.indices.forEach(copy) }
      concurrently(parts.count, copy)
    }
  }

  /// Fewer elements are copied before a thread has woken: 1 MiB.
  private static let worthThreads = 1 << 18
}

extension Tensor {
  @inlinable
  public func map(_ transform: (Float) -> Float) -> Tensor {
    withUnsafeElements { source in
      Tensor(shape: shape, layout: layout) { target in
        for index in 0..<target.count {
          target.initializeElement(at: index, to: transform(source[index]))
        }
      }
    }
  }

  /// Combines two tensors of the same shape element by element.
  @inlinable
  public func zip(_ other: Tensor, _ combine: (Float, Float) -> Float) -> Tensor {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
    let other = other.arranged(as: layout)
    return withUnsafeElements { left in
      other.withUnsafeElements { right in
        Tensor(shape: shape, layout: layout) { target in
          for index in 0..<target.count {
            target.initializeElement(at: index, to: combine(left[index], right[index]))
          }
        }
      }
    }
  }

  @inlinable
  public func reduce<R>(_ initial: R, _ combine: (R, Float) -> R) -> R {
    withUnsafeElements { $0.reduce(initial, combine) }
  }

  public static func + (a: Tensor, b: Tensor) -> Tensor { a.zip(b, +) }
  public static func - (a: Tensor, b: Tensor) -> Tensor { a.zip(b, -) }
  public static func * (a: Tensor, b: Tensor) -> Tensor { a.zip(b, *) }
  public static func / (a: Tensor, b: Tensor) -> Tensor { a.zip(b, /) }
  public static func * (a: Tensor, b: Float) -> Tensor { a.map { $0 * b } }

  /// The sum of all elements, accumulated in `Double`.
  public func sum() -> Float { Float(reduce(0.0) { $0 + Double($1) }) }
  /// The Euclidean norm, accumulated in `Double`.
  public var norm: Float { Float(reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()) }
}
