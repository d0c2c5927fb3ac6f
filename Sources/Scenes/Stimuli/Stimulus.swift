internal import Datasets
internal import Foundation

/// What is in synthetic pictures.
public enum Stimulus: String, CaseIterable, Sendable, Hashable {
  /// A black rectangle on white, of the same area everywhere. Its factors are `x` and `y`, the
  /// offset of its centre to the right and down in widths and heights of the picture, and `aspect`,
  /// its width over its height.
  case rectangles
  /// One colour everywhere: `hue`, in degrees, `saturation` and `value`, from 0 to 1.
  case colors
  /// A square of one colour, with half the picture's sides, on another: the names of the colours
  /// `center` and `surround`.
  case colorPairs = "color-pairs"

  /// A factor with all its values.
  struct Factor {
    let name: String
    let values: [Annotations.Value]

    init(_ name: String, _ numbers: [Double]) {
      (self.name, values) = (name, numbers.map { .number($0) })
    }

    init(_ name: String, _ words: [String]) {
      (self.name, values) = (name, words.map { .word($0) })
    }
  }

  /// Every combination of their values is one picture.
  ///
  /// The ranges are those of the authors' own stimuli (`image_generator.py` of their
  /// `features_analysis`). No factor has more than twelve values, so that none is divided into
  /// ranges: 11 aspects and not 13; colours on a grid of hue, saturation and value and not of 1331 in
  /// RGB; pairs of 12 colours and not of 125.
  var factors: [Factor] {
    switch self {
    case .rectangles:
      // 30 of 150 pixels to either side.
      let offsets = stride(from: -5.0, through: 5, by: 2).map { 0.04 * $0 }
      return [
        Factor("x", offsets), Factor("y", offsets),
        // Each side is half to twice that of the square.
        Factor("aspect", (-5...5).map { pow(4, Double($0) / 5) }),
      ]
    case .colors:
      // Greys have no hue, and black has no saturation.
      let shares = [0.25, 0.5, 0.75, 1]
      return [
        Factor("hue", stride(from: 0.0, to: 360, by: 30).map { $0 }),
        Factor("saturation", shares), Factor("value", shares),
      ]
    case .colorPairs:
      let names = StimulusColor.named.map(\.name)
      return [Factor("center", names), Factor("surround", names)]
    }
  }
}

/// The rectangle of a stimulus, in pixels.
struct StimulusRectangle {
  /// From one edge to the other.
  struct Span {
    let start: Double
    let end: Double

    init(around center: Double, length: Double) {
      (start, end) = (center - length / 2, center + length / 2)
    }

    /// The share of a pixel that it covers.
    func cover(ofPixel pixel: Int) -> Double {
      max(0, min(end, Double(pixel + 1)) - max(start, Double(pixel)))
    }
  }

  let across: Span
  let down: Span

  /// The side of the square of the same area: 40 of 150 pixels in the authors' stimuli.
  private static let side = 4.0 / 15

  init(x: Double, y: Double, aspect: Double, inWidth width: Int, height: Int) {
    let side = Self.side * Double(min(width, height))
    across = Span(around: (0.5 + x) * Double(width), length: side * aspect.squareRoot())
    down = Span(around: (0.5 + y) * Double(height), length: side / aspect.squareRoot())
  }

  /// Half as wide and high as the picture.
  init(centeredInWidth width: Int, height: Int) {
    across = Span(around: Double(width) / 2, length: Double(width) / 2)
    down = Span(around: Double(height) / 2, length: Double(height) / 2)
  }
}

/// A colour of a stimulus, in sRGB.
struct StimulusColor: Hashable {
  let red: UInt8
  let green: UInt8
  let blue: UInt8

  static let black = StimulusColor(0, 0, 0)
  static let white = StimulusColor(255, 255, 255)

  /// The corners of the RGB cube, its middle, and three between.
  static let named: [(name: String, color: StimulusColor)] = [
    ("black", .black), ("blue", StimulusColor(0, 0, 255)), ("brown", StimulusColor(128, 64, 0)),
    ("cyan", StimulusColor(0, 255, 255)), ("green", StimulusColor(0, 255, 0)),
    ("grey", StimulusColor(128, 128, 128)), ("magenta", StimulusColor(255, 0, 255)),
    ("orange", StimulusColor(255, 128, 0)), ("purple", StimulusColor(128, 0, 128)),
    ("red", StimulusColor(255, 0, 0)), ("white", .white), ("yellow", StimulusColor(255, 255, 0)),
  ]

  private init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// Black for a name that is not among `named`.
  init(named name: String) {
    self = Self.named.first { $0.name == name }?.color ?? .black
  }

  /// - Parameters:
  ///   - hue: In degrees; 0 is red, 120 green.
  ///   - saturation: From 0 for a grey to 1.
  ///   - value: Of the greatest channel, from 0 to 1.
  init(hue: Double, saturation: Double, value: Double) {
    // A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978, as a formula for each channel.
    func level(_ shift: Double) -> UInt8 {
      let place = (shift + hue / 60).truncatingRemainder(dividingBy: 6)
      let part = value - value * saturation * max(0, min(place, 4 - place, 1))
      return UInt8((255 * part).rounded())
    }
    self.init(level(5), level(3), level(1))
  }
}
