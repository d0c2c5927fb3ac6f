internal import TensorCore

/// The receptive field of some channels of a node: of indices along the second axis.
struct ChannelField {
  let channels: Range<Int>
  /// One per axis of the picture.
  let axes: [FieldAxis]
}

/// From which channels of its inputs an operation computes which channels of its output.
struct ChannelFlow {
  private enum Source {
    /// Channel *c* of the output reads channel `start + stride · c` only.
    case along(start: Int, stride: Int)
    /// The input's channels are those of the output from this one on.
    case placed(at: Int)
    /// Groups of this many channels of the input give groups of `outputs` channels.
    case groups(of: Int, outputs: Int)
    case everything
  }

  /// One per input.
  private let sources: [Source]
  private let outputCount: Int

  init(
    of operation: any Operation, reach: SpatialReach, from inputs: [Shape], to output: Shape
  ) {
    let count = output.rank > 1 ? output[1] : 1
    outputCount = count
    var place = 0
    sources = inputs.indices.map { index in
      let input = inputs[index]
      guard input.rank > 1, output.rank > 1 else { return .everything }
      if (operation as? Concatenate)?.axis == 1 {
        defer { place += input[1] }
        return .placed(at: place)
      }
      if let convolution = operation as? Convolution, convolution.groups > 1 {
        return .groups(of: input[1] / convolution.groups, outputs: count / convolution.groups)
      }
      switch reach {
      case .window(_, _, mixesChannels: false): return .along(start: 0, stride: 1)
      case .pointwise where input.rank == output.rank && input[1] == count:
        return .along(start: 0, stride: 1)
      case .axes(let reaches):
        guard reaches.indices.contains(index), reaches[index].count > 1,
          case .along(1, let start, let stride) = reaches[index][1], stride > 0
        else { return .everything }
        return .along(start: start, stride: stride)
      default: return .everything
      }
    }
  }

  /// The fields of an input's channels as those of the output's.
  ///
  /// - Parameter parts: In the order of channels.
  func channels(_ parts: [ChannelField], ofInput index: Int) -> [ChannelField] {
    switch sources[index] {
    case .placed(let start):
      return parts.map { part in
        ChannelField(
          channels: (part.channels.lowerBound + start)..<(part.channels.upperBound + start),
          axes: part.axes)
      }
    case .along(let start, let stride):
      // Channel c reads start + stride · c: the first c at or beyond a bound is rounded up.
      func first(_ bound: Int) -> Int {
        min(max((bound - start + stride - 1) / stride, 0), outputCount)
      }
      return parts.compactMap { part in
        let channels = first(part.channels.lowerBound)..<first(part.channels.upperBound)
        return channels.isEmpty ? nil : ChannelField(channels: channels, axes: part.axes)
      }
    case .groups(let size, let outputs):
      guard parts.count > 1, size > 0, outputs > 0 else {
        return parts.map { ChannelField(channels: 0..<outputCount, axes: $0.axes) }
      }
      return parts.flatMap { part in
        (part.channels.lowerBound / size...(part.channels.upperBound - 1) / size).map { group in
          ChannelField(
            channels: (group * outputs)..<min((group + 1) * outputs, outputCount), axes: part.axes)
        }
      }
    case .everything:
      return parts.map { ChannelField(channels: 0..<outputCount, axes: $0.axes) }
    }
  }
}

/// The fields of an output's channels, each covering all that is known of it; neighbours with equal
/// fields are one.
func merged(_ parts: [ChannelField], in shape: Shape) -> [ChannelField] {
  let bounds = Set(parts.flatMap { [$0.channels.lowerBound, $0.channels.upperBound] }).sorted()
  var result: [ChannelField] = []
  for (start, end) in zip(bounds, bounds.dropFirst()) {
    let axes = covering(parts.filter { $0.channels.contains(start) }, in: shape)
    if let last = result.last, last.axes == axes, last.channels.upperBound == start {
      result[result.count - 1] = ChannelField(
        channels: last.channels.lowerBound..<end, axes: axes)
    } else if !axes.isEmpty {
      result.append(ChannelField(channels: start..<end, axes: axes))
    }
  }
  // A tensor without channels still has a place.
  return result.isEmpty ? [ChannelField(channels: 0..<0, axes: covering(parts, in: shape))] : result
}

/// What some channels depend on together, per axis of the picture.
func covering(_ parts: [ChannelField], in shape: Shape) -> [FieldAxis] {
  guard let first = parts.first else { return [] }
  return first.axes.indices.map { picture in
    FieldAxis(covering: parts.map { $0.axes[picture] }, in: shape)
  }
}
