internal import TensorCore

/// What a window finds beyond the border of a picture.
public enum PicturePadding: String, Sendable, Hashable, CaseIterable {
  /// The picture mirrored at its outermost pixels, which are not repeated: `c b | a b c | b a`, as
  /// `reflect` of NumPy and PyTorch, `mirror` of SciPy, and OpenCV's default.
  case reflect
  /// The picture mirrored at its border, so that its outermost pixels are repeated:
  /// `b a | a b c | c b`, as `symmetric` of NumPy and `reflect` of SciPy.
  case symmetric
  /// The nearest pixel: `a a | a b c | c c`.
  case edge
  /// Black: `0 0 | a b c | 0 0`.
  case zero
  /// Nothing: only windows that lie in the picture as a whole are used, so the result is smaller.
  case none

  /// The place in the picture whose value stands at a place beyond its border; nil for black.
  ///
  /// - Precondition: There is at least one place in the picture.
  func source(of place: Int, count: Int) -> Int? {
    if (0..<count).contains(place) { return place }
    func modulo(_ period: Int) -> Int { ((place % period) + period) % period }
    switch self {
    case .reflect:
      guard count > 1 else { return 0 }
      let turn = modulo(2 * count - 2)
      return turn < count ? turn : 2 * count - 2 - turn
    case .symmetric:
      let turn = modulo(2 * count)
      return turn < count ? turn : 2 * count - 1 - turn
    case .edge: return min(max(place, 0), count - 1)
    case .zero, .none: return nil
    }
  }
}

/// How far something reaches beyond a pixel, in rows and columns.
struct WindowReach: Equatable {
  var above: Int
  var below: Int
  var left: Int
  var right: Int
}

extension PicturePadding {
  /// A `[C, H, W]` picture with what is beyond its border.
  ///
  /// - Parameters:
  ///   - reach: How many rows and columns to add.
  ///   - outside: What stands where the padding has no value.
  func padded(_ picture: Tensor, by reach: WindowReach, outside: Float = 0) -> Tensor {
    let (channels, height, width) = (picture.shape[0], picture.shape[1], picture.shape[2])
    let rows = (-reach.above..<(height + reach.below)).map { source(of: $0, count: height) }
    let columns = (-reach.left..<(width + reach.right)).map { source(of: $0, count: width) }
    return picture.arranged(as: .rowMajor).withUnsafeElements { source in
      Tensor(shape: [channels, rows.count, columns.count]) { target in
        var place = 0
        for channel in 0..<channels {
          for row in rows {
            let start = row.map { (channel * height + $0) * width }
            for column in columns {
              let value =
                if let start, let column { source[start + column] } else { outside }
              target.initializeElement(at: place, to: value)
              place += 1
            }
          }
        }
      }
    }
  }
}
