extension Image {
  /// The opaque picture that results from laying this one on white.
  ///
  /// A network's input has no alpha channel, so pictures are composited on white first.
  public func composited() -> Image {
    isOpaque ? self : mappingPixels(layOnWhite)
  }

  /// Grey by the weights of ITU-R BT.601, rounded as Pillow's mode "L" does; alpha is kept.
  public func grayscale() -> Image { mappingPixels(makeGray) }

  /// Colour times alpha, as needed for blending.
  func premultiplied() -> Image {
    mappingPixels { pixels in
      forEachPixel(of: pixels) { pixel, alpha in
        for channel in 0..<3 { pixel[channel] = scaled(UInt32(pixel[channel]), by: alpha) }
      }
    }
  }

  func unpremultiplied() -> Image {
    mappingPixels { pixels in
      forEachPixel(of: pixels) { pixel, alpha in
        guard alpha != 0, alpha != 255 else { return }
        for channel in 0..<3 {
          pixel[channel] = UInt8(min(UInt32(pixel[channel]) * 255 / alpha, 255))
        }
      }
    }
  }

  private func mappingPixels(
    _ change: (UnsafeMutableBufferPointer<UInt32>) -> Void
  ) -> Image {
    Image(width: width, height: height) { target in
      withWords { _ = target.initialize(fromContentsOf: $0) }
      change(target)
    }
  }
}

/// Blends pixels with white by their alpha.
func layOnWhite(_ pixels: UnsafeMutableBufferPointer<UInt32>) {
  forEachPixel(of: pixels) { pixel, alpha in
    for channel in 0..<3 {
      let mixed = UInt32(pixel[channel]) * alpha + 255 * (255 - alpha)
      pixel[channel] = UInt8((mixed + 127) / 255)
    }
    pixel[3] = 255
  }
}

/// Replaces colours by their luma, and keeps alpha.
func makeGray(_ pixels: UnsafeMutableBufferPointer<UInt32>) {
  forEachPixel(of: pixels) { pixel, _ in
    let gray = luma(pixel[0], pixel[1], pixel[2])
    for channel in 0..<3 { pixel[channel] = gray }
  }
}

@inline(__always)
private func forEachPixel(
  of pixels: UnsafeMutableBufferPointer<UInt32>,
  _ change: (_ pixel: UnsafeMutablePointer<UInt8>, _ alpha: UInt32) -> Void
) {
  pixels.withMemoryRebound(to: UInt8.self) { bytes in
    guard var pixel = bytes.baseAddress else { return }
    for _ in 0..<(bytes.count / 4) {
      change(pixel, UInt32(pixel[3]))
      pixel += 4
    }
  }
}

/// The luma of a colour by ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B in 16 bits.
@inline(__always)
package func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
  let sum = UInt32(red) * 19595 + UInt32(green) * 38470 + UInt32(blue) * 7471
  return UInt8(truncatingIfNeeded: (sum + 0x8000) >> 16)
}

extension Image {
  /// The picture with a part from another of the same size; what is outside is left out.
  package func replacing(
    rows: Range<Int>, columns: Range<Int>, from other: Image
  ) -> Image {
    var changed = pixels
    let columns = columns.clamped(to: 0..<width)
    for row in rows.clamped(to: 0..<height) {
      let line = (4 * (row * width + columns.lowerBound))..<(4 * (row * width + columns.upperBound))
      changed.replaceSubrange(line, with: other.pixels[line])
    }
    return Image(width: width, height: height, pixels: changed)
  }

  /// The picture with a white frame with dark edges around a part of it, as far as it is inside.
  package func outlined(rows: Range<Int>, columns: Range<Int>) -> Image {
    let line = max(1, max(width, height) / 100)
    // Around a small part, so that it stays visible.
    let margin = min(rows.count, columns.count) <= 12 * line ? 3 * line : 0
    let rows = (rows.lowerBound - margin)..<(rows.upperBound + margin)
    let columns = (columns.lowerBound - margin)..<(columns.upperBound + margin)
    var pixels = pixels
    for row in max(rows.lowerBound, 0)..<min(rows.upperBound, height) {
      for column in max(columns.lowerBound, 0)..<min(columns.upperBound, width) {
        let depth = min(
          row - rows.lowerBound, rows.upperBound - 1 - row, column - columns.lowerBound,
          columns.upperBound - 1 - column)
        guard depth < 3 * line else { continue }
        let level: UInt8 = depth / line == 1 ? 255 : 0
        let start = 4 * (row * width + column)
        for byte in 0..<3 { pixels[start + byte] = level }
        pixels[start + 3] = 255
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
