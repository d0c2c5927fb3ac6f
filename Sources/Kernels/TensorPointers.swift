internal import TensorCore

extension Tensor {
  /// The memory for reading; oneDNN's calls take mutable pointers for inputs too.
  func withReadPointer<R>(_ body: (UnsafeMutablePointer<Float>) -> R) -> R {
    withUnsafeElements { body(pointer($0)) }
  }

  /// A new tensor whose memory is filled by `body`.
  init(shape: Shape, layout: Layout, filledBy body: (UnsafeMutablePointer<Float>) -> Void) {
    self.init(shape: shape, layout: layout) { body(pointer(UnsafeBufferPointer($0))) }
  }

  mutating func withWritePointer<R>(_ body: (UnsafeMutablePointer<Float>) -> R) -> R {
    withUnsafeMutableElements { body(pointer(UnsafeBufferPointer($0))) }
  }
}

/// Tensors always have memory, even if they have no elements.
private func pointer(_ buffer: UnsafeBufferPointer<Float>) -> UnsafeMutablePointer<Float> {
  guard let base = buffer.baseAddress else { preconditionFailure("a tensor without memory") }
  return UnsafeMutablePointer(mutating: base)
}
