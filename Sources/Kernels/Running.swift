internal import OneDNN
internal import TensorCore

/// Fetches the primitive for a description.
///
/// A description that oneDNN rejects is a programming error: shapes are checked beforehand.
func primitive(_ description: PrimitiveDescription) -> Primitive {
  do {
    return try Primitive.of(description)
  } catch {
    preconditionFailure("\(error)")
  }
}

/// The primitive for a description, or nil if oneDNN rejects it or would need tables of gigabytes:
/// its convolutions store what every position in the padding reads.
func primitiveIfOffered(_ description: PrimitiveDescription) -> Primitive? {
  if case .convolution(let convolution, _) = description,
    (convolution.paddingBefore + convolution.paddingAfter).contains(where: { $0 > widestPadding })
  {
    return nil
  }
  return try? Primitive.of(description)
}

/// Far more than in any realistic network.
private let widestPadding = 1 << 12

extension Primitive {
  /// Runs on buffers, with a scratchpad from the tensors' pool.
  func run(_ arguments: [(Argument, UnsafeMutablePointer<Float>)]) {
    let arguments = arguments.map { ($0.0, UnsafeMutableRawPointer($0.1)) }
    do {
      guard scratchpadBytes > 0 else { return try self(arguments, scratchpad: nil) }
      _ = try Tensor(shape: [floats(scratchpadBytes)]) { scratchpad throws(OneDNNError) in
        try self(arguments, scratchpad: scratchpad.baseAddress.map { UnsafeMutableRawPointer($0) })
      }
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

/// The number of floats that hold this many bytes.
func floats(_ bytes: Int) -> Int { (bytes + 3) / 4 }

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

  /// The weights in the order that `primitive` expects, arranged once and kept with the tensor.
  func withWeightsPointer<R>(
    for primitive: Primitive, _ body: (UnsafeMutablePointer<Float>) -> R
  ) -> R {
    // Arrangements start from the checkpoint's order.
    guard layout == .rowMajor else {
      return arranged(as: .rowMajor).withWeightsPointer(for: primitive, body)
    }
    guard let arrangement = primitive.weightsArrangement else { return withReadPointer(body) }
    do {
      return try withArrangement(
        arrangement.number, count: floats(arrangement.bytes),
        make: { try arrangement.arrange($0, into: $1) }, body)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// A gradient of weights, converted from the order in which `primitive` writes it.
  init(
    weightsShape shape: Shape, from primitive: Primitive,
    filledBy body: (UnsafeMutablePointer<Float>) -> Void
  ) {
    guard let arrangement = primitive.weightsArrangement else {
      self.init(shape: shape, layout: .rowMajor, filledBy: body)
      return
    }
    let arranged = Tensor(
      shape: [floats(arrangement.bytes)], layout: .rowMajor, filledBy: body)
    self.init(shape: shape, layout: .rowMajor) { target in
      arranged.withReadPointer { source in
        do {
          try arrangement.restore(source, into: target)
        } catch {
          preconditionFailure("\(error)")
        }
      }
    }
  }
}

/// Tensors always have memory, even if they have no elements.
private func pointer(_ buffer: UnsafeBufferPointer<Float>) -> UnsafeMutablePointer<Float> {
  guard let base = buffer.baseAddress else { preconditionFailure("a tensor without memory") }
  return UnsafeMutablePointer(mutating: base)
}
