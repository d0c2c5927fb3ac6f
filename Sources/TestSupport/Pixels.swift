public import Drawing
public import Images

extension Image {
  /// Whether a pixel is inside the picture and has a colour, whatever its alpha.
  ///
  /// - Parameter tolerance: The largest difference allowed in any 8-bit channel.
  public func shows(_ color: Color, _ x: Int, _ y: Int, tolerance: Int) -> Bool {
    guard x >= 0, x < width, y >= 0, y < height else { return false }
    let (start, bytes) = (4 * (y * width + x), color.bytes)
    func isNear(_ channel: Int, _ level: UInt8) -> Bool {
      abs(Int(pixels[start + channel]) - Int(level)) <= tolerance
    }
    return isNear(0, bytes.red) && isNear(1, bytes.green) && isNear(2, bytes.blue)
  }
}
