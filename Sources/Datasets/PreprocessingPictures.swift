public import Files
public import Images
public import TensorCore

extension Preprocessing {
  /// `[1, C, H, W]`, channels last; `[1, C, L]` or `[1, C, D, H, W]` of series and volumes.
  ///
  /// A picture is composited on white, converted to grey if the network has one channel, resized,
  /// cropped and encoded, in this order. An array is used exactly as it is, but the values of series
  /// and volumes are normalized.
  ///
  /// - Throws: `FileError` if an array does not have the input's shape, or a picture's channels are
  ///   not the network's.
  public func tensor(for example: Example) throws(FileError) -> Tensor {
    let encoder = InputEncoder(self)
    return try Tensor(shape: Shape([1] + input), layout: .channelsLast) {
      (target) throws(FileError) in try encoder.write(example, into: target)
    }
  }

  /// The picture that the network gets, aligned with its input pixel by pixel.
  ///
  /// An array is shown as ``displayRemark(of:)`` says.
  ///
  /// - Throws: The same errors as `tensor(for:)`.
  public func displayed(_ example: Example) throws(FileError) -> Image {
    let checkChannels = { () throws(FileError) in
      guard takesPictures else { throw FileError(.malformed, example.source, pictureRefusal) }
    }
    switch example.content {
    case .picture(let image):
      try checkChannels()
      return displayed(image)
    case .file(let file):
      try checkChannels()
      return try displayed(file)
    case .array:
      guard kind == .picture else {
        throw FileError(
          .malformed, example.source,
          "expected a picture, found \(kind == .series ? "a series" : "a volume") of \(input)")
      }
      return pictureOfArray(try tensor(for: example))
    }
  }

  func displayed(_ image: Image) -> Image {
    var image = image.composited()
    if input[0] == 1 { image = image.grayscale() }
    let placement = Placement(self, width: image.width, height: image.height)
    // Only the part that is kept is computed: a strip of 1 × 60,000 pixels would not fit into
    // memory once its shorter side is enlarged.
    return padded(
      image.resized(
        width: placement.width, height: placement.height, columns: placement.across.kept,
        rows: placement.down.kept), placement)
  }

  /// The same for a picture that is decoded row by row.
  private func displayed(_ file: PictureFile) throws(FileError) -> Image {
    let picture = try file.opened()
    let placement = Placement(self, width: picture.width, height: picture.height)
    return padded(
      try picture.resized(
        width: placement.width, height: placement.height, columns: placement.across.kept,
        rows: placement.down.kept, isGray: input[0] == 1), placement)
  }

  private func padded(_ image: Image, _ placement: Placement) -> Image {
    image.padded(
      left: placement.across.before, top: placement.down.before, width: input[2],
      height: input[1])
  }

  /// The values that a series or a volume had before it was normalized.
  ///
  /// - Parameter input: `[1, C, …]`.
  /// - Returns: `[C, …]`.
  public func values(of input: Tensor) -> Tensor {
    let size = input.shape.spatial.reduce(1, *)
    let values = input.elements
    return Tensor(shape: Shape(Array(input.shape.extents.dropFirst()))) { target in
      for index in target.indices {
        let channel = index / max(size, 1)
        target.initializeElement(
          at: index, to: (values[index] * deviation[channel] + mean[channel]) / scale)
      }
    }
  }

  /// The picture that an input was made from; values outside a picture's range are clamped. If the
  /// channels are not those of a picture, it is shown as `displayRemark` says.
  ///
  /// - Parameter input: `[1, C, H, W]`.
  public func picture(of input: Tensor) -> Image {
    guard Self.channelsOfPictures.contains(input.shape[1]) else { return meanOfChannels(input) }
    let (channels, height, width) = (input.shape[1], input.shape[2], input.shape[3])
    var pixels = [UInt8](repeating: 255, count: 4 * height * width)
    input.arranged(as: .channelsLast).withUnsafeElements { values in
      for pixel in 0..<(height * width) {
        for color in 0..<3 {
          let ordered = channelOrder == .bgr ? 2 - color : color
          let channel = channels == 1 ? 0 : ordered
          let value =
            (values[pixel * channels + channel] * deviation[channel] + mean[channel]) / scale
          pixels[4 * pixel + color] = value.isNaN ? 0 : UInt8(min(max(value.rounded(), 0), 255))
        }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}

/// The position of a picture of some size in the input.
struct Placement {
  /// Of the whole resized picture.
  let width: Int
  let height: Int
  /// The part of it that is kept.
  let across: CenterCrop
  let down: CenterCrop
  /// Whether every pixel of the picture is a pixel of the input.
  let isIdentity: Bool

  init(_ preprocessing: Preprocessing, width: Int, height: Int) {
    let (inputHeight, inputWidth) = (preprocessing.input[1], preprocessing.input[2])
    (self.width, self.height) =
      switch preprocessing.resize {
      case .none: (width, height)
      case .exact: (inputWidth, inputHeight)
      case .shorterSide(let side): Image.size(of: (width, height), shorterSide: side)
      }
    let roundsDown = preprocessing.centering == .upperLeft
    across = CenterCrop(from: self.width, to: inputWidth, roundsDown: roundsDown)
    down = CenterCrop(from: self.height, to: inputHeight, roundsDown: roundsDown)
    isIdentity =
      (width, height) == (inputWidth, inputHeight) && (self.width, self.height) == (width, height)
  }
}
