package import Datasets
internal import Foundation
internal import Scenes

/// Data that is rendered: `scenes:COUNT`, or `scenes` if no folder has that name.
package enum RenderedScenes {
  static let usualCount = 12000
  /// Test scenes, and those that a gallery shows, come from other seeds than the training's.
  package static let testSeedOffset: UInt64 = 1_000_000
  package static let gallerySeedOffset: UInt64 = 2_000_000

  static func are(_ source: String) -> Bool {
    source.hasPrefix("scenes:")
      || source == "scenes" && !FileManager.default.fileExists(atPath: source)
  }
}

extension DatasetFormat {
  /// `scenes:COUNT`, or `scenes` if no folder has that name.
  package static let renderedScenes = DatasetFormat([.text: "scenes:COUNT to render them"]) {
    place in
    guard RenderedScenes.are(place.path) else { return nil }
    let parts = place.path.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let count = parts.count == 2 ? Int(parts[1]) : RenderedScenes.usualCount
    guard let count, (1...1_000_000).contains(count) else {
      throw UsageError("expected scenes:COUNT with a count up to 1,000,000, found '\(place.path)'")
    }
    return RecognizedDataset(place) { _, options in
      SceneDataset(count: count, size: options.renderedSize, seed: options.seed)
    }
  }
}
