import Networks
import TensorCore

/// Weights that `make_torchvision.py` computes in the same way, so that no file has to contain
/// them.
struct FormulaWeights {
  /// The scale of normalizations that keeps magnitudes from growing or vanishing through the
  /// layers.
  let gain: Float

  /// FNV-1a in 64 bits.
  static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Numbers from −1 to 1: SplitMix64, seeded with the name's hash. They repeat after 8191.
  static func uniform(
    _ name: String, _ shape: Shape, _ transform: (Float) -> Float = { $0 }
  ) -> Tensor {
    let start = hash(name)
    let period = (1...UInt64(min(shape.elementCount, 8191))).map { step in
      var state = start &+ step &* 0x9E37_79B9_7F4A_7C15
      state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
      state ^= state >> 31
      return transform(Float(state >> 40) * 0x1p-23 - 1)
    }
    return Tensor(shape: shape) { target in
      for start in stride(from: 0, to: target.count, by: period.count) {
        let end = min(start + period.count, target.count)
        _ = UnsafeMutableBufferPointer(rebasing: target[start..<end])
          .update(from: period[0..<(end - start)])
      }
    }
  }

  /// Uniform weights with He's variance, small biases and means, scales and variances from 0.75 to
  /// 1.25.
  func tensor(_ name: String, _ shape: Shape) -> Tensor {
    if name.hasSuffix(".bias") || name.hasSuffix(".running_mean") {
      return Self.uniform(name, shape) { $0 * 0.1 }
    }
    if name.hasSuffix(".weight"), shape.rank > 1 {
      let fanIn = shape.extents.dropFirst().reduce(1, *)
      let bound = Float((6 / Double(fanIn)).squareRoot())
      return Self.uniform(name, shape) { $0 * bound }
    }
    let scale = name.hasSuffix(".weight") ? gain : 1
    return Self.uniform(name, shape) { (1 + 0.25 * $0) * scale }
  }

  func network(_ blueprint: Blueprint) throws(GraphError) -> Network {
    var tensors: [String: Tensor] = [:]
    for (name, parameter) in blueprint.parameters { tensors[name] = tensor(name, parameter.shape) }
    return try Network(graph: blueprint.graph, parameters: Parameters(tensors))
  }
}
