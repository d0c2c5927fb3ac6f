public import TensorCore

/// Joins `[N, Cᵢ, …]` along the channels.
public func concatenateChannels(_ parts: [Tensor]) -> Tensor {
  let parts = parts.map { $0.arranged(as: .channelsLast) }
  guard let first = parts.first else { preconditionFailure("nothing to concatenate") }
  let channels = parts.reduce(0) { $0 + $1.shape[1] }
  let shape = Shape([first.shape[0], channels] + first.shape.spatial)
  let rows = shape.elementCount / max(channels, 1)
  return Tensor(shape: shape, layout: .channelsLast) { target in
    var offset = 0
    for part in parts {
      let width = part.shape[1]
      part.withUnsafeElements { source in
        for row in 0..<rows {
          for column in 0..<width {
            target[row * channels + offset + column] = source[row * width + column]
          }
        }
      }
      offset += width
    }
  }
}

/// Some channels of `[N, C, …]`.
public func channels(_ range: Range<Int>, of tensor: Tensor) -> Tensor {
  let tensor = tensor.arranged(as: .channelsLast)
  let all = tensor.shape[1]
  let shape = Shape([tensor.shape[0], range.count] + tensor.shape.spatial)
  let rows = tensor.count / max(all, 1)
  return tensor.withUnsafeElements { source in
    Tensor(shape: shape, layout: .channelsLast) { target in
      for row in 0..<rows {
        for (column, channel) in range.enumerated() {
          target[row * range.count + column] = source[row * all + channel]
        }
      }
    }
  }
}
