public import TensorCore

/// Random changes to the training pictures that do not change their classes.
///
/// They work on preprocessed values, so that a picture is prepared once and changed differently in
/// every epoch. The changes to a picture depend on the seed, the epoch, the picture's own index and
/// how often it came before in the epoch, but neither on its batch nor on each other.
public struct Augmentation: Sendable, Hashable, Encodable {
  /// Mirrors each picture horizontally with probability ½.
  public var flip: Bool
  /// Shifts by up to this many pixels or samples in each direction; the border is filled with the picture's
  /// reflection, which has no edge to learn from.
  public var padCrop: Int
  /// Replaces a square with sides of this length by the mean colour (DeVries and Taylor, "Improved
  /// Regularization of Convolutional Neural Networks with Cutout", 2017).
  public var cutout: Int
  /// Multiplies the picture by up to 1 ± this.
  public var brightness: Double
  /// Multiplies the differences from the picture's mean grey by up to 1 ± this.
  public var contrast: Double
  /// Multiplies the differences from each pixel's grey by up to 1 ± this.
  public var saturation: Double
  /// The standard deviation of Gaussian noise on every value, where white is 1; of series and volumes, in
  /// standard deviations of their values.
  public var noise: Double

  enum CodingKeys: String, CodingKey, CaseIterable {
    case flip, padCrop, cutout, brightness, contrast, saturation, noise
  }

  public init(
    flip: Bool = false, padCrop: Int = 0, cutout: Int = 0, brightness: Double = 0,
    contrast: Double = 0, saturation: Double = 0, noise: Double = 0
  ) {
    self.flip = flip
    self.padCrop = padCrop
    self.cutout = cutout
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.noise = noise
  }

  /// Whether every picture is left unchanged.
  public var isIdentity: Bool { self == Augmentation() }

  /// Changes some pictures.
  ///
  /// - Parameters:
  ///   - pictures: `[N, C, H, W]`, preprocessed; or series `[N, C, L]`, of which each is a row of
  ///     pixels, or volumes `[N, C, D, H, W]`, of which all frames are moved alike.
  ///   - indices: The indices of the *N* pictures in their data set.
  ///   - turns: How often each came before in the epoch; nil for never.
  ///   - encoding: How colours were converted to values.
  /// - Returns: Of the same shape, channels-last.
  public func callAsFunction(
    _ pictures: Tensor, indices: [Int], turns: [Int]? = nil, epoch: Int, seed: UInt64,
    encoding: ColorEncoding
  ) -> Tensor {
    precondition(
      (3...5).contains(pictures.shape.rank) && pictures.shape[0] == indices.count,
      "\(indices.count) indices do not name the pictures of \(pictures.shape)")
    let frame = Frame(pictures.shape)
    return pictures.arranged(as: .channelsLast).withUnsafeElements { source in
      Tensor(shape: pictures.shape, layout: .channelsLast) { target in
        for (slot, index) in indices.enumerated() {
          let range = (slot * frame.count)..<((slot + 1) * frame.count)
          write(
            UnsafeBufferPointer(rebasing: source[range]),
            to: UnsafeMutableBufferPointer(rebasing: target[range]), frame: frame,
            changes: Changes(
              self, frame: frame, seed: seed, epoch: epoch, index: index, turn: turns?[slot] ?? 0),
            encoding: encoding)
        }
      }
    }
  }

  /// Writes one changed picture; source and target are rows of pixels, channels last.
  func write(
    _ source: UnsafeBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>,
    frame: Frame, changes: Changes, encoding: ColorEncoding
  ) {
    var changes = changes
    move(source, to: target, frame: frame, changes: changes)
    if brightness > 0 || contrast > 0 || saturation > 0 {
      recolor(target, frame: frame, changes: changes, encoding: encoding)
    }
    if noise > 0 {
      addNoise(to: target, frame: frame, random: &changes.random, encoding: encoding)
    }
    if cutout > 0 { cut(target, frame: frame, changes: changes) }
  }
}

