internal import OneDNN
internal import TensorCore

extension Primitive {
  /// Runs on buffers, with a scratchpad from the tensors' pool.
  func run(_ arguments: [(Argument, UnsafeMutablePointer<Float>)]) {
    run(arguments.map { ($0.0, UnsafeMutableRawPointer($0.1)) })
  }

  /// The same on buffers of any element type.
  func run(_ arguments: [(Argument, UnsafeMutableRawPointer)]) {
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
