internal import Files
internal import TensorCore

/// A tensor that is known when a network is built: an initializer, or computed from others.
struct KnownTensor: Sendable {
  enum Content: Sendable {
    /// Exact, for sizes and indices.
    case integers([Int])
    case floats(Tensor)
    /// The same number everywhere, expanded only when a node needs it.
    case uniform(Float)
    /// Not read yet.
    case stored(StoredTensor)
  }

  let type: ElementType
  let shape: Shape
  let content: Content

  init(_ stored: StoredTensor) {
    (type, shape, content) = (stored.type, stored.shape, .stored(stored))
  }

  /// - Parameter integers: As many as the shape has elements.
  init(_ integers: [Int], shape: Shape, type: ElementType = .signed64) {
    (self.type, self.shape, content) = (type, shape, .integers(integers))
  }

  init(_ tensor: Tensor, type: ElementType = .float32) {
    self.type = type
    shape = tensor.shape
    if type.integerRange != nil {
      content = .integers(tensor.elements.map(Int.init(towardsZero:)))
    } else {
      content = .floats(tensor)
    }
  }

  /// - Parameter type: Must be a floating-point type.
  init(repeating value: Float, shape: Shape, type: ElementType = .float32) {
    (self.type, self.shape, content) = (type, shape, .uniform(value))
  }

  init(scalar: Float) { self.init(Tensor(shape: [], [scalar])) }

  var isInteger: Bool { type.integerRange != nil }

  /// In row-major order.
  func tensor() throws(ImportProblem) -> Tensor {
    switch content {
    case .integers(let elements): return Tensor(shape: shape, elements.map(Float.init))
    case .floats(let tensor): return tensor
    case .uniform(let value): return Tensor(shape: shape, repeating: value)
    case .stored(let stored):
      do throws(FileError) { return try stored.tensor() } catch { throw ImportProblem(error) }
    }
  }

  /// The same tensor.
  ///
  /// - Throws: `ImportProblem` if it is too long for a list of axes, sizes or scales.
  func short() throws(ImportProblem) -> KnownTensor {
    guard shape.elementCount <= 1024 else {
      throw ImportProblem("expected a short list of axes, sizes or scales, found one of \(shape)")
    }
    return self
  }

  /// In row-major order; rounded towards zero if the tensor is not of an integer type.
  func integers() throws(ImportProblem) -> [Int] {
    switch content {
    case .integers(let elements): return elements
    case .floats(let tensor): return tensor.elements.map(Int.init(towardsZero:))
    case .uniform(let value):
      return [Int](repeating: Int(towardsZero: value), count: shape.elementCount)
    case .stored(let stored):
      do throws(FileError) { return try stored.integers() } catch { throw ImportProblem(error) }
    }
  }

  /// - Parameter shape: Must have the same number of elements.
  func reshaped(to shape: Shape) throws(ImportProblem) -> KnownTensor {
    if case .uniform(let value) = content {
      return KnownTensor(repeating: value, shape: shape, type: type)
    }
    return isInteger
      ? KnownTensor(try integers(), shape: shape, type: type)
      : KnownTensor(try tensor().reshaped(to: shape), type: type)
  }

  /// The same numbers with another declared type.
  func retyped(_ type: ElementType) throws(ImportProblem) -> KnownTensor {
    if case .uniform(let value) = content, type.integerRange == nil {
      return KnownTensor(repeating: value, shape: shape, type: type)
    }
    return KnownTensor(try tensor(), type: type)
  }
}

/// Why a node of a file cannot become part of a network.
struct ImportProblem: Error {
  let reason: String
  /// The error if the file itself is at fault, rather than a node.
  let file: FileError?

  init(_ reason: String) {
    self.reason = reason
    file = nil
  }

  init(_ file: FileError) {
    reason = file.reason
    self.file = file
  }
}
