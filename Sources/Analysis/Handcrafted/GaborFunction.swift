internal import Foundation

/// A Gabor function of two dimensions: a plane wave under a Gaussian.
///
///     a =  (x − x₀) cos θ + (y − y₀) sin θ        along the wave
///     b = −(x − x₀) sin θ + (y − y₀) cos θ        along its stripes
///     g = exp(−(a² + γ² b²) / 2σ²) · cos(2π a / λ + ψ)
///
/// Coordinates are pixels from the middle of the window: x to the right and y **down**, so θ turns
/// clockwise as one sees it. θ = 0 has vertical stripes, θ = 90° horizontal ones. Source: Daugman,
/// "Uncertainty relation for resolution in space, spatial frequency, and orientation optimized by
/// two-dimensional visual cortical filters" (1985); Jones and Palmer, "An evaluation of the
/// two-dimensional Gabor filter model of simple receptive fields in cat striate cortex" (1987).
public struct GaborFunction: Sendable, Hashable {
  /// The centre, in pixels from the middle of the window.
  public var x, y: Double
  /// The direction of the wave, in radians.
  public var theta: Double
  /// 1/λ, in cycles per pixel; 0 for a Gaussian without a wave.
  public var frequency: Double
  /// The Gaussian's standard deviation along the wave, in pixels.
  public var sigma: Double
  /// The Gaussian's aspect ratio: σ over its standard deviation along the stripes.
  public var gamma: Double
  /// ψ, in radians: 0 is even, ±π/2 odd about the centre.
  public var phase: Double

  public init(
    x: Double = 0, y: Double = 0, theta: Double, frequency: Double, sigma: Double,
    gamma: Double = 1, phase: Double = 0
  ) {
    (self.x, self.y, self.theta) = (x, y, theta)
    (self.frequency, self.sigma, self.gamma, self.phase) = (frequency, sigma, gamma, phase)
  }

  /// λ, in pixels; infinite without a wave.
  public var wavelength: Double { 1 / frequency }

  /// The orientation of its stripes in degrees, from 0 up to 180: 0 is horizontal, 90 vertical, and
  /// it grows **anticlockwise** as one sees it, so 45 rises to the right.
  public var orientation: Double { orientationOfStripes(theta) }

  /// The values in a window, row by row.
  public func values(height: Int, width: Int) -> [Double] {
    let (cosine, sine) = (cos(theta), sin(theta))
    let (along, across) = (0.5 / (sigma * sigma), 0.5 * gamma * gamma / (sigma * sigma))
    return PixelWindow(height: height, width: width).map { column, row in
      let a = (column - x) * cosine + (row - y) * sine
      let b = (row - y) * cosine - (column - x) * sine
      return exp(-along * a * a - across * b * b) * cos(2 * .pi * frequency * a + phase)
    }
  }

  /// The frequency along its wave, in cycles per pixel, to which the function responds most within
  /// a window; 0 if it is low-pass: if its spectrum is greatest below half a cycle in the window.
  ///
  /// It is near 1/λ where the Gaussian holds several stripes; with fewer, as in an edge, λ is no
  /// longer what one sees.
  public func preferredFrequency(height: Int, width: Int) -> Double {
    let values = values(height: height, width: width)
    let (cosine, sine) = (cos(theta), sin(theta))
    let places = PixelWindow(height: height, width: width).map { $0 * cosine + $1 * sine }
    var best = (frequency: 0.0, power: 0.0)
    for step in 0...Self.spectralSteps {
      let frequency = 0.5 * Double(step) / Double(Self.spectralSteps)
      var (real, imaginary) = (0.0, 0.0)
      for (value, place) in zip(values, places) {
        real += value * cos(2 * .pi * frequency * place)
        imaginary += value * sin(2 * .pi * frequency * place)
      }
      let power = real * real + imaginary * imaginary
      if power > best.power * (1 + 1e-12) { best = (frequency, power) }
    }
    return best.frequency < slowestFrequency(height: height, width: width) ? 0 : best.frequency
  }

  /// From 0 to the Nyquist frequency, 1/2.
  private static let spectralSteps = 200

  /// The same function times −1 where that is needed, with θ from 0 up to π and ψ above −π and up
  /// to π.
  ///
  /// - Parameter isNegated: Whether to change the sign.
  func canonical(negated isNegated: Bool) -> GaborFunction {
    var function = self
    if isNegated { function.phase += .pi }
    let halfTurns = (theta / .pi).rounded(.down)
    function.theta = theta - halfTurns * .pi
    if function.theta >= .pi { function.theta = 0 }
    if !halfTurns.truncatingRemainder(dividingBy: 2).isZero { function.phase = -function.phase }
    function.phase = function.phase.remainder(dividingBy: 2 * .pi)
    if function.phase <= -.pi { function.phase = .pi }
    return function
  }
}

/// The orientation of the stripes of a wave, in degrees from 0 up to 180, anticlockwise from
/// horizontal as one sees it.
///
/// - Parameter theta: The wave's direction in radians, from the right towards the bottom.
func orientationOfStripes(_ theta: Double) -> Double {
  let degrees = (90 - theta * 180 / .pi).truncatingRemainder(dividingBy: 180)
  let positive = degrees < 0 ? degrees + 180 : degrees
  return positive >= 180 ? 0 : positive
}

/// The slowest wave that a window can tell: half a cycle over its longer side, in cycles per pixel.
func slowestFrequency(height: Int, width: Int) -> Double { 0.5 / Double(max(height, width, 1)) }

/// The pixels of a window, by their distance from its middle.
struct PixelWindow {
  let height: Int
  let width: Int

  /// A value for each pixel, row by row.
  ///
  /// - Parameter body: Called with x, to the right, and y, down.
  func map<Value>(_ body: (Double, Double) -> Value) -> [Value] {
    let (left, top) = (0.5 * Double(width - 1), 0.5 * Double(height - 1))
    return (0..<(height * width)).map { place in
      body(Double(place % width) - left, Double(place / width) - top)
    }
  }
}
