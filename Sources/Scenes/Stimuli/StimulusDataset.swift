public import Datasets
internal import Images

/// Synthetic pictures of one simple thing each, for every combination of the values of its factors:
/// Aubry and Russell, "Understanding deep features with computer-generated imagery" (2015), section
/// 4, and its supplementary material.
///
/// Annotations are the factors; there are no classes. Nothing is random.
public struct StimulusDataset: Dataset {
  public let stimulus: Stimulus
  /// Of the pictures, in pixels.
  public let width: Int
  public let height: Int

  public init(_ stimulus: Stimulus, width: Int, height: Int) {
    precondition(width > 0 && height > 0, "stimuli of \(width)×\(height) pixels")
    (self.stimulus, self.width, self.height) = (stimulus, width, height)
  }

  public var count: Int { stimulus.factors.reduce(1) { $0 * $1.values.count } }
  public var classNames: [String] { [] }
  public func label(at index: Int) throws -> Int? { nil }
  public func source(at index: Int) throws -> String { "\(stimulus.rawValue) #\(index)" }

  public func annotations(at index: Int) throws -> Annotations {
    let chosen = zip(stimulus.factors, values(at: index)).map { ($0.name, $1) }
    return Annotations(factors: Dictionary(uniqueKeysWithValues: chosen))
  }

  public func example(at index: Int) throws -> Example {
    Example(
      .picture(picture(at: index)), label: nil, source: try source(at: index),
      annotations: { try annotations(at: index) })
  }

  /// One for each factor, of which the last changes fastest.
  private func values(at index: Int) -> [Annotations.Value] {
    var rest = index
    return stimulus.factors.reversed().map { factor in
      defer { rest /= factor.values.count }
      return factor.values[rest % factor.values.count]
    }.reversed()
  }

  private func picture(at index: Int) -> Image {
    let values = values(at: index)
    let numbers = values.map { value -> Double in
      if case .number(let number) = value { number } else { 0 }
    }
    let colors = values.map { value -> StimulusColor in
      if case .word(let word) = value { StimulusColor(named: word) } else { StimulusColor.black }
    }
    switch stimulus {
    case .rectangles:
      return picture(
        of: StimulusRectangle(
          x: numbers[0], y: numbers[1], aspect: numbers[2], inWidth: width, height: height),
        .black, on: .white)
    case .colors:
      let color = StimulusColor(hue: numbers[0], saturation: numbers[1], value: numbers[2])
      return Image(
        width: width, height: height, red: color.red, green: color.green, blue: color.blue)
    case .colorPairs:
      return picture(
        of: StimulusRectangle(centeredInWidth: width, height: height), colors[0], on: colors[1])
    }
  }

  /// A rectangle, whose edges cover pixels in part.
  private func picture(
    of rectangle: StimulusRectangle, _ color: StimulusColor, on ground: StimulusColor
  ) -> Image {
    let rows = (0..<height).map { rectangle.down.cover(ofPixel: $0) }
    let columns = (0..<width).map { rectangle.across.cover(ofPixel: $0) }
    let ends = [
      (color.red, ground.red), (color.green, ground.green), (color.blue, ground.blue),
    ].map { (Double($0), Double($1)) }
    var pixels = [UInt8](repeating: 255, count: 4 * width * height)
    for (row, down) in rows.enumerated() {
      for (column, across) in columns.enumerated() {
        let cover = down * across
        for (channel, (inside, outside)) in ends.enumerated() {
          pixels[4 * (row * width + column) + channel] = UInt8(
            (outside + cover * (inside - outside)).rounded())
        }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
