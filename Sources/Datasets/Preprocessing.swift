internal import Images

/// How a picture is converted to a network's input. Part of the model, and stored with it.
///
/// Of a series or a volume, only scale, mean and deviation matter: they normalize its values.
public struct Preprocessing: Sendable, Hashable {
  public enum Resize: Sendable, Hashable {
    /// The picture keeps its size; its middle is cropped.
    case none
    /// The shorter side is resized to this length, the other in proportion; the middle is cropped.
    case shorterSide(Int)
    /// Both sides are resized to the input's, without keeping the proportions.
    case exact
  }

  public enum ChannelOrder: String, Sendable, Hashable, Codable, CaseIterable {
    case rgb, bgr
  }

  /// Where the middle is if an odd number of rows or columns is cropped.
  public enum Centering: String, Sendable, Hashable, Codable, CaseIterable {
    /// Rounded to the even neighbour, as in torchvision's `CenterCrop`.
    case even
    /// Rounded to the upper left, as in Caffe's `DataTransformer`.
    case upperLeft = "upper-left"
  }

  /// `[C, H, W]` of the network's input, where pictures can only be used with 1 or 3 channels;
  /// `[C, L]` of series, `[C, D, H, W]` of volumes.
  public var input: [Int]
  public var resize: Resize
  public var centering: Centering
  public var channelOrder: ChannelOrder
  /// The factor for pixel values from 0 to 255.
  public var scale: Float
  /// One per channel, in the network's order; subtracted after scaling.
  public var mean: [Float]
  /// One per channel; the difference is divided by it.
  public var deviation: [Float]
  /// The order of the axes in arrays that are used exactly as they are.
  public var arrays = ArrayOrder.channelsFirst

  public init(
    input: [Int], resize: Resize = .exact, centering: Centering = .even,
    channelOrder: ChannelOrder = .rgb, scale: Float = 1 / 255, mean: [Float]? = nil,
    deviation: [Float]? = nil
  ) {
    let channels = input.first ?? 0
    self.input = input
    self.resize = resize
    self.centering = centering
    self.channelOrder = channelOrder
    self.scale = scale
    self.mean = mean ?? [Float](repeating: 0, count: max(channels, 0))
    self.deviation = deviation ?? [Float](repeating: 1, count: max(channels, 0))
  }

  /// The standard deviation of a photograph's values in the network's input units, estimated from
  /// ImageNet's pictures.
  public var usualContrast: Float {
    let ofPixels: Float = 0.226 * 255
    return ofPixels * scale * Float(deviation.count) / deviation.reduce(0, +)
  }

  /// What is wrong with values given by a user or a file; nil if they are valid.
  public var problem: String? {
    guard let kind = ExampleKind(input: input), input.allSatisfy({ $0 > 0 }) else {
      return "expected an input of two to four positive extents, found \(input)"
    }
    let count = input.reduce(1.0) { $0 * Double($1) }
    guard kind != .picture || count / Double(input[0]) <= Double(Image.pixelLimit) else {
      return "pictures have at most \(Image.pixelLimit) pixels, not \(input[1]) × \(input[2])"
    }
    guard count <= 4 * Double(Image.pixelLimit) else {
      return "an input has at most \(4 * Image.pixelLimit) numbers, not \(input)"
    }
    for (name, values) in [("mean", mean), ("deviation", deviation)]
    where values.count != input[0] {
      return "expected one \(name) for each of \(input[0]) channels, found \(values.count)"
    }
    guard mean.allSatisfy(\.isFinite) else { return "expected finite means" }
    guard deviation.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      return "expected positive, finite deviations"
    }
    guard scale > 0, scale.isFinite else { return "expected a positive, finite scale" }
    let range = valueRange
    guard range.lowerBound.isFinite, range.upperBound.isFinite else {
      return "expected an input within the range of numbers, found values from \(range.lowerBound) "
        + "to \(range.upperBound)"
    }
    if case .shorterSide(let side) = resize, !(1...Self.longestSide).contains(side) {
      return "expected a shorter side of 1 to \(Self.longestSide) pixels, found \(side)"
    }
    return nil
  }

  private static let longestSide = 1 << 16
}

extension Preprocessing {
  /// Named preprocessings.
  public enum Preset: String, Sendable, Hashable, CaseIterable {
    /// torchvision's: shorter side 256 for an input of 224, RGB in 0…1, with ImageNet's mean and
    /// standard deviation.
    case imagenet
    /// Caffe's: the same size, BGR in 0…255 minus (104, 117, 123).
    case caffe
    /// 0…1.
    case unit
    /// −1…1.
    case signed
    /// 0…255, for networks that preprocess their pictures themselves.
    case raw
  }