/// How a colour between 0 (black) and 1 (white) is encoded for a network:
/// *(colour − mean) / deviation*, per channel.
public struct ColorEncoding: Sendable, Hashable {
  public let mean: [Float]
  public let deviation: [Float]
  /// The weight of each channel in a grey value; they sum to 1.
  public let greyWeights: [Float]

  /// - Parameter greyWeights: Nil for those of ITU-R BT.601 for three channels, red first, and
  ///   otherwise equal ones.
  public init(mean: [Float], deviation: [Float], greyWeights: [Float]? = nil) {
    precondition(
      mean.count == deviation.count && deviation.allSatisfy { $0 > 0 },
      "means \(mean) and deviations \(deviation) do not encode colours")
    self.mean = mean
    self.deviation = deviation
    self.greyWeights =
      greyWeights
      ?? (mean.count == 3
        ? [0.299, 0.587, 0.114]
        : [Float](repeating: 1 / Float(max(mean.count, 1)), count: mean.count))
  }

  /// Values that are already colours.
  public static func plain(channels: Int) -> ColorEncoding {
    ColorEncoding(
      mean: [Float](repeating: 0, count: channels),
      deviation: [Float](repeating: 1, count: channels))
  }
}

/// The extents of one picture, or of all frames of a volume; a series is a row of pixels.
struct Frame {
  let channels: Int
  /// How many pictures it is, which are moved alike.
  let depth: Int
  let height: Int
  let width: Int

  /// - Parameter shape: `[N, C, H, W]`, `[N, C, L]` or `[N, C, D, H, W]`.
  init(_ shape: Shape) {
    let spatial = shape.spatial
    channels = shape[1]
    depth = spatial.count > 2 ? spatial[0] : 1
    height = spatial.count > 1 ? spatial[spatial.count - 2] : 1
    width = spatial[spatial.count - 1]
  }

  /// All pixels of all frames.
  var pixels: Int { depth * height * width }
  var count: Int { channels * pixels }
}

/// The changes to one picture in one epoch.
struct Changes {
  let isFlipped: Bool
  let down: Int
  let right: Int
  /// The centre of the square that is cut out.
  let cutRow: Int
  let cutColumn: Int
  let brightness: Float
  let contrast: Float
  let saturation: Float
  /// For the noise.
  var random: SeededGenerator

  /// Draws every number, needed or not, so that one option does not change another's random
  /// numbers.
  init(
    _ augmentation: Augmentation, frame: Frame, seed: UInt64, epoch: Int, index: Int, turn: Int = 0
  ) {
    var random =
      turn == 0
      ? SeededGenerator(seed: seed, path: RandomPath.augmentation, epoch, index)
      : SeededGenerator(seed: seed, path: RandomPath.augmentation, epoch, index, turn)
    func factor(_ strength: Double) -> Float {
      Float(random.uniform((1 - strength)...(1 + strength)))
    }
    func whole(_ count: Int) -> Int { min(Int(random.uniform() * Float(count)), count - 1) }
    let isHeads = random.next() >> 63 == 1
    isFlipped = augmentation.flip && isHeads
    // A reflection is only defined within one picture's extent.
    let (rows, columns) = (
      min(augmentation.padCrop, frame.height - 1), min(augmentation.padCrop, frame.width - 1)
    )
    down = whole(2 * rows + 1) - rows
    right = whole(2 * columns + 1) - columns
    cutRow = whole(frame.height)
    cutColumn = whole(frame.width)
    brightness = factor(augmentation.brightness)
    contrast = factor(augmentation.contrast)
    saturation = factor(augmentation.saturation)
    self.random = random
  }
}

/// The first element of a random path: what the numbers are used for.
enum RandomPath {
  static let order = 1
  static let augmentation = 2
  static let dropout = 3
  static let validation = 4
  static let mixup = 5
  static let classifier = 6
}
