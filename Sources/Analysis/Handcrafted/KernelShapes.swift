internal import Foundation

extension HandcraftedKernel {
  /// Leaves a picture as it is.
  public static let identity = HandcraftedKernel("identity", "identity", rows: 1, columns: 1) {
    _, _ in 1
  }

  /// The mean of a rectangle, which is a moving average for a single row or column.
  public static func box(rows: Int, columns: Int) -> HandcraftedKernel {
    HandcraftedKernel(
      "box:\(sizeText(rows, columns))", "box \(rows)×\(columns)", rows: rows, columns: columns
    ) { _, _ in 1 / Double(rows * columns) }
  }

  /// A Gaussian that is sampled at the middles of the cells, and sums to 1.
  ///
  /// - Parameter size: `(rows, columns)`; nil for 4 σ to each side, as SciPy, scikit-image and
  ///   OpenCV (for pictures of floating point) have it.
  public static func gaussian(
    sigma: Double, size: (rows: Int, columns: Int)? = nil
  ) -> HandcraftedKernel {
    let (rows, columns) = size ?? usualSize(sigma: sigma)
    let (down, along) = (gaussian(rows, sigma), gaussian(columns, sigma))
    return HandcraftedKernel(
      "gaussian:\(shortText(sigma))\(sizeSuffix(size))", "Gaussian, σ \(shortText(sigma))",
      rows: rows, columns: columns
    ) { down[$0] * along[$1] }
  }

  /// The derivative along a direction, smoothed across it, with the whole numbers of OpenCV;
  /// scikit-image divides by 4 for a side of 3.
  ///
  /// The side of 3 is I. Sobel and G. Feldman's of 1968; greater ones are smoothed by binomials, as
  /// OpenCV's. Other directions than x and y are mixed from these two (W. Freeman and E. Adelson,
  /// "The design and use of steerable filters", 1991).
  ///
  /// - Parameters:
  ///   - theta: The direction in which the derivative is taken, in degrees, clockwise from right.
  ///   - side: From 2.
  public static func sobel(theta: Double, side: Int = 3) -> HandcraftedKernel {
    let smooth = binomial(side - 1)
    let step = convolved(binomial(side - 2), [-1, 1])
    let (cosine, sine) = (cos(theta * .pi / 180), sin(theta * .pi / 180))
    let suffix = side == 3 ? "" : "\(side)"
    let (name, label) =
      switch theta {
      case 0: ("sobel-x\(suffix.isEmpty ? "" : ":\(suffix)")", "Sobel, x")
      case 90: ("sobel-y\(suffix.isEmpty ? "" : ":\(suffix)")", "Sobel, y")
      default:
        (
          "sobel:theta=\(shortText(theta))\(suffix.isEmpty ? "" : ",side=\(suffix)")",
          "Sobel, θ \(shortText(theta))°"
        )
      }
    let oriented =
      label.contains("θ") ? "Sobel, \(orientationText(theta))" : label
    return HandcraftedKernel(name, label, orientedLabel: oriented, rows: side, columns: side) {
      cosine * smooth[$0] * step[$1] + sine * step[$0] * smooth[$1]
    }
  }

  public static var sobelX: HandcraftedKernel { sobel(theta: 0) }
  public static var sobelY: HandcraftedKernel { sobel(theta: 90) }

  /// The slope of the plane that fits the window best, without smoothing across it: J. Prewitt,
  /// "Object enhancement and extraction", 1970, for a side of 3; scikit-image divides by 3.
  ///
  /// - Parameters:
  ///   - isVertical: Along y, otherwise along x.
  ///   - side: From 2.
  public static func prewitt(isVertical: Bool, side: Int = 3) -> HandcraftedKernel {
    let axis = isVertical ? "y" : "x"
    let middle = Double(side - 1) / 2
    // Even sides have their places at halves: whole numbers are twice as large.
    let factor = side.isMultiple(of: 2) ? 2.0 : 1
    return HandcraftedKernel(
      "prewitt-\(axis)\(side == 3 ? "" : ":\(side)")", "Prewitt, \(axis)", rows: side,
      columns: side
    ) { factor * (Double(isVertical ? $0 : $1) - middle) }
  }

  /// The 3×3 derivative whose direction is closest to the true one: H. Scharr, "Optimale Operatoren
  /// in der digitalen Bildverarbeitung", 2000, with OpenCV's whole numbers; scikit-image divides
  /// by 16.
  public static func scharr(isVertical: Bool) -> HandcraftedKernel {
    let axis = isVertical ? "y" : "x"
    let (smooth, step) = ([3.0, 10, 3], [-1.0, 0, 1])
    return HandcraftedKernel("scharr-\(axis)", "Scharr, \(axis)", rows: 3, columns: 3) {
      isVertical ? step[$0] * smooth[$1] : smooth[$0] * step[$1]
    }
  }

