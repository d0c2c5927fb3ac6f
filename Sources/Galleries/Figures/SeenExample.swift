internal import Analysis
internal import Drawing
internal import Files
public import Images
internal import Kernels
public import TensorCore

/// What a network saw, as figures draw it beside or above what its layers make of it.
public enum SeenExample: Sendable {
  case picture(Image)
  /// `[C, L]`: the values before normalization.
  case series(Tensor)
  /// `[C, D, H, W]`: the values before normalization.
  case volume(Tensor)

  /// Such as `picture`.
  var noun: String {
    switch self {
    case .picture: "picture"
    case .series: "series"
    case .volume: "volume"
    }
  }

  var isSeries: Bool { if case .series = self { true } else { false } }

  /// Such as `pictures`.
  var plural: String { isSeries ? noun : noun + "s" }
}

/// How many channels of a series are curves of their own; more are rows of cells.
private let mostInputCurves = 4
/// How many channels, or frames, of an input are shown in all.
private let (mostInputRows, mostInputFrames) = (64, 4)

/// An example as the network saw it, with its name.
func seenColumn(_ seen: SeenExample, _ source: String) -> any Drawable {
  switch seen {
  case .picture(let picture): return seenPicture(picture, source)
  case .series(let values):
    let series = SeenSeries(values)
    return SignalStack(
      [.heading("What the network saw: \(abbreviated(source, to: 40))")] + series.panels,
      x: series.axis, width: 300)
  case .volume(let values):
    let volume = SeenVolume(values)
    let frames = Array(0..<volume.frameCount).spreadToEnd(most: mostInputFrames)
    return Column(
      spacing: 6,
      [Text("What the network saw", .heading)]
        + [
          PictureTable(
            frames.map { [.init(volume.frame($0))] }, rowHeadings: frames.map { "frame \($0)" },
            columnHeadings: [], cell: volume.cell(fitting: 110))
        ] + [Text(source, .tick, width: 180, maximumLines: 3)])
  }
}

/// The input of a network of series, as panels over its samples.
struct SeenSeries {
  let length: Int
  let nonFiniteCount: Int
  private let channelCount: Int
  /// The channels that are shown.
  private let channels: [[Float]]
  /// Of the colours, if channels are rows of cells.
  private let range: ClosedRange<Float>
  private let colormap: Colormap

  /// - Parameter values: `[C, L]`.
  init(_ values: Tensor) {
    length = values.shape.extents.last ?? 1
    nonFiniteCount = values.nonFiniteCount
    channelCount = values.shape[0]
    channels = (0..<min(channelCount, mostInputRows)).map { values.rows($0..<($0 + 1)).elements }
    let scaling = Scaling.aboutOrFromZero(of: channels)
    colormap = scaling == .symmetric ? .blueWhiteRed : .viridis
    range = scaling.range(ofAll: channels)
  }

  /// From half a sample before the first to half a sample after the last.
  var axis: Axis {
    Axis("sample", range: -0.5...(Double(max(length, 1)) - 0.5), format: .count)
  }

  var panels: [SignalStack.Panel] {
    guard hasCells else {
      return channels.enumerated().map { index, values in
        .curves(
          name: channelCount == 1 ? "input" : "channel \(index)", detail: "",
          [Signal(values, color: Theme.text)], y: Axis(), height: 64)
      }
    }
    return [
      .cells(
        channels.enumerated().map {
          SignalStack.Cells("channel \($0)", "", Signal($1), range: range)
        }, colormap)
    ]
  }

  /// What the colours of its rows mean; nil for curves.
  var bar: ColorBar? {
    hasCells ? ColorBar(colormap, range: range, label: "input") : nil
  }

  /// Whether channels are rows of cells.
  var hasCells: Bool { channelCount > mostInputCurves }

  /// What a caption says of it.
  var sentence: String {
    let rest =
      channels.count == channelCount
      ? "" : " The first \(channels.count) of its \(countText(channelCount)) channels are shown."
    return "At the top: the input, before normalization." + rest
  }

  /// How signals with more values than there are pixels are drawn; empty if every value has room.
  ///
  /// - Parameters:
  ///   - curves: The length of the longest curve; 0 without any.
  ///   - sharesCells: Whether cells of a row are narrower than a pixel.
  ///   - width: Of the area, in points.
  static func reductionSentence(curves: Int, sharesCells: Bool, width: Double) -> String {
    let steps = Signal.mostSteps(width: width)
    return paragraph(
      curves > steps
        ? "Curves of more than \(countText(steps)) values are drawn as their envelope, from the "
          + "least to the greatest of up to \(countText((curves - 1) / steps + 1)) neighbouring "
          + "values." : "",
      sharesCells
        ? "Where cells are narrower than a pixel, neighbours share one, in the colour of the value "
          + "of greatest magnitude." : "")
  }
}

/// The input of a network of volumes, as frames.
struct SeenVolume {
  /// `[C, D, H, W]`.
  let values: Tensor
  private let range: ClosedRange<Float>

  /// - Parameter values: `[C, D, H, W]`.
  init(_ values: Tensor) {
    self.values = values.arranged(as: .rowMajor)
    let shown = values.shape[0] == 3 ? values : values.rows(0..<min(1, values.shape[0]))
    range = Scaling.full.range(of: shown.elements)
  }

  var frameCount: Int { values.shape[1] }
  var middleFrame: Image { frame(frameCount / 2) }
  private var height: Int { values.shape[2] }
  private var width: Int { values.shape[3] }

  /// One pixel per position; pixels that are not finite are transparent.
  func frame(_ index: Int) -> Image {
    let area = height * width
    let planes = (0..<(values.shape[0] == 3 ? 3 : 1)).flatMap { channel in
      values.withUnsafeElements { all in
        Array(all[((channel * frameCount + index) * area)...].prefix(area))
      }
    }
    return values.shape[0] == 3
      ? ColorRaster(width: width, height: height, values: planes).image(range: range)
      : Raster(width: width, height: height, values: planes).image(.grey, range: range)
  }

  /// The size of a frame whose longer side fits, enlarged by a whole factor if it is
  /// much smaller.
  func cell(fitting side: Double) -> Size { cellSize(width: width, height: height, fitting: side) }

  var nonFiniteCount: Int {
    values.shape[0] == 3
      ? values.nonFiniteCount : values.rows(0..<min(1, values.shape[0])).nonFiniteCount
  }

  /// What a caption says of its colours.
  var sentence: String {
    let ends =
      "from \(numberText(Double(range.lowerBound))) to \(numberText(Double(range.upperBound)))"
    return switch values.shape[0] {
    case 1: "The input's frames are drawn from black to white, \(ends)."
    case 3: "The input's frames are drawn in colour, \(ends) in each channel."
    default:
      "Of the input's \(countText(values.shape[0])) channels the first is drawn, from black to "
        + "white, \(ends)."
    }
  }
}

/// The size of a small picture whose longer side is at most `side`: enlarged by a whole factor if
/// there is room for one.
func cellSize(width: Int, height: Int, fitting side: Double) -> Size {
  let longest = Double(max(1, width, height))
  let factor = side >= longest ? (side / longest).rounded(.down) : side / longest
  return Size(
    width: max(1, (factor * Double(width)).rounded()),
    height: max(1, (factor * Double(height)).rounded()))
}
