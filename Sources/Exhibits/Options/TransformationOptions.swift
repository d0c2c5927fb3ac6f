internal import Analysis
internal import Datasets
internal import Foundation

/// What the options of ``Invariance`` mean.
extension Invariance.Options {
  /// - Throws: `UsageError` for an unknown name.
  func chosenTransformations() throws -> [PictureTransformation] {
    guard let transformations else { return PictureTransformation.allCases }
    let names = try namePatterns(transformations, of: "--transformations")
    for name in names where PictureTransformation(rawValue: name) == nil {
      let known = PictureTransformation.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("--transformations: expected names of \(known), found '\(name)'")
    }
    return PictureTransformation.allCases.filter { names.contains($0.rawValue) }
  }

  /// - Throws: `UsageError` unless there are two factors from 0.01 to 100 in ascending order.
  func factors() throws -> ClosedRange<Double> {
    let numbers = numbers(scales)
    guard let numbers, numbers.count == 2, numbers[0] < numbers[1] else {
      throw UsageError(
        "--scales: expected two factors in ascending order, such as 0.6,1.8, found '\(scales)'")
    }
    guard numbers[0] >= 0.01, numbers[1] <= 100 else {
      throw UsageError(
        "--scales: expected factors from 0.01 to 100, found '\(scales)': others leave nothing of the "
          + "picture")
    }
    return numbers[0]...numbers[1]
  }

  /// - Returns: Nil unless the fill is a colour.
  /// - Throws: `UsageError` for an unknown fill.
  func color() throws -> OccluderColor? {
    if ["edge", "mean", "wrap"].contains(fill) { return nil }
    guard let color = OccluderColor(argument: fill) else {
      throw UsageError(
        "--fill: expected edge, mean, wrap or a colour such as 128,128,128, found '\(fill)'")
    }
    return color
  }

  /// - Parameters:
  ///   - height: Of the input, in pixels.
  ///   - width: Of the input, in pixels.
  ///   - usualShare: The greatest translation by default, as a share of the side.
  /// - Throws: `UsageError` if a transformation would leave nothing of the picture.
  func sweeps(height: Int, width: Int, usualShare: Double) throws -> [TransformationSweep] {
    let factors = try factors()
    return try chosenTransformations().map { transformation in
      switch transformation {
      case .vertical, .horizontal:
        let side = transformation == .vertical ? height : width
        let most = translation ?? usualTranslation(usualShare * Double(side), in: side)
        guard most > 0, most < Double(side) else {
          throw UsageError(
            "--translation: expected more than 0 and less than \(side) pixels, the "
              + "\(transformation == .vertical ? "height" : "width") of the input, found "
              + "\(most.formatted(.number.locale(Locale(identifier: "en_US")))): nothing would be "
              + "left of the picture")
        }
        return TransformationSweep(transformation, over: -most...most, steps: steps)
      case .scale: return TransformationSweep(.scale, over: factors, steps: steps)
      case .rotation: return TransformationSweep(.rotation, over: 0...360, steps: steps)
      }
    }
  }

  /// The translation nearest to `wanted` whose steps are whole pixels, so that pictures are not
  /// blurred; `wanted` itself if that is too large for the picture.
  private func usualTranslation(_ wanted: Double, in side: Int) -> Double {
    let parts = Double(steps - 1) / 2
    // If no step is the picture itself, the first is at half a step.
    let unit = steps.isMultiple(of: 2) ? 2 * parts : parts
    let whole = unit * max(1, (wanted / unit).rounded())
    return whole < Double(side) / 2 ? whole : max(wanted, 0.25)
  }

  /// - Throws: `UsageError` for a colour around arrays, which have none.
  func surround(for pictures: Pictures) throws -> Surround {
    switch fill {
    case "edge": return .edge
    case "mean": return .mean
    case "wrap": return .wrap
    default:
      let preprocessing = pictures.preprocessing
      guard !pictures.dataset.holdsArrays, preprocessing.takesPictures else {
        throw UsageError(
          "--fill: expected edge, mean or wrap, found '\(fill)': \(pictures.name) has arrays, which "
            + "have no colours")
      }
      return .color(try (color() ?? .black).values(in: preprocessing))
    }
  }

  /// What is seen outside the pictures, for captions.
  var surroundName: String {
    switch fill {
    case "edge": "the nearest pixel of their edge"
    case "mean": "their mean colour"
    case "wrap": "the picture again, as on a torus"
    default: "the colour \(fill)"
    }
  }

  private func numbers(_ text: String) -> [Double]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
    return numbers.count == parts.count && numbers.allSatisfy(\.isFinite) ? numbers : nil
  }
}
