import ArgumentParser
import Foundation

/// How a command tells what it did.
struct ReportingOptions: ParsableArguments {
  @Flag(help: "No progress and no remarks.")
  var quiet = false

  @Flag(help: "One JSON object on standard output instead of paths.")
  var json = false

  var console: Console { Console(isQuiet: quiet) }

  /// The paths written, one a line or as `{"files": […]}`.
  ///
  /// - Throws: `FileError` where standard output cannot be written to.
  func report(_ paths: [String], _ facts: [String: any Sendable] = [:]) throws {
    guard json else { return try Console.results(paths) }
    var object: [String: Any] = facts
    object["files"] = paths
    try Console.results([jsonText(object)])
  }
}

func jsonText(_ object: [String: Any]) -> String {
  let data = try? JSONSerialization.data(
    withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
  return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
}
