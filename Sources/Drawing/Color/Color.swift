internal import Foundation

/// A colour in sRGB with straight alpha, each component in `0...1`.
public struct Color: Sendable, Hashable {
  public var red, green, blue, alpha: Double

  public init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.alpha = alpha
  }

  public init(grey: Double, alpha: Double = 1) {
    self.init(red: grey, green: grey, blue: grey, alpha: alpha)
  }

  /// The colour given as `0xRRGGBB`.
  public init(hex: UInt32, alpha: Double = 1) {
    func component(_ shift: UInt32) -> Double { Double(hex >> shift & 0xFF) / 255 }
    self.init(red: component(16), green: component(8), blue: component(0), alpha: alpha)
  }

  public static let white = Color(grey: 1)
  public static let black = Color(grey: 0)

  public func opacity(_ alpha: Double) -> Color {
    Color(red: red, green: green, blue: blue, alpha: alpha)
  }

  /// The colour `fraction` of the way to `other`, component by component.
  public func mixed(with other: Color, _ fraction: Double) -> Color {
    func mix(_ from: Double, _ to: Double) -> Double { from + (to - from) * fraction }
    return Color(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue),
      alpha: mix(alpha, other.alpha))
  }

  /// The four components as bytes, rounded.
  public var bytes: (red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8) {
    func byte(_ component: Double) -> UInt8 {
      UInt8((255 * min(max(component, 0), 1)).rounded())
    }
    return (byte(red), byte(green), byte(blue), byte(alpha))
  }

  /// The lightness L* in CIELAB, from 0 (black) to 100 (white), under D65; alpha is ignored.
  public var lightness: Double {
    // IEC 61966-2-1 for the transfer curve, CIE 15 for L*.
    func linear(_ component: Double) -> Double {
      component <= 0.04045 ? component / 12.92 : pow((component + 0.055) / 1.055, 2.4)
    }
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    return luminance > 216.0 / 24389
      ? 116 * pow(luminance, 1.0 / 3) - 16 : luminance * 24389 / 27
  }
}
