public import TensorCore

/// What is seen in a transformed picture where the original has nothing to show.
public enum Surround: Sendable, Hashable {
  /// The nearest pixel of the original: no contour appears that the picture does not have.
  case edge
  /// The original again, as on a torus, so that translations lose nothing.
  case wrap
  /// The mean colour of the original.
  case mean
  /// A colour, one value per channel of the input.
  case color([Float])
}

/// A transformed picture, with bilinear interpolation between pixel centres.
///
/// Interpolation commutes with the subtraction and division of a preprocessing, so the picture may
/// be given before or after it.
///
/// - Parameters:
///   - picture: `[1, C, H, W]`.
///   - mapping: Of points of the result to their sources.
///   - surround: What is seen outside the original.
/// - Returns: `[1, C, H, W]`, channels last.
public func transformed(
  _ picture: Tensor, by mapping: PlaneMapping, surround: Surround
) -> Tensor {
  let (channels, height, width) = (picture.shape[1], picture.shape[2], picture.shape[3])
  let picture = picture.arranged(as: .channelsLast)
  let constant: [Float]? =
    switch surround {
    case .edge, .wrap: nil
    case .mean: positionMeans(picture).elements
    case .color(let color): color
    }
  func place(_ index: Int, of count: Int) -> Int? {
    switch surround {
    case .edge: min(max(index, 0), count - 1)
    case .wrap: (index % count + count) % count
    case .mean, .color: (0..<count).contains(index) ? index : nil
    }
  }
  return picture.withUnsafeElements { pixels in
    Tensor(shape: picture.shape, layout: .channelsLast) { target in
      target.initialize(repeating: 0)
      for row in 0..<height {
        for column in 0..<width {
          let source = mapping.source(
            of: PlanePoint(row: Double(row) + 0.5, column: Double(column) + 0.5))
          let start = (row * width + column) * channels
          Interpolation(at: source.row - 0.5).forEach { down, rowWeight in
            Interpolation(at: source.column - 0.5).forEach { across, columnWeight in
              let weight = Float(rowWeight * columnWeight)
              if let down = place(down, of: height), let across = place(across, of: width) {
                let pixel = (down * width + across) * channels
                for channel in 0..<channels {
                  target[start + channel] += weight * pixels[pixel + channel]
                }
              } else if let constant {
                for channel in 0..<channels {
                  target[start + channel] += weight * constant[channel]
                }
              }
            }
          }
        }
      }
    }
  }
}

/// Linear interpolation between the two integers around a coordinate; one of them has no weight if
/// the coordinate is the other.
struct Interpolation {
  private let first: Int
  private let share: Double

  init(at coordinate: Double) {
    // What lies so far outside any picture is all the same.
    let floor = min(max(coordinate.rounded(.down), -0x1p30), 0x1p30)
    let share = min(max(coordinate - floor, 0), 1)
    // Sines and cosines are not exact: a turn by 90° meets pixels to within about 1e-13.
    let isNext = share > 1 - roundingError
    first = Int(floor) + (isNext ? 1 : 0)
    self.share = isNext || share < roundingError ? 0 : share
  }

  /// Calls `body` with each integer that has a weight.
  func forEach(_ body: (_ index: Int, _ weight: Double) -> Void) {
    body(first, 1 - share)
    if share > 0 { body(first + 1, share) }
  }
}

/// In pixels; below it, two places are the same.
let roundingError = 1e-9