  /// The sum of second differences, negative at its middle as in OpenCV and SciPy; scikit-image has
  /// the other sign.
  ///
  /// - Parameter neighbors: 4, or 8 with the diagonal ones.
  public static func laplacian(neighbors: Int = 4) -> HandcraftedKernel {
    precondition(neighbors == 4 || neighbors == 8, "\(neighbors) neighbours")
    return HandcraftedKernel(
      neighbors == 4 ? "laplacian" : "laplacian:8",
      neighbors == 4 ? "Laplacian" : "Laplacian, 8 neighbours", rows: 3, columns: 3
    ) { row, column in
      switch abs(row - 1) + abs(column - 1) {
      case 0: Double(-neighbors)
      case 1: 1
      default: neighbors == 8 ? 1 : 0
      }
    }
  }

  /// The Laplacian of a Gaussian (D. Marr and E. Hildreth, "Theory of edge detection", 1980).
  ///
  /// Sampled as SciPy's `gaussian_laplace`, minus the mean of the samples, as MATLAB's `fspecial`,
  /// so that the weights sum to zero.
  ///
  /// - Parameter size: `(rows, columns)`; nil for 4 σ to each side.
  public static func laplacianOfGaussian(
    sigma: Double, size: (rows: Int, columns: Int)? = nil
  ) -> HandcraftedKernel {
    let (rows, columns) = size ?? usualSize(sigma: sigma)
    let (down, along) = (gaussian(rows, sigma), gaussian(columns, sigma))
    func value(_ row: Int, _ column: Int) -> Double {
      let (y, x) = (Double(row) - Double(rows - 1) / 2, Double(column) - Double(columns - 1) / 2)
      let square = sigma * sigma
      return (x * x + y * y - 2 * square) / (square * square) * down[row] * along[column]
    }
    let sum = (0..<rows).reduce(0) { sum, row in
      (0..<columns).reduce(sum) { $0 + value(row, $1) }
    }
    let mean = sum / Double(rows * columns)
    return HandcraftedKernel(
      "log:\(shortText(sigma))\(sizeSuffix(size))",
      "Laplacian of Gaussian, σ \(shortText(sigma))", rows: rows, columns: columns
    ) { value($0, $1) - mean }
  }

  /// What a Gabor filter is made of: a cosine wave under a Gaussian.
  ///
  ///     exp(−(x'² + γ²y'²) / 2σ²) · cos(2π x'/λ + ψ)
  ///     x' = x cos θ + y sin θ,  y' = −x sin θ + y cos θ
  ///
  /// with x to the right and y down, so that θ, the direction across the stripes, is clockwise.
  /// These are the parameters of J. Daugman (1985) and of N. Petkov and P. Kruizinga (1997).
  /// OpenCV's `getGaborKernel` is the same for −ψ; scikit-image's `gabor_kernel` has the frequency
  /// 1/λ, σ and σ/γ, and divides by 2πσ²/γ.
  public struct Gabor: Sendable, Hashable {
    /// In degrees.
    public var theta: Double
    /// The length of the wave, in pixels.
    public var lambda: Double
    /// Of the Gaussian, across the stripes, in pixels.
    public var sigma: Double
    /// σ over the Gaussian's width along the stripes: less than 1 for long stripes.
    public var gamma: Double
    /// The phase, in degrees: 0 for a bar in the middle, 90 for an edge.
    public var psi: Double

    /// σ over λ for a bandwidth of one octave (Petkov and Kruizinga, 1997).
    public static let octave = 0.56

    /// - Parameter sigma: Nil for a bandwidth of one octave.
    public init(
      theta: Double = 0, lambda: Double = 6, sigma: Double? = nil, gamma: Double = 0.5,
      psi: Double = 0
    ) {
      (self.theta, self.lambda, self.gamma, self.psi) = (theta, lambda, gamma, psi)
      self.sigma = sigma ?? Self.octave * lambda
    }

    /// `(rows, columns)` that hold three widths of the Gaussian along each of its axes, as in
    /// OpenCV and scikit-image; not whole numbers.
    var extent: (rows: Double, columns: Double) {
      let (cosine, sine) = (abs(cos(theta * .pi / 180)), abs(sin(theta * .pi / 180)))
      let (across, along) = (3 * sigma, 3 * sigma / gamma)
      func side(_ a: Double, _ b: Double) -> Double {
        // An exact zero of a cosine is not one in floating point.
        2 * max(1, (max(a, b) - 1e-9).rounded(.up)) + 1
      }
      return (side(across * sine, along * cosine), side(across * cosine, along * sine))
    }
  }

