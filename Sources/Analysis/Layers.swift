public import Networks
internal import TensorCore

/// Why a layer, unit or class cannot be shown. Its text is one line.
public struct SelectionError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

extension Network {
  /// The nodes whose names match any of `patterns`, in the order they run.
  ///
  /// - Parameter patterns: Names, with `*` for any characters and `?` for one.
  /// - Throws: `SelectionError` with the nearest names for a pattern that matches nothing.
  public func layers(matching patterns: [String]) throws(SelectionError) -> [String] {
    let names = graph.nodes.map(\.name)
    // An alias is asked for as it is: with patterns it would show a layer twice.
    let wanted = patterns.map { graph.aliases[$0] ?? $0 }
    for pattern in wanted where !names.contains(where: { matches($0, pattern) }) {
      throw SelectionError("no layer '\(pattern)'\(suggestion(for: pattern, among: names))")
    }
    return names.filter { name in wanted.contains { matches(name, $0) } }
  }

  /// How many units a node has: channels of maps, or features.
  public func unitCount(_ name: String) -> Int { shapes[name].map { $0[1] } ?? 0 }
}

/// Names near `wanted`, as the end of an error message.
public func suggestion(for wanted: String, among names: [String]) -> String {
  let near = names.map { (name: $0, distance: editDistance(wanted.lowercased(), $0.lowercased())) }
    .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    .filter { $0.distance <= max(3, wanted.count / 2) }.prefix(3).map { "'\($0.name)'" }
  if !near.isEmpty { return "; did you mean \(near.joined(separator: ", "))?" }
  let shown = names.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
  return "; there are \(shown)\(names.count > 12 ? ", …" : "")"
}

/// Levenshtein (1966): insertions, deletions and substitutions from one word to the other.
private func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var row = Array(0...b.count)
  for i in a.indices {
    var previous = row[0]
    row[0] = i + 1
    for j in b.indices {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, previous + (a[i] == b[j] ? 0 : 1))
      previous = above
    }
  }
  return row[b.count]
}

/// Whether a name fits a pattern with `*` and `?`.
///
/// - Complexity: O(name · pattern), whatever the pattern.
func matches(_ name: String, _ pattern: String) -> Bool {
  let name = Array(name)
  // fits[i]: the pattern so far fits the first i characters.
  var fits = [true] + [Bool](repeating: false, count: name.count)
  for wanted in pattern {
    if wanted == "*" {
      for end in fits.indices.dropFirst() where fits[end - 1] { fits[end] = true }
    } else {
      for end in name.indices.reversed() {
        fits[end + 1] = fits[end] && (wanted == "?" || wanted == name[end])
      }
      fits[0] = false
    }
  }
  return fits[name.count]
}
