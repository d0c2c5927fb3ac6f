import Drawing
import Foundation
import Images
import Testing

@Suite struct `Colour maps` {
  /// Every seventeenth of the 256 published colours, printed from Matplotlib 3.10's tables.
  private static let published: [(Colormap, [UInt32])] = [
    (
      .viridis,
      [
        0x440154, 0x481A6C, 0x472F7D, 0x414487, 0x39568C, 0x31688E, 0x2A788E, 0x23888E, 0x1F988B,
        0x22A884, 0x35B779, 0x54C568, 0x7AD151, 0xA5DB36, 0xD2E21B, 0xFDE725,
      ]
    ),
    (
      .magma,
      [
        0x000004, 0x0B0924, 0x20114B, 0x3B0F70, 0x57157E, 0x721F81, 0x8C2981, 0xA8327D, 0xC43C75,
        0xDE4968, 0xF1605D, 0xFA7F5E, 0xFE9F6D, 0xFEBF84, 0xFDDEA0, 0xFCFDBF,
      ]
    ),
    (
      .inferno,
      [
        0x000004, 0x0C0826, 0x240C4F, 0x420A68, 0x5D126E, 0x781C6D, 0x932667, 0xAE305C, 0xC73E4C,
        0xDD513A, 0xED6925, 0xF8850F, 0xFCA50A, 0xFAC62D, 0xF2E661, 0xFCFFA4,
      ]
    ),
    (
      .cividis,
      [
        0x00224E, 0x002E6C, 0x1E3A6F, 0x35456C, 0x47516C, 0x575D6D, 0x666970, 0x757575, 0x848279,
        0x948E77, 0xA59C74, 0xB7A96E, 0xC8B866, 0xDBC75A, 0xEED649, 0xFEE838,
      ]
    ),
  ]

  @Test(arguments: 0..<4) func `agree with the published tables within 1`(index: Int) {
    let (map, colors) = Self.published[index]
    for (step, hex) in colors.enumerated() {
      let (ours, theirs) = (map(Double(17 * step) / 255).bytes, Color(hex: hex).bytes)
      #expect(abs(Int(ours.red) - Int(theirs.red)) <= 1, "\(map.name) at \(17 * step)")
      #expect(abs(Int(ours.green) - Int(theirs.green)) <= 1, "\(map.name) at \(17 * step)")
      #expect(abs(Int(ours.blue) - Int(theirs.blue)) <= 1, "\(map.name) at \(17 * step)")
    }
  }

  @Test(arguments: [Colormap.viridis, .magma, .inferno, .cividis, .grey].map(Named.init))
  func `for amounts rise in lightness in even steps`(map: Named) {
    let lightness = (0...32).map { map.colormap(Double($0) / 32).lightness }
    let steps = zip(lightness.dropFirst(), lightness).map { $0 - $1 }
    let mean = steps.reduce(0, +) / 32
    for step in steps { #expect(step > 0.3 * mean && step < 1.8 * mean) }
  }

  @Test(arguments: [Colormap.blueWhiteRed].map(Named.init))
  func `for signs are white at zero and darken alike to both sides`(map: Named) {
    #expect(map.colormap(0.5) == .white)
    let raster = Raster(width: 3, height: 1, values: [-1, 0, 1])
    #expect(raster.image(map.colormap, range: -1...1).pixels[4..<8] == [255, 255, 255, 255])
    for step in 0..<16 {
      let (near, far) = (Double(step) / 32, Double(step + 1) / 32)
      #expect(map.colormap(0.5 - far).lightness < map.colormap(0.5 - near).lightness)
      #expect(map.colormap(0.5 + far).lightness < map.colormap(0.5 + near).lightness)
      let (minus, plus) = (map.colormap(0.5 - far).lightness, map.colormap(0.5 + far).lightness)
      #expect(abs(minus - plus) < 9)
    }
  }

  @Test(arguments: [Colormap.blueWhiteRed].map(Named.init))
  func `for signs keep their sides apart for every kind of colour vision`(map: Named) {
    for vision in Vision.allCases {
      for unit in [0.2, 0.3] {
        let minus = vision.seen(map.colormap(0.5 - unit))
        let plus = vision.seen(map.colormap(0.5 + unit))
        #expect(distance(minus, plus) > 25, "\(map.colormap.name), \(vision)")
      }
    }
  }

  @Test func `colour what is not a number differently from every number`() {
    #expect(Colormap.viridis(.nan) == Theme.nothing)
  }

  /// Transparent, so that views can hatch them.
  @Test func `leave out what is not finite`() {
    let raster = Raster(width: 4, height: 1, values: [.nan, 1, .infinity, -.infinity])
    let end = Colormap.viridis(1).bytes
    let pixels = raster.image(.viridis, range: 0...1).pixels
    #expect(Array(pixels[4..<8]) == [end.red, end.green, end.blue, 255])
    #expect([3, 11, 15].allSatisfy { pixels[$0] == 0 })
    #expect(raster.nonFiniteCount == 3)
    let color = ColorRaster(width: 3, height: 1, values: [1, .nan, 1, 1, 1, 1, 1, 1, -.infinity])
    #expect(
      color.image(range: -1...1).pixels.indices.filter { $0 % 4 == 3 }.map {
        color.image(range: -1...1).pixels[$0]
      } == [255, 0, 0])
    #expect(color.nonFiniteCount == 2)
  }

