internal import Drawing
internal import TensorCore

/// Examples as small marks in a plot: pictures, the curves of series, the middle frames of volumes.
struct ExampleThumbnails {
  private let side: Double
  private let first: SeenExample?
  /// Of the vertical axis that all series share.
  private let range: ClosedRange<Double>
  /// The greatest number of channels that are shown of a series.
  private static let mostChannels = 4

  /// - Parameters:
  ///   - count: How many examples there are.
  ///   - side: Of a mark, in points.
  ///   - example: One of them, by its number.
  init(
    count: Int, side: Double, example: (Int) throws -> SeenExample
  ) throws {
    self.side = side
    guard count > 0 else {
      (first, range) = (nil, 0...1)
      return
    }
    let first = try example(0)
    self.first = first
    guard case .series(let values) = first else {
      range = 0...1
      return
    }
    // Heights are compared, so all curves share one axis.
    var channels = Self.channels(of: values)
    for index in 1..<count {
      if case .series(let values) = try example(index) { channels += Self.channels(of: values) }
    }
    range = SeriesMaps.verticalRange(of: channels)
  }

  /// Those of `[C, L]` that are shown.
  static func channels(of series: Tensor) -> [[Float]] {
    (0..<min(series.shape[0], mostChannels)).map { series.rows($0..<($0 + 1)).elements }
  }

  /// - Parameter example: The same as in the initializer; called unless it is known.
  func thumbnail(_ index: Int, example: (Int) throws -> SeenExample) throws -> Thumbnail {
    switch try (index == 0 ? first : nil) ?? example(index) {
    case .picture(let picture):
      return .picture(Galleries.thumbnail(picture, side: side))
    case .series(let values):
      return .drawing(SignalThumbnail(Self.channels(of: values), range: range, side: side))
    case .volume(let values):
      return .picture(Galleries.thumbnail(SeenVolume(values).middleFrame, side: side))
    }
  }

  /// What a plot's points are: `picture`, or `example` of series and volumes.
  var noun: String {
    if case .picture? = first { "picture" } else { "example" }
  }

  /// What stands for an example.
  var mark: String {
    switch first {
    case .series: "curve"
    case .volume: "frame"
    default: "picture"
    }
  }

  /// What a caption says of how examples are drawn; empty for pictures.
  var sentence: String {
    switch first {
    case .series(let values):
      return paragraph(
        "All curves share one vertical axis, \(numberText(range.lowerBound)) … "
          + "\(numberText(range.upperBound)), with a line at zero if it is inside.",
        Self.channelSentence(values))
    case .volume: return "Of each example the middle frame is shown."
    default: return ""
    }
  }

  /// What a caption says of channels that are left out; empty if there are none.
  ///
  /// - Parameter series: `[C, L]`.
  static func channelSentence(_ series: Tensor) -> String {
    series.shape[0] > mostChannels
      ? "The first \(mostChannels) of \(countText(series.shape[0])) channels are shown." : ""
  }
}
