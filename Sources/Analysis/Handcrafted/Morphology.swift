internal import TensorCore

/// The cells of a window in which the least or greatest value is looked for.
public struct StructuringElement: Sendable, Hashable {
  public enum Form: String, Sendable, Hashable, CaseIterable {
    case rectangle
    /// The cells whose middles are within half the side, rounded down, of the middle, as
    /// scikit-image has them; an ellipse if rows and columns differ.
    case disk
    /// The row and the column through the middle.
    case cross
  }

  public let form: Form
  public let rows: Int
  public let columns: Int

  public init(_ form: Form = .rectangle, rows: Int = 3, columns: Int = 3) {
    precondition(rows > 0 && columns > 0, "an element of \(rows)×\(columns)")
    (self.form, self.rows, self.columns) = (form, rows, columns)
  }

  /// Whether a cell is part of it.
  public func contains(row: Int, column: Int) -> Bool {
    switch form {
    case .rectangle: return true
    case .cross: return row == rows / 2 || column == columns / 2
    case .disk:
      func share(_ place: Int, _ count: Int) -> Double {
        (Double(place) - Double(count - 1) / 2) / Double(max(1, count / 2))
      }
      let (y, x) = (share(row, rows), share(column, columns))
      return x * x + y * y <= 1 + 1e-9
    }
  }

  /// `[rows, columns]` of zeros and ones.
  public var cells: [[Int]] {
    (0..<rows).map { row in (0..<columns).map { contains(row: row, column: $0) ? 1 : 0 } }
  }

  /// Elements whose least values are those of this one, each of the results of the one before.
  var passes: [StructuringElement] {
    form == .rectangle && rows > 1 && columns > 1
      ? [
        StructuringElement(rows: rows, columns: 1), StructuringElement(rows: 1, columns: columns),
      ] : [self]
  }
}

/// What grey-value morphology makes of a picture: J. Serra, "Image Analysis and Mathematical
/// Morphology", 1982.
///
/// Cells beyond the border count for nothing, as in OpenCV, so that a closed or opened picture does
/// not change when it is closed or opened again.
public enum Morphology: String, Sendable, Hashable, CaseIterable {
  /// The greatest value below the element, turned by 180°.
  case dilate
  /// The least value below the element.
  case erode
  /// Eroded, then dilated: what is bright and smaller than the element vanishes.
  case open
  /// Dilated, then eroded: what is dark and smaller than the element vanishes.
  case close

  /// Whether the greatest values are taken, in this order.
  var steps: [Bool] {
    switch self {
    case .dilate: [true]
    case .erode: [false]
    case .open: [false, true]
    case .close: [true, false]
    }
  }

  func reach(_ element: StructuringElement, _ geometry: FilterGeometry) -> WindowReach {
    steps.map {
      geometry.reach(rows: element.rows, columns: element.columns, isTurned: $0)
    }.reduce(WindowReach(above: 0, below: 0, left: 0, right: 0)) {
      WindowReach(
        above: $0.above + $1.above, below: $0.below + $1.below, left: $0.left + $1.left,
        right: $0.right + $1.right)
    }
  }

  /// Each channel of a `[C, H, W]` picture in which at least one window fits.
  func applied(
    to picture: Tensor, _ element: StructuringElement, _ geometry: FilterGeometry
  ) -> Tensor {
    var every = geometry
    every.stride = 1
    let dense = steps.reduce(picture) { picture, takesGreatest in
      element.passes.reduce(picture) {
        extremes(of: $0, below: $1, every, takesGreatest: takesGreatest)
      }
    }
    return dense.every(geometry.stride)
  }
}

/// The greatest or least values below an element around each pixel.
///
/// - Parameter takesGreatest: The greatest, below the element turned by 180°.
private func extremes(
  of picture: Tensor, below element: StructuringElement, _ geometry: FilterGeometry,
  takesGreatest: Bool
) -> Tensor {
  let nothing = takesGreatest ? -Float.infinity : .infinity
  let padded =
    geometry.padding == .none
    ? picture
    : PicturePadding.zero.padded(
      picture,
      by: geometry.reach(
        rows: element.rows, columns: element.columns, isTurned: takesGreatest), outside: nothing)
  let dilation = geometry.dilation
  let offsets = (0..<element.rows).flatMap { row in
    (0..<element.columns).compactMap { column -> (row: Int, column: Int)? in
      guard element.contains(row: row, column: column) else { return nil }
      return takesGreatest
        ? ((element.rows - 1 - row) * dilation, (element.columns - 1 - column) * dilation)
        : (row * dilation, column * dilation)
    }
  }
  return windowRows(
    of: padded, rows: element.rows, columns: element.columns, dilation: dilation, stride: 1
  ) { source, start, width, result in
    result.update(repeating: nothing)
    for offset in offsets {
      let first = start + offset.row * width + offset.column
      for column in result.indices {
        let value = source[first + column]
        result[column] =
          takesGreatest ? Swift.max(result[column], value) : Swift.min(result[column], value)
      }
    }
  }
}