  /// - Parameter size: `(rows, columns)`; nil for three widths of the Gaussian to each side.
  /// - Precondition: The kernel is not larger than ``greatestSide``.
  public static func gabor(
    _ gabor: Gabor, size: (rows: Int, columns: Int)? = nil
  ) -> HandcraftedKernel {
    let (rows, columns) =
      size ?? (Int(gabor.extent.rows), Int(gabor.extent.columns))
    let angle = gabor.theta * .pi / 180
    let (cosine, sine) = (cos(angle), sin(angle))
    let phase = gabor.psi * .pi / 180
    var name = "gabor:theta=\(shortText(gabor.theta)),lambda=\(shortText(gabor.lambda))"
    var rest = ", λ \(shortText(gabor.lambda))"
    if gabor.sigma != Gabor.octave * gabor.lambda { name += ",sigma=\(shortText(gabor.sigma))" }
    if gabor.gamma != 0.5 { name += ",gamma=\(shortText(gabor.gamma))" }
    if gabor.psi != 0 {
      name += ",psi=\(shortText(gabor.psi))"
      rest += ", ψ \(shortText(gabor.psi))°"
    }
    return HandcraftedKernel(
      name + sizeSuffix(size), "Gabor, θ \(shortText(gabor.theta))°\(rest)",
      orientedLabel: "Gabor, \(orientationText(gabor.theta))\(rest)", rows: rows, columns: columns
    ) {
      let (y, x) = (Double($0) - Double(rows - 1) / 2, Double($1) - Double(columns - 1) / 2)
      let (across, along) = (x * cosine + y * sine, y * cosine - x * sine)
      let squares = across * across + gabor.gamma * gabor.gamma * along * along
      return exp(-squares / (2 * gabor.sigma * gabor.sigma))
        * cos(2 * .pi * across / gabor.lambda + phase)
    }
  }

  /// The picture minus its Laplacian.
  ///
  /// - Parameter amount: The weight of the Laplacian.
  public static func sharpen(amount: Double = 1) -> HandcraftedKernel {
    HandcraftedKernel(
      amount == 1 ? "sharpen" : "sharpen:\(shortText(amount))",
      amount == 1 ? "sharpen" : "sharpen, \(shortText(amount))", rows: 3, columns: 3
    ) { row, column in
      switch abs(row - 1) + abs(column - 1) {
      case 0: 1 + 4 * amount
      case 1: -amount
      default: 0
      }
    }
  }

  /// The picture lit from its upper left corner: its slope along the diagonal is added to it.
  public static let emboss = HandcraftedKernel("emboss", "emboss", rows: 3, columns: 3) {
    [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]][$0][$1]
  }

  // MARK: Pieces

  /// 4 σ to each side, rounded as SciPy does.
  static func usualSize(sigma: Double) -> (rows: Int, columns: Int) {
    let side = 2 * Int(4 * sigma + 0.5) + 1
    return (side, side)
  }

  /// Sums to 1.
  private static func gaussian(_ count: Int, _ sigma: Double) -> [Double] {
    let values = (0..<count).map { place in
      let x = Double(place) - Double(count - 1) / 2
      return exp(-x * x / (2 * sigma * sigma))
    }
    let sum = values.reduce(0, +)
    // Of an even number of places, even the nearest may be many σ away.
    guard sum > 0 else {
      return (0..<count).map { $0 == count / 2 || $0 == (count - 1) / 2 ? 0.5 : 0 }
    }
    return values.map { $0 / sum }
  }

  /// The coefficients of `(1 + x)ⁿ`.
  private static func binomial(_ order: Int) -> [Double] {
    (0..<order).reduce([1]) { row, _ in convolved(row, [1, 1]) }
  }

  private static func convolved(_ a: [Double], _ b: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: a.count + b.count - 1)
    for (i, left) in a.enumerated() {
      for (j, right) in b.enumerated() { result[i + j] += left * right }
    }
    return result
  }
}

/// `3` or `5x1`.
func sizeText(_ rows: Int, _ columns: Int) -> String {
  rows == columns ? "\(rows)" : "\(rows)x\(columns)"
}

private func sizeSuffix(_ size: (rows: Int, columns: Int)?) -> String {
  size.map { ",size=\(sizeText($0.rows, $0.columns))" } ?? ""
}

/// A number as it is typed: all of its digits, and none more.
func shortText(_ number: Double) -> String {
  let text = "\(number)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// The orientation of stripes across a direction, such as `67.5°`.
///
/// - Parameter theta: The direction, in degrees, clockwise from right.
private func orientationText(_ theta: Double) -> String {
  // Without the rounding of radians.
  "\(shortText((1e6 * orientationOfStripes(theta * .pi / 180)).rounded() / 1e6))°"
}
