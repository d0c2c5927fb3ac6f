internal import Images
internal import TensorCore

/// Networks that take neither grey nor colour, but satellite bands, optical flow or depth: their
/// input can only come from arrays.
extension Preprocessing {
  /// Whether pictures can be used as input: as one channel of grey, or as three of colour.
  public var takesPictures: Bool {
    kind == .picture && Self.channelsOfPictures.contains(input[0])
  }

  static let channelsOfPictures: Set = [1, 3]

  /// A note for captions on how an input that is neither grey nor colour is displayed; nil for
  /// others.
  public var displayRemark: String? {
    takesPictures || kind != .picture
      ? nil
      : "The input has \(input[0]) channels; it is shown as their mean, "
        + "from black for the lowest value of a picture to white for its highest."
  }

  /// Why a picture file cannot be the input of such a network.
  var pictureRefusal: String {
    kind != .picture
      ? "expected \(kind.plural) of \(input), found a picture"
      : "expected \(input[0]) channels, found a picture of 3, red, green and blue (transparency is no "
        + "channel); give an array of \(input) as .npy, .npz or .safetensors"
  }

  /// The mean of the channels, stretched from its lowest value to its highest.
  ///
  /// No choice of colours would be faithful: the file does not say which of 13 bands are red, green
  /// and blue, and arrays that are used exactly as they are have no known range.
  ///
  /// - Parameter input: `[1, C, H, W]`.
  func meanOfChannels(_ input: Tensor) -> Image {
    let channels = input.shape[1]
    return stretched(input) { values, pixel, _ in
      var sum = 0.0
      for channel in 0..<channels { sum += Double(values[pixel * channels + channel]) }
      return Float(sum / Double(max(channels, 1)))
    }
  }
}
