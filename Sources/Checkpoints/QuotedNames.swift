internal import Networks

/// A text in quotes on one line, shortened if it is long.
func quoted(_ text: String) -> String {
  let longest = 80
  let short = text.count > longest ? text.prefix(longest - 1) + "…" : text[...]
  return String(short).debugDescription
}

/// `; did you mean "conv1.weight"?`, or nothing if no name is similar.
func suggestion(for name: String, among names: some Sequence<String>) -> String {
  let near = nearestNames(to: name, among: names).map(quoted)
  return near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"
}
