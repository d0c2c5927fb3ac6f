/// The names most similar to `name`, most similar first; empty if none is similar enough.
///
/// The distance is the number of insertions, deletions, replacements and swaps of neighbours
/// (Damerau, 1964; "optimal string alignment"), ignoring case.
///
/// - Complexity: O(*n · k²*) for *n* names of length *k*.
public func nearestNames(
  to name: String, among names: some Sequence<String>, limit: Int = 3
) -> [String] {
  // Longer names are not worth the quadratic comparison.
  let longest = 200
  let wanted = Array(name.lowercased().prefix(longest))
  let allowed = max(2, wanted.count / 3)
  let near = names.compactMap { candidate -> (distance: Int, name: String)? in
    let letters = Array(candidate.lowercased().prefix(longest))
    guard abs(letters.count - wanted.count) <= allowed else { return nil }
    let distance = editDistance(wanted, letters)
    return distance <= allowed ? (distance, candidate) : nil
  }
  return near.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(limit).map(\.name)
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for row in 0..<a.count {
    var current = [row + 1]
    for column in 0..<b.count {
      let replaced = previous[column] + (a[row] == b[column] ? 0 : 1)
      var best = min(replaced, previous[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, a[row] == b[column - 1], a[row - 1] == b[column] {
        best = min(best, beforePrevious[column - 1] + 1)
      }
      current.append(best)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}
