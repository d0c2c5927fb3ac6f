import Foundation
import Yams

/// Where and why a text is no YAML, in one line and without the text itself.
struct YAMLDefect: Error, CustomStringConvertible {
  let description: String

  /// The parser says its piece up to a colon, then shows the place in the text.
  init(_ error: YamlError) {
    var words: [Substring] = []
    for line in "\(error)".split(whereSeparator: \.isNewline) {
      words.append(line)
      if line.hasSuffix(":") { break }
    }
    let text = words.joined(separator: " ")
    description = text.hasSuffix(":") ? String(text.dropLast()) : text
  }
}

/// - Throws: `YAMLDefect`.
func readingYAML<Value>(_ read: () throws -> Value) throws -> Value {
  do {
    return try read()
  } catch let error as YamlError {
    throw YAMLDefect(error)
  }
}
