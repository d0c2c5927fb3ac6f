public import Analysis
internal import Drawing
public import Images

/// What is shown of the pictures that activate units, for captions.
public struct PatchView: Sendable, Hashable {
  /// The least and the greatest side, in pixels, of the parts that hold most of what a unit reacts
  /// to; nil if all patches are receptive fields.
  public let sides: ClosedRange<Int>?
  /// Whether all patches are such parts.
  public let areAllEffective: Bool
  /// Whether the part is outlined in the whole picture instead of cut out.
  public let isOutlined: Bool
  public let projection: ProjectionRule?
  public let seed: ProjectionSeed
  /// Whether the network has no ReLU, so that all projections are gradients.
  public let isGradient: Bool
  /// Whether any layer's maximum is chosen by the picture.
  public let hasSwitches: Bool

  /// The share of the squared gradient that such parts hold.
  public static let share = EnergyBox.usualShare
  /// The share of a projection's magnitudes that is not clipped.
  static let unclipped = 0.995

  public init(
    sides: ClosedRange<Int>? = nil, areAllEffective: Bool = false, isOutlined: Bool = false,
    projection: ProjectionRule? = nil, seed: ProjectionSeed = .activation, isGradient: Bool = false,
    hasSwitches: Bool = true
  ) {
    self.sides = sides
    self.areAllEffective = areAllEffective
    self.isOutlined = isOutlined
    self.projection = projection
    self.seed = seed
    self.isGradient = isGradient
    self.hasSwitches = hasSwitches
  }

  /// `cropped to the unit's receptive field; hatched parts are outside the picture`.
  var phrase: String {
    guard let sides else {
      return isOutlined
        ? "with the unit's receptive field outlined"
        : "cropped to the unit's receptive field; hatched parts are outside the picture"
    }
    let size =
      sides.lowerBound == sides.upperBound
      ? "\(sides.lowerBound)" : "\(sides.lowerBound) to \(sides.upperBound)"
    let part =
      "the square with \(percentText(Self.share)) of the squared gradient of its activation, whose "
      + "side is \(size) pixels"
    return isOutlined
      ? "with a frame around \(part)" : "cropped to \(part), and drawn equally large"
  }

  /// What the projections are.
  ///
  /// - Parameter place: Where they are, such as `Right of the patches`.
  func projectionSentence(_ place: String) -> String {
    guard let projection else { return "" }
    let way =
      switch projection {
      case .deconvnet:
        hasSwitches
          ? "by a deconvnet, with the max-pooling switches of that picture" : "by a deconvnet"
      case .guided: "by guided backpropagation"
      case .gradient: "as its gradient"
      }
    let start =
      seed == .one ? "that activation, set to 1 with all others at zero" : "that activation alone"
    let same =
      projection != .gradient && isGradient
      ? " The network has no ReLU, so this is the gradient." : ""
    return "\(place): \(start), projected back to the pixels \(way) "
      + "(\(projection.citation)). Zero is mid-grey; each has its own scale, symmetric about zero, "
      + "clipped above the \(percentileText(Self.unclipped)) of its magnitudes." + same
  }
}

/// A projection, or a part of one, as a picture: zero is mid-grey, and the scale is symmetric about
/// zero and its own.
///
/// - Parameters:
///   - values: `[C, H, W]`; what is not finite becomes transparent. One channel is drawn in grey,
///     three in colour, and of any other number the sum in grey.
///   - isBlueFirst: Whether the channels are blue, green and red.
public func projectionImage(
  of values: [Float], channels: Int, height: Int, width: Int, isBlueFirst: Bool = false
) -> Image {
  var planes = values
  if channels != 3 {
    let sum = Raster.sum(of: values, width: width, height: height).values
    planes = sum + sum + sum
  }
  let end = Scaling.clipped(above: PatchView.unclipped).range(of: planes).upperBound
  return ColorRaster(width: width, height: height, values: planes, isBlueFirst: isBlueFirst)
    .image(range: -end...end)
}
