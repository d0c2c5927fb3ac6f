internal import Datasets
internal import Foundation
internal import Scenes

/// Synthetic pictures: `stimuli:NAME`.
enum RenderedStimuli {
  private static let prefix = "stimuli:"

  static func are(_ source: String) -> Bool { source.hasPrefix(prefix) }

  /// `stimuli:rectangles` and the others.
  static let sources = Stimulus.allCases.map { prefix + $0.rawValue }

  static func stimulus(of source: String) -> Stimulus? {
    Stimulus(rawValue: String(source.dropFirst(prefix.count)))
  }
}

extension DatasetFormat {
  /// `stimuli:rectangles`, `stimuli:colors` and `stimuli:color-pairs`, in the size of the input.
  static let renderedStimuli = DatasetFormat(
    [.text: RenderedStimuli.sources.joined(separator: ", ")]
  ) { place in
    guard RenderedStimuli.are(place.path) else { return nil }
    guard let stimulus = RenderedStimuli.stimulus(of: place.path) else {
      let sources = RenderedStimuli.sources
      throw UsageError(
        "expected \(sources.dropLast().joined(separator: ", ")) or \(sources[sources.count - 1]), "
          + "found '\(place.path)'")
    }
    return RecognizedDataset(place) { _, options in
      StimulusDataset(
        stimulus, width: options.renderedWidth ?? options.renderedSize,
        height: options.renderedSize)
    }
  }
}
