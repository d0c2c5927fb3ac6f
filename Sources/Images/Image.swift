/// An 8-bit RGBA picture in sRGB with straight alpha, row by row from the top left.
public struct Image: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// `4 · width · height` bytes.
  public var pixels: [UInt8]

  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      pixels.count == 4 * width * height,
      "\(pixels.count) bytes do not make a \(width)×\(height) RGBA image")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
