public import Images
public import TensorCore

/// How a picture becomes what a network reads. Part of the model, and kept with it.
public struct Preprocessing: Sendable, Hashable, Codable {
  public enum Resize: Sendable, Hashable, Codable {
    /// The picture stays as large as it is.
    case none
    /// The shorter side becomes this long, the other in proportion.
    case shorterSide(Int)
    /// Both sides become the input's, in whatever proportion.
    case exact
  }

  public enum ChannelOrder: String, Sendable, Hashable, Codable, CaseIterable {
    case rgb, bgr
  }

  /// `[C, H, W]` of the network's input; C is 1 or 3.
  public var input: [Int]
  public var resize: Resize
  public var channelOrder: ChannelOrder
  /// What values from 0 to 255 are multiplied by.
  public var scale: Float
  /// One a channel, in the network's order, after the scale.
  public var mean: [Float]
  public var deviation: [Float]

  public init(
    input: [Int], resize: Resize = .exact, channelOrder: ChannelOrder = .rgb,
    scale: Float = 1 / 255, mean: [Float]? = nil, deviation: [Float]? = nil
  ) {
    self.input = input
    self.resize = resize
    self.channelOrder = channelOrder
    self.scale = scale
    self.mean = mean ?? [Float](repeating: 0, count: input[0])
    self.deviation = deviation ?? [Float](repeating: 1, count: input[0])
  }
}

extension Preprocessing {
  /// `[1, C, H, W]`, channels last.
  public func tensor(for example: Example) throws -> Tensor {
    switch example.content {
    case .array(let array): return array.reshaped(to: Shape([1] + array.shape.extents))
    case .picture(let image): return tensor(of: displayed(image))
    }
  }

  /// The picture as the network sees it, resized and cropped.
  public func displayed(_ image: Image) -> Image {
    let (height, width) = (input[1], input[2])
    switch resize {
    case .none: return image.composited().centerCropped(width: width, height: height)
    case .exact: return image.composited().resized(width: width, height: height)
    case .shorterSide(let side):
      return image.composited().resized(shorterSide: side).centerCropped(
        width: width, height: height)
    }
  }

  private func tensor(of image: Image) -> Tensor {
    let channels = input[0]
    let source = channels == 1 ? image.grayscale() : image
    return Tensor(
      shape: [1, channels, image.height, image.width], layout: .channelsLast
    ) { target in
      source.pixels.withUnsafeBufferPointer { pixels in
        for pixel in 0..<(image.width * image.height) {
          for channel in 0..<channels {
            let from = channelOrder == .bgr ? channels - 1 - channel : channel
            let value = Float(pixels[4 * pixel + from]) * scale
            target[pixel * channels + channel] = (value - mean[channel]) / deviation[channel]
          }
        }
      }
    }
  }
}