  /// The values as they are, of series and volumes; of pictures, 0…1.
  public init(plain input: [Int]) {
    self.init(input: input, scale: ExampleKind(input: input) == .picture ? 1 / 255 : 1)
  }

  /// - Parameter input: `[C, H, W]`; the presets mean nothing to others.
  public init(_ preset: Preset, input: [Int]) {
    guard ExampleKind(input: input) == .picture else {
      self.init(plain: input)
      return
    }
    let shorterSide = Resize.shorterSide(Self.sideWithMargin(max(input[1], input[2])))
    func ofGrey(_ value: Float) -> [Float] { [Float](repeating: value, count: input[0]) }
    switch preset {
    case .imagenet:
      self.init(
        input: input, resize: shorterSide,
        mean: input[0] == 3 ? [0.485, 0.456, 0.406] : ofGrey(0.449),
        deviation: input[0] == 3 ? [0.229, 0.224, 0.225] : ofGrey(0.226))
    case .caffe:
      self.init(
        input: input, resize: shorterSide, centering: .upperLeft, channelOrder: .bgr, scale: 1,
        mean: input[0] == 3 ? [104, 117, 123] : ofGrey(115))
    case .unit: self.init(input: input)
    case .signed:
      let halves = [Float](repeating: 0.5, count: input[0])
      self.init(input: input, mean: halves, deviation: halves)
    case .raw: self.init(input: input, scale: 1)
    }
  }

  /// The length of the shorter side before cropping the middle.
  ///
  /// Inputs of 224 to 256 (AlexNet and SqueezeNet take 227) are cropped from 256, as in training,
  /// and larger ones with a margin of the same proportion. Small inputs are for small pictures,
  /// whose objects fill them: these are not cropped.
  private static func sideWithMargin(_ side: Int) -> Int {
    switch side {
    case ..<128: side
    case 224...256: 256
    default: side * 256 / 224
    }
  }
}

extension Preprocessing.Resize: Codable {
  /// How checkpoints and records store it.
  private enum Stored: Codable {
    case none
    case shorterSide(Int)
    case exact
  }

  /// Reads what `encode(to:)` writes, and what people write: a number for the shorter side, or
  /// `exact` or `none`.
  ///
  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let value = try? decoder.singleValueContainer()
    let word = try? value?.decode(String.self)
    if let side = try? value?.decode(Int.self) {
      self = .shorterSide(side)
    } else if word == "exact" {
      self = .exact
    } else if word == "none" {
      self = .none
    } else {
      guard let stored = try? Stored(from: decoder) else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription: "expected a number of pixels, exact or none for 'resize'"
              + (word.map { ", found '\($0)'" } ?? "")))
      }
      switch stored {
      case .none: self = .none
      case .shorterSide(let side): self = .shorterSide(side)
      case .exact: self = .exact
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    let stored: Stored =
      switch self {
      case .none: .none
      case .shorterSide(let side): .shorterSide(side)
      case .exact: .exact
      }
    try stored.encode(to: encoder)
  }
}

extension Preprocessing: Codable {
  private enum Key: String, CodingKey {
    case input, resize, centering, channelOrder, scale, mean, deviation, arrays
  }

  /// - Throws: `DecodingError`, also for invalid values, see `problem`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    input = try values.decode([Int].self, forKey: .input)
    let isPicture = ExampleKind(input: input) == .picture
    // What is only about pictures need not be said of others.
    resize =
      isPicture
      ? try values.decode(Resize.self, forKey: .resize)
      : try values.decodeIfPresent(Resize.self, forKey: .resize) ?? .exact
    centering = try values.decodeIfPresent(Centering.self, forKey: .centering) ?? .even
    channelOrder =
      isPicture
      ? try values.decode(ChannelOrder.self, forKey: .channelOrder)
      : try values.decodeIfPresent(ChannelOrder.self, forKey: .channelOrder) ?? .rgb
    scale =
      isPicture
      ? try values.decode(Float.self, forKey: .scale)
      : try values.decodeIfPresent(Float.self, forKey: .scale) ?? 1
    mean = try values.decode([Float].self, forKey: .mean)
    deviation = try values.decode([Float].self, forKey: .deviation)
    arrays = try values.decodeIfPresent(ArrayOrder.self, forKey: .arrays) ?? .channelsFirst
    if let problem {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: problem))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(input, forKey: .input)
    try values.encode(resize, forKey: .resize)
    if centering != .even { try values.encode(centering, forKey: .centering) }
    try values.encode(channelOrder, forKey: .channelOrder)
    try values.encode(scale, forKey: .scale)
    try values.encode(mean, forKey: .mean)
    try values.encode(deviation, forKey: .deviation)
    if arrays != .channelsFirst { try values.encode(arrays, forKey: .arrays) }
  }
}
