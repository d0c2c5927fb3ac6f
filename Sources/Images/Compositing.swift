extension Image {
  /// The opaque picture that is seen when this one lies on a sheet of one colour.
  ///
  /// A network's input has no alpha: pictures are laid on white before they become input.
  public func composited(
    over background: (red: UInt8, green: UInt8, blue: UInt8) = (255, 255, 255)
  ) -> Image {
    if isOpaque { return self }
    let sheet = [UInt32(background.red), UInt32(background.green), UInt32(background.blue)]
    return mappingPixels { pixel, alpha in
      for channel in 0..<3 {
        let mixed = UInt32(pixel[channel]) * alpha + sheet[channel] * (255 - alpha)
        pixel[channel] = UInt8((mixed + 127) / 255)
      }
      pixel[3] = 255
    }
  }

  /// Grey by the weights of ITU-R BT.601, rounded as Pillow's mode "L"; alpha stays.
  public func grayscale() -> Image {
    mappingPixels { pixel, _ in
      let gray = luma(pixel[0], pixel[1], pixel[2])
      for channel in 0..<3 { pixel[channel] = gray }
    }
  }

  /// Colour times alpha, as pictures are mixed.
  func premultiplied() -> Image {
    mappingPixels { pixel, alpha in
      for channel in 0..<3 { pixel[channel] = scaled(UInt32(pixel[channel]), by: alpha) }
    }
  }

  func unpremultiplied() -> Image {
    mappingPixels { pixel, alpha in
      guard alpha != 0, alpha != 255 else { return }
      for channel in 0..<3 {
        pixel[channel] = UInt8(min(UInt32(pixel[channel]) * 255 / alpha, 255))
      }
    }
  }

  private func mappingPixels(
    _ change: (_ pixel: UnsafeMutablePointer<UInt8>, _ alpha: UInt32) -> Void
  ) -> Image {
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { bytes in
      guard var pixel = bytes.baseAddress else { return }
      for _ in 0..<(width * height) {
        change(pixel, UInt32(pixel[3]))
        pixel += 4
      }
    }
    return result
  }
}

/// The brightness of a colour by ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B in 16 bits.
@inline(__always)
package func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
  let sum = UInt32(red) * 19595 + UInt32(green) * 38470 + UInt32(blue) * 7471
  return UInt8(truncatingIfNeeded: (sum + 0x8000) >> 16)
}
