internal import Files
internal import Images
internal import TensorCore

/// Encodes examples as a network's input: a preprocessing, with the values of a picture's 256 levels
/// computed once for all pictures.
struct InputEncoder: Sendable {
  let preprocessing: Preprocessing
  /// 256 per channel, in the network's channel order.
  private let levels: [Float]

  init(_ preprocessing: Preprocessing) {
    self.preprocessing = preprocessing
    let channels = preprocessing.kind == .picture ? preprocessing.mean.indices : 0..<0
    levels = channels.flatMap { channel in
      (0..<256).map {
        (Float($0) * preprocessing.scale - preprocessing.mean[channel])
          / preprocessing.deviation[channel]
      }
    }
  }

  private var channels: Int { preprocessing.input[0] }

  /// The picture's channel that is the network's channel `channel`: 0 is red.
  private func color(_ channel: Int) -> Int {
    preprocessing.channelOrder == .bgr ? channels - 1 - channel : channel
  }

  /// - Parameter target: As many numbers as the input has, channels last.
  func write(
    _ example: Example, into target: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    switch example.content {
    case .picture, .file: write(try preprocessing.displayed(example), into: target)
    case .array(let array):
      let input = preprocessing.input
      let fileOrder = Array(input.dropFirst()) + [input[0]]
      // Where both orders fit, as for 3×3×3, it is the file's own.
      let isChannelsLast =
        preprocessing.arrays == .channelsLast && array.shape.extents == fileOrder
      guard isChannelsLast || array.shape.extents == input else {
        let expected =
          preprocessing.arrays == .channelsLast
          ? "\(fileOrder), as the file takes it, or of \(input)"
          : "\(input), as the network takes it"
        throw FileError(
          .malformed, example.source, "expected an array of \(expected), found \(array.shape)")
      }
      guard array.isFinite else {
        throw FileError(
          .malformed, example.source,
          "expected finite numbers, found \(array.nonFiniteCount) of \(array.count) that are NaN "
            + "or infinite")
      }
      let ordered =
        isChannelsLast
        ? array.arranged(as: .rowMajor)
        : array.reshaped(to: Shape([1] + input)).arranged(as: .channelsLast)
      ordered.withUnsafeElements {
        _ = target.initialize(fromContentsOf: $0)
      }
      if preprocessing.kind != .picture { normalize(target) }
    }
  }

  /// Normalizes the values of a series or a volume.
  private func normalize(_ values: UnsafeMutableBufferPointer<Float>) {
    let channels = channels
    for channel in 0..<channels {
      let (mean, deviation) = (preprocessing.mean[channel], preprocessing.deviation[channel])
      for index in stride(from: channel, to: values.count, by: channels) {
        values[index] = (values[index] * preprocessing.scale - mean) / deviation
      }
    }
  }

  private func write(_ image: Image, into target: UnsafeMutableBufferPointer<Float>) {
    levels.withUnsafeBufferPointer { levels in
      image.pixels.withUnsafeBufferPointer { pixels in
        for channel in 0..<channels {
          let (color, start) = (color(channel), 256 * channel)
          for pixel in 0..<(image.width * image.height) {
            target[pixel * channels + channel] = levels[start + Int(pixels[4 * pixel + color])]
          }
        }
      }
    }
  }

  /// Encodes a picture that already has the input's size, given by its planes: one of grey, or
  /// three of red, green and blue.
  func write(
    planes: UnsafeBufferPointer<UInt8>, isGrey: Bool,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    let area = preprocessing.input[1] * preprocessing.input[2]
    levels.withUnsafeBufferPointer { levels in
      if channels == 1, !isGrey {
        for pixel in 0..<area {
          let grey = luma(planes[pixel], planes[area + pixel], planes[2 * area + pixel])
          target[pixel] = levels[Int(grey)]
        }
        return
      }
      for channel in 0..<channels {
        let (plane, start) = (isGrey ? 0 : area * color(channel), 256 * channel)
        for pixel in 0..<area {
          target[pixel * channels + channel] = levels[start + Int(planes[plane + pixel])]
        }
      }
    }
  }
}
