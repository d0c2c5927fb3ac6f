public import Files
internal import Images
internal import TensorCore

/// Arrays that are used exactly as they are, and how they are shown.
extension Preprocessing {
  /// The order of the axes in an array of pictures.
  public enum ArrayOrder: String, Sendable, Hashable, Codable {
    /// `[N, C, H, W]`.
    case channelsFirst = "channels-first"
    /// `[N, H, W, C]` where the shape allows it, otherwise `[N, C, H, W]`.
    case channelsLast = "channels-last"
  }

  /// How far an array's values may lie beyond black and white and still be those of a picture, as a
  /// share of the range between the two: resizing overshoots at edges, and files round.
  public static let overshoot: Float = 0.01

  /// Whether the values of an input can be those of a picture that was preprocessed in this way.
  ///
  /// - Parameter input: `[1, C, H, W]`.
  func canBePicture(_ input: Tensor) -> Bool {
    let margin = 255 * Self.overshoot
    let channels = input.shape[1]
    return input.arranged(as: .channelsLast).withUnsafeElements { values in
      values.indices.allSatisfy { index in
        let channel = index % channels
        let level = (values[index] * deviation[channel] + mean[channel]) / scale
        return (-margin...(255 + margin)).contains(level)
      }
    }
  }

  /// The picture of an array: what it was made from if its values can be those of a preprocessed
  /// picture, and otherwise from black for its lowest value to white for its highest.
  ///
  /// - Parameter input: `[1, C, H, W]`.
  func pictureOfArray(_ input: Tensor) -> Image {
    guard takesPictures, !canBePicture(input) else { return picture(of: input) }
    let channels = input.shape[1]
    return stretched(input) { values, pixel, color in
      values[pixel * channels + (channels == 1 ? 0 : channelOrder == .bgr ? 2 - color : color)]
    }
  }

  /// A sentence for captions on how an example is shown; nil if it is shown as the picture that it
  /// is or was made from.
  ///
  /// - Throws: `FileError` if it cannot be read.
  public func displayRemark(of example: Example) throws(FileError) -> String? {
    guard takesPictures, case .array = example.content else { return displayRemark }
    guard !canBePicture(try tensor(for: example)) else { return nil }
    return
      "Arrays are used exactly as they are; if the values are not those of a picture that was "
      + "preprocessed for the network, the array is shown from black for its lowest value to white "
      + "for its highest."
  }
}

/// A picture in which 0 is the lowest of all colours of all pixels, and 255 the highest.
///
/// - Parameters:
///   - input: `[1, C, H, W]`.
///   - value: Red, green or blue (0, 1 or 2) of a pixel, given all values with the channels last.
func stretched(
  _ input: Tensor,
  _ value: (_ values: UnsafeBufferPointer<Float>, _ pixel: Int, _ color: Int) -> Float
) -> Image {
  let (height, width) = (input.shape[2], input.shape[3])
  let colors = input.arranged(as: .channelsLast).withUnsafeElements { values in
    (0..<(3 * height * width)).map { value(values, $0 / 3, $0 % 3) }
  }
  let finite = colors.filter(\.isFinite)
  let (lowest, highest) = (finite.min() ?? 0, finite.max() ?? 0)
  var pixels = [UInt8](repeating: 255, count: 4 * height * width)
  for (index, value) in colors.enumerated() {
    // A picture with a single value is mid-grey.
    let share = highest > lowest ? (value - lowest) / (highest - lowest) : 0.5
    pixels[index / 3 * 4 + index % 3] =
      share.isNaN ? 0 : UInt8((255 * min(max(share, 0), 1)).rounded())
  }
  return Image(width: width, height: height, pixels: pixels)
}
