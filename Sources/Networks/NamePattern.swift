/// Whether a name fits a pattern with `*` and `?`.
///
/// - Complexity: O(name · pattern), whatever the pattern.
package func matches(_ name: String, _ pattern: String) -> Bool {
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
