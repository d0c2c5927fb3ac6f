public import Images
internal import TensorCore

extension Image {
  /// A picture of noise, the same for the same seed.
  ///
  /// - Parameter isOpaque: Otherwise every pixel is more or less transparent.
  public static func noise(
    _ width: Int, _ height: Int, seed: UInt64 = 0, isOpaque: Bool = true
  ) -> Image {
    var generator = SeededGenerator(seed: seed)
    let pixels = (0..<(4 * width * height)).map { index in
      isOpaque && index % 4 == 3 ? 255 : UInt8.random(in: 0...255, using: &generator)
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
