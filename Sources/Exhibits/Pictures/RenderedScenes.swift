internal import Foundation
package import Scenes

/// Data that is rendered: `scenes:COUNT`, or `scenes` if no folder has that name.
package struct RenderedScenes {
  package static let usualCount = 12000
  /// Test scenes, and those that a gallery shows, come from other seeds than the training's.
  package static let testSeedOffset: UInt64 = 1_000_000
  package static let gallerySeedOffset: UInt64 = 2_000_000

  package let dataset: SceneDataset

  /// Nil for other data.
  package init?(_ source: String, size: Int, seed: UInt64) throws {
    guard Self.are(source) else { return nil }
    let parts = source.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    var count = Self.usualCount
    if parts.count == 2 {
      guard let given = Int(parts[1]), (1...1_000_000).contains(given) else {
        throw UsageError("expected scenes:COUNT with a count up to 1,000,000, found '\(source)'")
      }
      count = given
    }
    dataset = SceneDataset(count: count, size: size, seed: seed)
  }

  package static func are(_ source: String) -> Bool {
    source.hasPrefix("scenes:")
      || source == "scenes" && !FileManager.default.fileExists(atPath: source)
  }
}
