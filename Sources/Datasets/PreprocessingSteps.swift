internal import Foundation

extension Preprocessing {
  /// The values that black and white pixels can have in the input, over all channels.
  public var valueRange: ClosedRange<Float> {
    // Not −mean, which would be −0 for no mean.
    let black = zip(mean, deviation).map { (0 - $0) / $1 }
    let white = zip(mean, deviation).map { (255 * scale - $0) / $1 }
    return (black.min() ?? 0)...max(white.max() ?? 0, black.min() ?? 0)
  }

  /// What happens to a picture, step by step, as ends of the sentence “a picture is …”.
  public var steps: [String] {
    guard kind == .picture else { return ["of \(input) numbers"] + normalizing }
    guard takesPictures else { return ["not used: the input has \(input[0]) channels"] }
    let size = "\(input[1])×\(input[2])"
    let placed =
      switch resize {
      case .none: "kept at its size, of which the middle \(size) pixels are used"
      case .shorterSide(let side):
        "resized to \(side) pixels along its shorter side, of which the middle \(size) are used"
      case .exact: "resized to \(size) pixels, whatever its proportions"
      }
    let colors =
      input[0] == 1
      ? "converted to grey"
      : "split into channels in the order "
        + (channelOrder == .rgb ? "red, green, blue" : "blue, green, red")
    var steps = [placed, colors]
    if scale != 1 { steps.append("scaled by \(Self.text(scale)) (pixel values are 0…255)") }
    steps += normalizing
    let range = valueRange
    let values = [range.lowerBound, range.upperBound].map { Self.text($0) }
    steps.append("given to the network with values from \(values[0]) to \(values[1])")
    return steps
  }

  private var normalizing: [String] {
    var steps: [String] = []
    if mean.contains(where: { $0 != 0 }) {
      steps.append("reduced by the mean \(Self.text(mean))")
    }
    if deviation.contains(where: { $0 != 1 }) {
      steps.append("divided by the standard deviation \(Self.text(deviation))")
    }
    return steps
  }

  /// `1/255`, or three significant digits.
  private static func text(_ number: Float) -> String {
    let inverse = 1 / number
    if number < 0.1, number > 1e-6, abs(inverse - inverse.rounded()) < 1e-3 * inverse {
      return "1/\(Int(inverse.rounded()))"
    }
    return String(format: "%.3g", number).replacing("-", with: "−")
  }

  /// A single number if it is the same for all channels.
  private static func text(_ numbers: [Float]) -> String {
    Set(numbers).count == 1 ? text(numbers[0]) : numbers.map { text($0) }.joined(separator: ", ")
  }

  /// The same preprocessing with the channels in the opposite order; each colour keeps its mean and
  /// deviation.
  public var withOppositeChannels: Preprocessing {
    var copy = self
    copy.channelOrder = channelOrder == .rgb ? .bgr : .rgb
    copy.mean.reverse()
    copy.deviation.reverse()
    return copy
  }
}
