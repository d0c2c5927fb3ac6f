internal import TensorCore

/// Thin lines along the edges of a picture: J. Canny, "A computational approach to edge detection",
/// 1986, with the steps of scikit-image's `feature.canny`.
///
/// 1. A Gaussian smooths the picture.
/// 2. Sobel's kernels give the gradient, with the picture mirrored at its border.
/// 3. Where the gradient is not less than its interpolated neighbours before and behind, across
///    the edge, it stays. Of two equal neighbours the first stays, as in OpenCV, so that edges are
///    one pixel wide; scikit-image keeps both.
/// 4. Edges begin where it reaches the high threshold, and go on, in eight directions, as long as it
///    reaches the low one. The outermost pixels are none.
public struct CannyEdges: Sendable, Hashable {
  /// Of the gradient's magnitude by Sobel's 3×3 whole numbers, in grey levels from 0 to 255.
  public var low: Double
  public var high: Double
  /// Of the Gaussian, in pixels; 0 for none.
  public var sigma: Double

  /// A tenth and a fifth of the greatest level, as in scikit-image.
  public static let usualLow = 25.5
  public static let usualHigh = 51.0

  /// The relative error of sums of single precision.
  private static let rounding: Float = 1e-5

  public init(low: Double = usualLow, high: Double = usualHigh, sigma: Double = 1) {
    precondition(0 <= low && low <= high && sigma >= 0, "thresholds \(low) and \(high), σ \(sigma)")
    (self.low, self.high, self.sigma) = (low, high, sigma)
  }

  /// 1 on edges, 0 elsewhere.
  ///
  /// - Parameters:
  ///   - picture: `[C, H, W]`; each channel has edges of its own.
  ///   - padding: For the Gaussian.
  func edges(
    of picture: Tensor, padding: PicturePadding, progress: (Double) throws -> Void
  ) throws -> Tensor {
    let smooth =
      sigma > 0
      ? try HandcraftedKernel.gaussian(sigma: sigma).filtered(
        picture, FilterGeometry(padding: padding == .none ? .edge : padding)
      ) { try progress($0 / 2) } : picture
    let mirrored = FilterGeometry(padding: .symmetric)
    let x = try HandcraftedKernel.sobelX.filtered(smooth, mirrored) { _ in }
    let y = try HandcraftedKernel.sobelY.filtered(smooth, mirrored) { _ in }
    let (height, width) = (picture.shape[1], picture.shape[2])
    let planes = (0..<picture.shape[0]).map { channel in
      Tensor(
        shape: [1, height, width],
        edges(
          x.rows(channel..<(channel + 1)).elements, y.rows(channel..<(channel + 1)).elements,
          height: height, width: width))
    }
    try progress(1)
    return Tensor(concatenatingRows: planes)
  }

  /// Edges by the two parts of the gradient.
  private func edges(_ x: [Float], _ y: [Float], height: Int, width: Int) -> [Float] {
    let magnitude = zip(x, y).map { ($0 * $0 + $1 * $1).squareRoot() }
    var strength = [Float](repeating: 0, count: x.count)
    var begin: [Int] = []
    for row in 1..<max(1, height - 1) {
      for column in 1..<max(1, width - 1) {
        let place = row * width + column
        let own = magnitude[place]
        guard own > 0, Double(own) >= low else { continue }
        let (across, down) = (abs(x[place]), abs(y[place]))
        // The nearer of the two neighbours on each side is straight ahead, the other diagonal.
        let isSteep = down > across
        let share = isSteep ? across / down : down / across
        // Down and to the right, or down and to the left.
        let isFalling = (x[place] >= 0) == (y[place] >= 0)
        let straight = isSteep ? width : 1
        let diagonal = isFalling ? width + 1 : isSteep ? width - 1 : 1 - width
        let after = magnitude[place + diagonal] * share + magnitude[place + straight] * (1 - share)
        let before = magnitude[place - diagonal] * share + magnitude[place - straight] * (1 - share)
        // Equal but for rounding counts as equal.
        guard own >= after * (1 - Self.rounding), own > before * (1 + Self.rounding) else {
          continue
        }
        strength[place] = own
        if Double(own) >= high { begin.append(place) }
      }
    }
    var edges = [Float](repeating: 0, count: x.count)
    for place in begin { edges[place] = 1 }
    while let place = begin.popLast() {
      // Strengths at the border are zero, so the neighbours of an edge are in the picture.
      for row in -1...1 {
        for column in -1...1 {
          let next = place + row * width + column
          guard strength[next] > 0, edges[next] == 0 else { continue }
          edges[next] = 1
          begin.append(next)
        }
      }
    }
    return edges
  }
}
