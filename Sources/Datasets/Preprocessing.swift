public import Files
public import Images
public import TensorCore

/// How a picture becomes what a network reads. Part of the model, and kept with it.
public struct Preprocessing: Sendable, Hashable, Codable {
  public enum Resize: Sendable, Hashable, Codable {
    /// The picture keeps its size.
    case none
    /// The shorter side becomes this long, the other in proportion; the middle is cropped.
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
  /// One a channel; what is left is divided by it.
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

  /// Ways of preprocessing that go by a name.
  public enum Preset: String, Sendable, Hashable, CaseIterable {
    /// torchvision's: shorter side 256 for an input of 224, RGB in 0…1, less the mean of
    /// ImageNet, by its deviation.
    case imagenet
    /// Caffe's: the same size, BGR in 0…255 less (104, 117, 123).
    case caffe
    /// 0…1.
    case unit
    /// −1…1.
    case signed
  }

  /// - Parameter input: `[C, H, W]`.
  public init(_ preset: Preset, input: [Int]) {
    let shorterSide = Resize.shorterSide(min(input[1], input[2]) * 256 / 224)
    switch preset {
    case .imagenet:
      self.init(
        input: input, resize: shorterSide,
        mean: input[0] == 3 ? [0.485, 0.456, 0.406] : [0.449],
        deviation: input[0] == 3 ? [0.229, 0.224, 0.225] : [0.226])
    case .caffe:
      self.init(
        input: input, resize: shorterSide, channelOrder: .bgr, scale: 1,
        mean: input[0] == 3 ? [104, 117, 123] : [115])
    case .unit: self.init(input: input)
    case .signed:
      let halves = [Float](repeating: 0.5, count: input[0])
      self.init(input: input, mean: halves, deviation: halves)
    }
  }

  /// No picture is larger; far from what a computation of sizes could not hold.
  private static let longestSide = 1_000_000

  /// Says what is wrong with values that a user wrote.
  public var problem: String? {
    guard input.count == 3, [1, 3].contains(input[0]), input.allSatisfy({ $0 > 0 }) else {
      return "pictures have 1 or 3 channels and a size, not \(input)"
    }
    guard mean.count == input[0], deviation.count == input[0] else {
      return
        "expected \(input[0]) means and deviations, found \(mean.count) and \(deviation.count)"
    }
    guard deviation.allSatisfy({ $0 > 0 && $0.isFinite }), mean.allSatisfy(\.isFinite), scale > 0,
      scale.isFinite
    else { return "expected a positive scale and positive deviations" }
    if case .shorterSide(let side) = resize, !(1...Self.longestSide).contains(side) {
      return "expected a shorter side of 1 to \(Self.longestSide) pixels, found \(side)"
    }
    return nil
  }
}

extension Preprocessing {
  /// `[1, C, H, W]`, channels last.
  ///
  /// - Throws: `FileError` where an array is not of the input's shape.
  public func tensor(for example: Example) throws(FileError) -> Tensor {
    switch example.content {
    case .array(let array):
      guard array.shape.extents == input else {
        throw FileError(
          .malformed, example.source,
          "expected an array of \(input), as the network takes it, found \(array.shape)")
      }
      return array.reshaped(to: Shape([1] + input)).arranged(as: .channelsLast)
    case .picture(let image): return tensor(of: displayed(image))
    }
  }

  /// What the network sees, pixel by pixel in line with its input.
  ///
  /// - Throws: `FileError` as `tensor(for:)`.
  public func displayed(_ example: Example) throws(FileError) -> Image {
    switch example.content {
    case .picture(let image): return displayed(image)
    case .array: return picture(of: try tensor(for: example))
    }
  }

  private func displayed(_ image: Image) -> Image {
    let (height, width) = (input[1], input[2])
    var image = image.composited()
    switch resize {
    case .none: break
    case .exact: image = image.resized(width: width, height: height)
    case .shorterSide(let side):
      // A long and narrow picture would grow beyond all memory: only what is kept is made.
      let size = image.sizeWith(shorterSide: side)
      let across = CenterCrop(from: size.width, to: width)
      let down = CenterCrop(from: size.height, to: height)
      return image.resized(
        width: size.width, height: size.height, columns: across.kept, rows: down.kept
      ).padded(left: across.before, top: down.before, width: width, height: height)
    }
    return image.centerCropped(width: width, height: height)
  }

  private func tensor(of image: Image) -> Tensor {
    let channels = input[0]
    let source = channels == 1 ? image.grayscale() : image
    // One entry a channel and value: 256 of them are soon made, and no pixel divides.
    let tables = (0..<channels).map { channel in
      (0..<256).map { (Float($0) * scale - mean[channel]) / deviation[channel] }
    }
    return Tensor(shape: Shape([1] + input), layout: .channelsLast) { target in
      source.pixels.withUnsafeBufferPointer { pixels in
        for channel in 0..<channels {
          let from = channelOrder == .bgr ? channels - 1 - channel : channel
          tables[channel].withUnsafeBufferPointer { table in
            for pixel in 0..<(image.width * image.height) {
              target[pixel * channels + channel] = table[Int(pixels[4 * pixel + from])]
            }
          }
        }
      }
    }
  }

  /// The picture that an input came from; values that no picture has are cut off.
  ///
  /// - Parameter input: `[1, C, H, W]`.
  public func picture(of input: Tensor) -> Image {
    let (channels, height, width) = (input.shape[1], input.shape[2], input.shape[3])
    var pixels = [UInt8](repeating: 255, count: 4 * height * width)
    input.arranged(as: .channelsLast).withUnsafeElements { values in
      for pixel in 0..<(height * width) {
        for color in 0..<3 {
          let ordered = channelOrder == .bgr ? 2 - color : color
          let channel = channels == 1 ? 0 : ordered
          let value =
            (values[pixel * channels + channel] * deviation[channel] + mean[channel]) / scale
          pixels[4 * pixel + color] = UInt8(min(max(value.rounded(), 0), 255))
        }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
