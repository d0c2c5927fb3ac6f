public import Analysis
internal import Drawing
public import Images
internal import TensorCore

/// How the numbers of a filtered picture become colours.
public enum FilteringScale: String, Sendable, Hashable, CaseIterable {
  /// What suits the filter: levels if it keeps the brightness, both signs if it has both, otherwise
  /// from zero.
  case auto
  /// Levels from 0 to 255, others clipped.
  case clip
  /// Zero in the middle, with equal ends.
  case signed
  /// Magnitudes, from zero to the greatest.
  case absolute
  /// From the least value to the greatest.
  case full
}

/// The colours of one result.
struct FilteredColors {
  enum Mapping: Hashable {
    case levels
    case signed
    case absolute
    case fromZero
    case full
    case edges
  }

  let mapping: Mapping
  /// What is drawn darkest, or in the colours of the ends.
  let range: ClosedRange<Float>
  let image: Image
  /// Of the values themselves.
  let extremes: ClosedRange<Float>
  /// The share of values beyond the range.
  let clipped: Double
  private let isColored: Bool

  init(of result: PictureFiltering.Result, _ scale: FilteringScale) {
    self.init(result.values, Self.mapping(of: result.filter, scale))
  }

  /// - Parameter numbers: `[C, H, W]`, with one channel or three.
  init(_ numbers: Tensor, _ mapping: Mapping) {
    let shape = numbers.shape
    self.mapping = mapping
    let values = (mapping == .absolute ? numbers.map(abs) : numbers).elements
    range =
      switch mapping {
      case .levels: 0...255
      case .signed: Self.symmetric(values)
      case .absolute, .fromZero: Scaling.clipped(above: Self.unclipped).range(of: values)
      case .full: Scaling.full.range(of: values)
      case .edges: 0...1
      }
    isColored = shape[0] == 3
    image =
      isColored
      ? ColorRaster(width: shape[2], height: shape[1], values: values).image(range: range)
      : Raster(width: shape[2], height: shape[1], values: values)
        .image(mapping == .signed ? .blueWhiteRed : .grey, range: range)
    extremes = numbers.finiteRange ?? 0...0
    // Within half a level, nothing is lost.
    let margin = Float(mapping == .levels ? 0.5 : 0)
    let outside = Scaling.count(
      of: values, beyond: (range.lowerBound - margin)...(range.upperBound + margin))
    clipped = Double(outside) / Double(max(values.count, 1))
  }

  /// The share of values, by magnitude, below the ends of a scale, so that a few great ones do not
  /// pale the rest.
  private static let unclipped = 0.995

  private static func symmetric(_ values: [Float]) -> ClosedRange<Float> {
    let end = Scaling.clipped(above: unclipped).range(of: values).upperBound
    return -end...end
  }

  private static func mapping(of filter: PictureFilter, _ scale: FilteringScale) -> Mapping {
    if case .canny = filter.operation { return .edges }
    switch scale {
    case .clip: return .levels
    case .signed: return .signed
    case .absolute: return .absolute
    case .full: return .full
    case .auto: break
    }
    switch filter.operation {
    case .kernel(let kernel):
      return mapping(weights: kernel.weights.elements.map(Double.init))
    case .magnitude: return .fromZero
    case .median, .morphology: return .levels
    case .canny: return .edges
    }
  }

  /// What suits the results of a kernel, from a picture.
  static func mapping(weights: [Double]) -> Mapping {
    // Sharpening has negative weights, too, but its results are pictures.
    if abs(weights.reduce(0, +) - 1) < 0.05 { return .levels }
    return weights.contains { $0 < 0 } ? .signed : .fromZero
  }

  /// The scale below a picture; nil for edges, whose ends are known.
  func wholeBar(length: Double, label: String) -> ColorBar? {
    mapping == .levels
      ? ColorBar(.grey, range: range, label: "level", length: length)
      : bar(length: length, label: label)
  }

  /// The scale below a picture; nil for levels and edges, whose ends are known.
  func bar(length: Double, label: String = "result") -> ColorBar? {
    let map: Colormap = mapping == .signed && !isColored ? .blueWhiteRed : .grey
    let label =
      (mapping == .absolute ? "magnitude" : label) + (isColored ? " in each colour" : "")
    return mapping == .levels || mapping == .edges
      ? nil : ColorBar(map, range: range, label: label, length: length)
  }

  /// What a reader should know of the numbers, in a few words.
  var detail: String {
    guard mapping != .edges else { return "edges 1, white; others 0" }
    let values = "values \(rangeText(extremes))"
    return clipped > 0 ? "\(values), \(percentText(clipped)) clipped" : values
  }

  /// What the colours mean.
  static func sentence(_ mapping: Mapping, isColored: Bool) -> String {
    switch mapping {
    case .levels: "Results on the picture's scale: levels from 0 to 255, values beyond clipped."
    case .signed:
      isColored
        ? "Signed results: mid-grey is zero, in each colour, and both ends are \(end)."
        : "Signed results: blue is negative, white zero and red positive, and both ends are \(end)."
    case .absolute: "Magnitudes: from 0, black, to \(end)."
    case .fromZero: "Results on a scale of their own: from 0, black, to \(end)."
    case .full: "Results on a scale of their own: from the least value, black, to the greatest."
    case .edges:
      isColored
        ? "Edges are white, or have the colours in which they are edges." : "Edges are white."
    }
  }

  private static let end = "the \(percentileText(unclipped)) of magnitudes"

  /// For the record.
  var summary: String {
    switch mapping {
    case .levels: "levels 0 … 255, clipped"
    case .signed: "symmetric, ±\(numberText(Double(range.upperBound)))"
    case .edges: "edges 1"
    case .absolute: "magnitude, \(rangeText(range))"
    case .fromZero, .full: rangeText(range)
    }
  }
}

/// A filtered picture alone, with one pixel for each value.
public func filteredImage(
  of result: PictureFiltering.Result, scale: FilteringScale = .auto
) -> Image {
  FilteredColors(of: result, scale).image
}

extension Image {
  /// A picture of levels from 0 to 255, `[C, H, W]` with one channel or three.
  init(levels picture: Tensor) {
    let (height, width) = (picture.shape[1], picture.shape[2])
    self =
      picture.shape[0] == 3
      ? ColorRaster(width: width, height: height, values: picture.elements).image(range: 0...255)
      : Raster(width: width, height: height, values: picture.elements)
        .image(.grey, range: 0...255)
  }
}
