extension Image {
  /// A part of the picture.
  ///
  /// - Precondition: The part is inside the picture.
  public func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> Image {
    precondition(
      x >= 0 && y >= 0 && newWidth >= 0 && newHeight >= 0 && x + newWidth <= width
        && y + newHeight <= height,
      "\(newWidth)×\(newHeight) at (\(x), \(y)) is not inside \(width)×\(height)")
    if newWidth == width, newHeight == height { return self }
    return withWords { source in
      Image(width: newWidth, height: newHeight) { target in
        for row in 0..<newHeight {
          let start = (y + row) * width + x
          _ = UnsafeMutableBufferPointer(rebasing: target[(row * newWidth)...])
            .update(fromContentsOf: source[start..<(start + newWidth)])
        }
      }
    }
  }

  /// A part that may reach beyond the picture, where it is transparent.
  package func cropped(rows: Range<Int>, columns: Range<Int>) -> Image {
    var cut = [UInt8](repeating: 0, count: 4 * rows.count * columns.count)
    for row in rows.clamped(to: 0..<height) {
      for column in columns.clamped(to: 0..<width) {
        let (from, to) = (
          4 * (row * width + column),
          4 * ((row - rows.lowerBound) * columns.count + column - columns.lowerBound)
        )
        for byte in 0..<4 { cut[to + byte] = pixels[from + byte] }
      }
    }
    return Image(width: columns.count, height: rows.count, pixels: cut)
  }

  /// The middle of the picture; if the picture is smaller, it is padded with black, as torchvision
  /// does.
  public func centerCropped(width newWidth: Int, height newHeight: Int) -> Image {
    let across = CenterCrop(from: width, to: newWidth)
    let down = CenterCrop(from: height, to: newHeight)
    let inside = cropped(
      x: across.kept.lowerBound, y: down.kept.lowerBound, width: across.kept.count,
      height: down.kept.count)
    return inside.padded(
      left: across.before, top: down.before, width: newWidth, height: newHeight)
  }

  /// The picture with a black border.
  package func padded(left: Int, top: Int, width newWidth: Int, height newHeight: Int) -> Image {
    if newWidth == width, newHeight == height { return self }
    precondition(
      left >= 0 && top >= 0 && left + width <= newWidth && top + height <= newHeight,
      "\(width)×\(height) at (\(left), \(top)) is not inside \(newWidth)×\(newHeight)")
    return withWords { source in
      Image(width: newWidth, height: newHeight) { target in
        target.initialize(repeating: UInt32(littleEndianBytes: (0, 0, 0, 255)))
        for row in 0..<height {
          _ = UnsafeMutableBufferPointer(rebasing: target[((top + row) * newWidth + left)...])
            .update(fromContentsOf: source[(row * width)..<((row + 1) * width)])
        }
      }
    }
  }
}

/// Which part of an axis a centred crop keeps, with the rounding of torchvision's `center_crop`.
package struct CenterCrop: Sendable, Hashable {
  package let kept: Range<Int>
  /// The number of pixels missing before it.
  package let before: Int

  /// - Parameter roundsDown: Whether half a pixel is rounded to the upper left instead of to even.
  package init(from size: Int, to target: Int, roundsDown: Bool = false) {
    guard target < size else {
      kept = 0..<size
      before = (target - size) / 2
      return
    }
    // Python rounds halves to even.
    let start = Int((Double(size - target) / 2).rounded(roundsDown ? .down : .toNearestOrEven))
    kept = start..<(start + target)
    before = 0
  }
}
