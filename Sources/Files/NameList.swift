/// `a, b, c`; beyond `most`, `a, b, c and 40 more`.
package func firstOf(_ names: [String], most: Int = 3) -> String {
  let named = names.prefix(most).joined(separator: ", ")
  return names.count > most ? "\(named) and \(names.count - most) more" : named
}
