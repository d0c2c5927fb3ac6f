import ArgumentParser
import Files
import Foundation

/// How a command reports what it did.
struct ReportingOptions: ParsableArguments {
  @Flag(help: "Show no progress and no notes.")
  var quiet = false

  @Flag(help: "Print one JSON object on standard output instead of paths.")
  var json = false

  var console: Console { Console(isQuiet: quiet) }

  /// Prints the paths written, one per line or as `{"files": […]}`.
  ///
  /// - Throws: `FileError` if standard output cannot be written to.
  func report(_ paths: [String], _ facts: [String: any Sendable] = [:]) throws {
    guard json else { return try Console.results(paths.map { printable($0) }) }
    var object: [String: Any] = facts
    object["files"] = paths
    try Console.results([jsonText(object)])
  }
}

/// The object as one line of visible characters that keeps every string exactly; a number that is
/// not finite, which JSON does not have, is null.
func jsonText(_ object: [String: Any]) -> String {
  let data = try? JSONSerialization.data(
    withJSONObject: finite(object), options: [.sortedKeys, .withoutEscapingSlashes])
  guard let data else { preconditionFailure("a value that JSON does not have in \(object)") }
  var text = ""
  // JSON escapes control characters; other invisible characters can only occur inside strings.
  for scalar in String(decoding: data, as: UTF8.self).unicodeScalars {
    if scalar.isHidden {
      for unit in Character(scalar).utf16 { text += String(format: "\\u%04x", unit) }
    } else {
      text.unicodeScalars.append(scalar)
    }
  }
  return text
}

private func finite(_ value: Any) -> Any {
  switch value {
  case let object as [String: Any]: object.mapValues(finite)
  case let list as [Any]: list.map(finite)
  case let number as Double: number.isFinite ? number : NSNull()
  case let number as Float: number.isFinite ? number : NSNull()
  default: value
  }
}
