import Foundation

/// A colour in a perceptual colour space: OKLCH.
///
/// Source: Ottosson, "A perceptual color space for image processing" (2020).
public struct SceneColor: Sendable, Hashable, Codable {
  /// From 0, black, to 1, white.
  public var lightness: Double
  /// From 0, grey, to about 0.3.
  public var chroma: Double
  /// Degrees: 30 is red, 110 yellow, 145 green, 260 blue.
  public var hue: Double

  public init(lightness: Double, chroma: Double, hue: Double) {
    self.lightness = lightness
    self.chroma = chroma
    self.hue = hue
  }

  /// Lightness and the two opponent axes.
  var lab: Vector {
    let angle = radians(hue)
    return Vector(Float(lightness), Float(chroma) * cos(angle), Float(chroma) * sin(angle))
  }

  /// Linear red, green and blue, clipped to what sRGB can show.
  var linear: Vector { linearColor(lab: lab) }

  func distance(to other: SceneColor) -> Double {
    let difference = lab - other.lab
    return Double(dot(difference, difference).squareRoot())
  }
}

/// Linear sRGB of a colour in OKLab, clipped to 0…1.
func linearColor(lab: Vector) -> Vector {
  let l = lab.x + 0.396_337_78 * lab.y + 0.215_803_76 * lab.z
  let m = lab.x - 0.105_561_346 * lab.y - 0.063_854_17 * lab.z
  let s = lab.x - 0.089_484_18 * lab.y - 1.291_485_5 * lab.z
  let (l3, m3, s3) = (l * l * l, m * m * m, s * s * s)
  return Vector(
    4.076_741_7 * l3 - 3.307_711_6 * m3 + 0.230_969_94 * s3,
    -1.268_438 * l3 + 2.609_757_4 * m3 - 0.341_319_38 * s3,
    -0.004_196_086_3 * l3 - 0.703_418_6 * m3 + 1.707_614_7 * s3
  ).clamped(lowerBound: .zero, upperBound: .one)
}

/// The sRGB transfer curve (IEC 61966-2-1), from linear light to a byte.
struct TransferCurve: Sendable {
  /// Fine enough that neighbouring entries differ by at most one byte value.
  private static let last = 4095
  private let bytes: [UInt8]

  private init() {
    bytes = (0...Self.last).map { i in
      let linear = Double(i) / Double(Self.last)
      let encoded = linear <= 0.003_130_8 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055
      return UInt8((encoded * 255).rounded())
    }
  }

  static let sRGB = TransferCurve()

  func byte(_ linear: Float) -> UInt8 {
    bytes[Int(min(max(linear, 0), 1) * Float(Self.last) + 0.5)]
  }
}
