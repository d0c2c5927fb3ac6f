/// How pixels are computed when a picture is resized.
public enum ResizeFilter: Sendable, Hashable, CaseIterable {
  /// Antialiased: the triangle filter, as wide as the reduction requires. Pillow's `BILINEAR`.
  case bilinear
  /// Copies pixels, to enlarge without smoothing. Pillow's `NEAREST`.
  case nearest
}

extension Image {
  /// The picture in another size, each axis with its own scale.
  ///
  /// - Precondition: Both sizes are positive.
  public func resized(
    width newWidth: Int, height newHeight: Int, by filter: ResizeFilter = .bilinear
  ) -> Image {
    resized(
      width: newWidth, height: newHeight, by: filter, columns: 0..<newWidth, rows: 0..<newHeight)
  }

  /// The picture with its shorter side scaled to `size` and the longer one in proportion, rounded
  /// down as torchvision does.
  public func resized(shorterSide size: Int) -> Image {
    let (newWidth, newHeight) = Self.size(of: (width, height), shorterSide: size)
    return resized(width: newWidth, height: newHeight)
  }

  /// Produces only the given part of the resized picture.
  ///
  /// - Returns: The same as `resized(width:height:)` followed by `cropped`, without computing the
  ///   rest.
  package func resized(
    width newWidth: Int, height newHeight: Int, by filter: ResizeFilter = .bilinear,
    columns: Range<Int>, rows: Range<Int>
  ) -> Image {
    let plan = RowResizer.Plan(
      from: (width, height), to: (newWidth, newHeight), columns: columns, rows: rows)
    if newWidth == width, newHeight == height {
      return cropped(
        x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
    }
    switch filter {
    case .nearest:
      return nearest(width: newWidth, height: newHeight, columns: columns, rows: rows)
    case .bilinear where isOpaque:
      return resized(plan)
    case .bilinear:
      // The colour of transparent pixels must not bleed into opaque ones.
      return premultiplied().resized(plan).unpremultiplied()
    }
  }

  /// The size of `resized(shorterSide:)`.
  package static func size(
    of size: (width: Int, height: Int), shorterSide: Int
  ) -> (width: Int, height: Int) {
    let (short, long) = (min(size.width, size.height), max(size.width, size.height))
    let newLong = Int(Double(shorterSide) * Double(long) / Double(max(short, 1)))
    return size.width <= size.height ? (shorterSide, newLong) : (newLong, shorterSide)
  }

  private func resized(_ plan: RowResizer.Plan) -> Image {
    var resizer = RowResizer(plan)
    withWords { words in
      for row in resizer.sourceRows {
        resizer.take(
          UnsafeBufferPointer(rebasing: words[(row * width)..<((row + 1) * width)]), row: row)
      }
    }
    return resizer.finished()
  }

  private func nearest(
    width newWidth: Int, height newHeight: Int, columns: Range<Int>, rows: Range<Int>
  ) -> Image {
    func source(_ position: Int, _ old: Int, _ new: Int) -> Int {
      min(Int((Double(position) + 0.5) * Double(old) / Double(new)), old - 1)
    }
    let sourceColumns = columns.map { source($0, width, newWidth) }
    return withWords { words in
      Image(width: columns.count, height: rows.count) { target in
        var index = 0
        for row in rows {
          let start = source(row, height, newHeight) * width
          for column in sourceColumns {
            target[index] = words[start + column]
            index += 1
          }
        }
      }
    }
  }
}
