internal import TensorCore

/// Adds one number to every element of a channel, in place if the tensor is uniquely referenced.
///
/// - Parameter bias: `[C]`.
func addToChannels(_ tensor: consuming Tensor, _ bias: Tensor) -> Tensor {
  var sum = tensor.arranged(as: .channelsLast)
  let channels = bias.count
  bias.withReadPointer { bias in
    sum.withUnsafeMutableElements { elements in
      for row in stride(from: 0, to: elements.count, by: max(channels, 1)) {
        for channel in 0..<channels { elements[row + channel] += bias[channel] }
      }
    }
  }
  return sum
}

/// The sums over pictures and positions of `[N, C, …]`, accumulated in `Double`: `[C]`.
func channelSums(_ tensor: Tensor) -> Tensor {
  let channels = tensor.shape[1]
  var sums = [Double](repeating: 0, count: channels)
  tensor.arranged(as: .channelsLast).withUnsafeElements { elements in
    for row in stride(from: 0, to: elements.count, by: max(channels, 1)) {
      for channel in 0..<channels { sums[channel] += Double(elements[row + channel]) }
    }
  }
  return Tensor(shape: [channels], sums.map(Float.init))
}
