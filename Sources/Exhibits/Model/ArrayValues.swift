internal import Analysis
internal import Datasets
internal import Drawing
internal import TensorCore

/// The range of the values of pictures that are given as arrays of floats, which are used exactly
/// as they are: it tells how pictures have to be preprocessed to be like them.
struct ArrayValues {
  /// The number of arrays that are read, spread evenly.
  private static let sampleCount = 200

  let lowest: Float
  let highest: Float

  init(_ lowest: Float, _ highest: Float) {
    (self.lowest, self.highest) = (lowest, highest)
  }

  /// Nil if the data set contains no arrays, or none that can be read.
  init?(of dataset: any Dataset) {
    guard dataset.holdsArrays else { return nil }
    var (lowest, highest) = (Float.infinity, -Float.infinity)
    for index in (0..<dataset.count).spread(most: Self.sampleCount) {
      guard case .array(let array)? = try? dataset.example(at: index).content,
        let range = array.finiteRange
      else { continue }
      lowest = min(lowest, range.lowerBound)
      highest = max(highest, range.upperBound)
    }
    guard lowest <= highest else { return nil }
    self.init(lowest, highest)
  }

  /// What made pictures into arrays like these; nil if that cannot be known.
  ///
  /// - Parameter usual: A preprocessing that they may have had, whose other parts are kept.
  func preprocessing(_ usual: Preprocessing) -> Preprocessing? {
    func plain(_ scale: Float) -> Preprocessing {
      var plain = usual
      plain.scale = scale
      plain.mean = usual.mean.map { _ in 0 }
      plain.deviation = usual.deviation.map { _ in 1 }
      return plain
    }
    let range = usual.valueRange
    let margin = Preprocessing.overshoot * (range.upperBound - range.lowerBound)
    let fits = lowest >= range.lowerBound - margin && highest <= range.upperBound + margin
    // A range from 0 is that of the numbers themselves, unless the usual one starts there as well.
    if lowest >= 0, highest <= 1 { return plain(1 / 255) }
    if fits, lowest < 0 || range.lowerBound >= 0 { return usual }
    // Standardized pictures have values below 0 and reach no further than this.
    if lowest >= 0, highest > 16, highest <= 255 { return plain(1) }
    return nil
  }

  /// What a user should know if a network is used on them; nil if pictures would have the same
  /// values.
  ///
  /// - Parameter usual: How the network's pictures are preprocessed.
  func doubt(_ usual: Preprocessing) -> String? {
    let own = preprocessing(usual)
    if own == usual {
      guard usual.mean.contains(where: { $0 != 0 }) || usual.deviation.contains(where: { $0 != 1 })
      else { return nil }
      return "\(use), which is right if they were preprocessed as the network's pictures are"
    }
    let range = usual.valueRange
    return "\(use), but the network's preprocessing gives pictures values from "
      + "\(text(range.lowerBound)) to \(text(range.upperBound)): preprocess the arrays in the same "
      + "way, or give bytes"
  }

  /// What is done with them.
  var use: String {
    "the arrays are used exactly as they are, with values from \(text(lowest)) to \(text(highest))"
  }

  private func text(_ value: Float) -> String { numberText(Double(value)) }
}
