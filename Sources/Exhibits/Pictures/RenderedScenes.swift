package import Datasets
internal import Foundation
internal import Scenes

/// Data that is rendered: `scenes:COUNT`, `series:COUNT` and `volumes:COUNT`, or the word alone if
/// no file or folder has that name.
package enum RenderedScenes: String, CaseIterable {
  case scenes, series, volumes

  /// Test scenes, and those that a gallery shows, come from other seeds than the training's.
  package static let testSeedOffset: UInt64 = 1_000_000
  package static let gallerySeedOffset: UInt64 = 2_000_000

  /// Which ones a source names; nil for others.
  init?(_ source: String) {
    let word = source.prefix { $0 != ":" }
    guard let found = Self(rawValue: String(word)),
      word.count < source.count || !FileManager.default.fileExists(atPath: source)
    else { return nil }
    self = found
  }

  var kind: ExampleKind {
    switch self {
    case .scenes: .picture
    case .series: .series
    case .volumes: .volume
    }
  }

  /// As many as a network is usually trained on; small networks need few.
  var usualCount: Int {
    switch self {
    case .scenes: 12_000
    case .series: 4000
    case .volumes: 1200
    }
  }

  func dataset(_ count: Int, _ options: RecognizedDataset.Options) -> any Dataset {
    switch self {
    case .scenes: SceneDataset(count: count, size: options.renderedSize, seed: options.seed)
    case .series:
      SeriesDataset(
        count: count, length: options.input?[1] ?? SeriesDataset.usualLength, seed: options.seed)
    case .volumes:
      VolumeDataset(
        count: count, frames: options.input?[1] ?? VolumeDataset.usualFrames,
        size: options.input?[2] ?? VolumeDataset.usualSize, seed: options.seed)
    }
  }
}

extension DatasetFormat {
  /// `scenes:COUNT`, or `scenes` if no file or folder has that name.
  package static let renderedScenes = rendered(.scenes)
  /// `series:COUNT`.
  package static let renderedSeries = rendered(.series)
  /// `volumes:COUNT`.
  package static let renderedVolumes = rendered(.volumes)

  private static func rendered(_ rendered: RenderedScenes) -> DatasetFormat {
    let name = rendered.rawValue
    return DatasetFormat([.text: "\(name):COUNT to render them"], of: [rendered.kind]) { place in
      guard RenderedScenes(place.path) == rendered else { return nil }
      let parts = place.path.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let count = parts.count == 2 ? Int(parts[1]) : rendered.usualCount
      guard let count, (1...1_000_000).contains(count) else {
        throw UsageError(
          "expected \(name):COUNT with a count up to 1,000,000, found '\(place.path)'")
      }
      return RecognizedDataset(place) { _, options in rendered.dataset(count, options) }
    }
  }
}