  @Test func `leave hatching in heat maps, tiles and overlays`() throws {
    let raster = Raster(width: 2, height: 1, values: [.nan, 0])
    let size = Size(width: 40, height: 20)
    let ground = Image(width: 2, height: 1, pixels: [UInt8](repeating: 255, count: 8))
    let drawables: [any Drawable] = [
      Heatmap(raster, range: 0...1, size: size, interpolation: .nearest),
      Picture(raster.image(.viridis, range: 0...1), size: size, interpolation: .nearest),
      Overlay(raster, over: ground, range: 0...1, size: size),
    ]
    for drawable in drawables {
      let image = try Row([drawable]).render()
      let hatched = (0..<(image.width * image.height)).count {
        image.pixels[4 * $0] == Theme.nothing.bytes.red
          && image.pixels[4 * $0 + 1] == Theme.nothing.bytes.green
      }
      #expect(hatched > 150, "\(type(of: drawable))")
    }
  }

  @Test func `for angles close their circle in even steps`() {
    #expect(Colormap.hueCircle(0) == Colormap.hueCircle(1))
    func seen(_ step: Int) -> [Double] {
      Vision.normal.seen(Colormap.hueCircle(Double(step) / 36))
    }
    let steps = (0..<36).map { distance(seen($0), seen($0 + 1)) }
    let mean = steps.reduce(0, +) / 36
    for step in steps { #expect(step > 0.4 * mean && step < 1.8 * mean) }
    // No other angle looks the same.
    for step in 4..<33 { #expect(distance(seen(0), seen(step)) > 2.5 * mean) }
  }

  @Test func `reversed swap their ends`() {
    #expect(Colormap.magma.reversed(0) == Colormap.magma(1))
    #expect(Colormap.magma.reversed(1) == Colormap.magma(0))
  }
}

@Suite struct `Class styles` {
  @Test func `differ for the first 84 classes`() {
    #expect(Set((0..<84).map(ClassStyle.init(index:))).count == 84)
  }

  @Test(arguments: Vision.allCases)
  func `of twelve classes differ in colour or in shape`(vision: Vision) {
    for first in 0..<12 {
      for second in 0..<first {
        let (a, b) = (ClassStyle(index: first), ClassStyle(index: second))
        let apart = distance(vision.seen(a.color), vision.seen(b.color))
        #expect(apart > 12 || a.marker != b.marker, "\(first) and \(second): \(apart)")
      }
    }
  }

  @Test func `have text colours that can be read on white`() {
    for index in 0..<12 {
      #expect(ClassStyle(index: index).textColor.lightness <= 55)
    }
  }
}

struct Named: Sendable, CustomTestStringConvertible {
  let colormap: Colormap
  var testDescription: String { colormap.name }
}

/// How colours appear with dichromatic vision.
///
/// Matrices for linear RGB: Viénot, Brettel and Mollon, Color Research & Application 24 (1999).
enum Vision: CaseIterable {
  case normal
  case protanopic
  case deuteranopic

  func seen(_ color: Color) -> [Double] {
    let linear = [color.red, color.green, color.blue].map {
      $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4)
    }
    switch self {
    case .normal: return linear
    case .protanopic:
      let mixed = 0.11238 * linear[0] + 0.88762 * linear[1]
      return [mixed, mixed, 0.00401 * (linear[0] - linear[1]) + linear[2]]
    case .deuteranopic:
      let mixed = 0.29275 * linear[0] + 0.70725 * linear[1]
      return [mixed, mixed, -0.02234 * (linear[0] - linear[1]) + linear[2]]
    }
  }
}

/// The distance of two linear RGB colours in CIELAB under D65.
private func distance(_ a: [Double], _ b: [Double]) -> Double {
  func lab(_ rgb: [Double]) -> [Double] {
    func f(_ t: Double) -> Double {
      t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116
    }
    let x = f((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505)
    let y = f(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2])
    let z = f((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
  }
  return zip(lab(a), lab(b)).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
}
