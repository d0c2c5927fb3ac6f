package import Files
internal import Foundation

/// What earlier runs found in their passes over data sets.
package struct ScanCache: Sendable {
  package let results: ResultCache
  /// The features of pictures, which are larger, in parts.
  let features: ResultCache
  /// How often a pass that can be continued is saved while it is made.
  let interval: Duration

  package init(_ results: ResultCache, savingEvery interval: Duration = .seconds(30)) {
    (self.results, self.interval) = (results, interval)
    features = ResultCache("\(results.folder)/features", mostBytes: 2 << 30, mostFiles: 20_000)
  }

  /// That of the user: below the folder that `FOVEA_CACHE` names, or `fovea` in the usual folder
  /// for caches (XDG Base Directory Specification).
  ///
  /// - Returns: Nil if `FOVEA_CACHE` is empty, or there is no folder for caches.
  package static func ofUser(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> ScanCache? {
    folder(environment).map { ScanCache(ResultCache("\($0)/scans")) }
  }

  private static func folder(_ environment: [String: String]) -> String? {
    if let own = environment["FOVEA_CACHE"] { return own.isEmpty ? nil : own }
    // Relative paths are invalid there.
    if let caches = environment["XDG_CACHE_HOME"], caches.hasPrefix("/") {
      return "\(caches)/fovea"
    }
    return environment["HOME"].flatMap { $0.hasPrefix("/") ? "\($0)/.cache/fovea" : nil }
  }
}