/// The middle of all values below a window, or the upper of two middle ones, as in SciPy.
func median(
  of picture: Tensor, rows: Int, columns: Int, _ geometry: FilterGeometry
) -> Tensor {
  let padded =
    geometry.padding == .none
    ? picture
    : geometry.padding.padded(
      picture, by: geometry.reach(rows: rows, columns: columns, isTurned: false))
  let (stride, dilation, count) = (geometry.stride, geometry.dilation, rows * columns)
  return windowRows(
    of: padded, rows: rows, columns: columns, dilation: dilation, stride: stride
  ) { source, start, width, result in
    var window = [Float](repeating: 0, count: count)
    for column in result.indices {
      var place = 0
      for row in 0..<rows {
        var index = start + row * dilation * width + column * stride
        for _ in 0..<columns {
          window[place] = source[index]
          place += 1
          index += dilation
        }
      }
      result[column] = window.withUnsafeMutableBufferPointer { selected(count / 2, from: $0) }
    }
  }
}

/// Makes the rows of a result from the windows in a `[C, H, W]` picture, on all cores.
///
/// - Parameter make: Writes a row, from the picture's elements, the place of its first window's
///   first cell among them, and the picture's width.
/// - Returns: `[C, (H − dilation·(rows − 1) − 1) / stride + 1, …]`.
private func windowRows(
  of picture: Tensor, rows: Int, columns: Int, dilation: Int, stride: Int,
  _ make:
    @Sendable (
      UnsafeBufferPointer<Float>, _ start: Int, _ width: Int, UnsafeMutableBufferPointer<Float>
    ) -> Void
) -> Tensor {
  let (channels, height, width) = (picture.shape[0], picture.shape[1], picture.shape[2])
  let (downRoom, acrossRoom) = (height - dilation * (rows - 1), width - dilation * (columns - 1))
  precondition(downRoom > 0 && acrossRoom > 0, "\(rows)×\(columns) in \(picture.shape)")
  let (down, across) = ((downRoom - 1) / stride + 1, (acrossRoom - 1) / stride + 1)
  return picture.arranged(as: .rowMajor).withUnsafeElements { source in
    Tensor(shape: [channels, down, across]) { target in
      target.initialize(repeating: 0)
      nonisolated(unsafe) let (source, target) = (source, target)
      // Each row is written once.
      concurrently(channels * down) { row in
        make(
          source, ((row / down) * height + row % down * stride) * width, width,
          UnsafeMutableBufferPointer(rebasing: target[(row * across)..<((row + 1) * across)]))
      }
    }
  }
}

/// The value with `rank` others before it in ascending order; the others change places.
///
/// C. A. R. Hoare, "Algorithm 65: find", 1961.
private func selected(_ rank: Int, from values: UnsafeMutableBufferPointer<Float>) -> Float {
  var (low, high) = (0, values.count - 1)
  while low < high {
    let pivot = values[(low + high) / 2]
    var (i, j) = (low, high)
    while i <= j {
      while values[i] < pivot { i += 1 }
      while values[j] > pivot { j -= 1 }
      if i <= j {
        values.swapAt(i, j)
        i += 1
        j -= 1
      }
    }
    if rank <= j {
      high = j
    } else if rank >= i {
      low = i
    } else {
      break
    }
  }
  return values[rank]
}

extension Tensor {
  /// Every `stride`th row and column of `[C, H, W]`, from the first.
  func every(_ stride: Int) -> Tensor { sampled(from: (0, 0), every: stride, nil) }

  /// Some rows and columns of `[C, H, W]`.
  ///
  /// - Parameter count: How many rows and columns; nil for all that there are.
  func sampled(
    from first: (row: Int, column: Int), every stride: Int, _ count: (rows: Int, columns: Int)?
  ) -> Tensor {
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    let rows = count?.rows ?? ((height - first.row - 1) / stride + 1)
    let columns = count?.columns ?? ((width - first.column - 1) / stride + 1)
    if first == (0, 0), rows == height, columns == width { return self }
    return arranged(as: .rowMajor).withUnsafeElements { source in
      Tensor(shape: [channels, rows, columns]) { target in
        var place = 0
        for channel in 0..<channels {
          for row in 0..<rows {
            let start = (channel * height + first.row + row * stride) * width + first.column
            for column in 0..<columns {
              target.initializeElement(at: place, to: source[start + column * stride])
              place += 1
            }
          }
        }
      }
    }
  }
}
