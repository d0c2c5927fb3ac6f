internal import Foundation

/// A filter in text: a name, and its arguments after a colon, such as `gabor:45,lambda=4`.
///
/// Arguments without a name are taken in the order in which they are asked for.
struct FilterArguments {
  /// As typed, for errors.
  let text: String
  let name: String
  private var unnamed: [String]
  private var named: [(key: String, value: String)]

  init(_ text: String) throws(SelectionError) {
    self.text = text
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    name = parts.first.map { $0.trimmingCharacters(in: .whitespaces).lowercased() } ?? ""
    (unnamed, named) = ([], [])
    guard parts.count > 1 else { return }
    for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard pair.allSatisfy({ !$0.isEmpty }) else {
        throw SelectionError("\(text): expected a value between the commas, found nothing")
      }
      if pair.count == 1 {
        unnamed.append(pair[0])
      } else {
        let key = pair[0].lowercased()
        guard !named.contains(where: { $0.key == key }) else {
          throw SelectionError("\(text): \(key) is given twice")
        }
        named.append((key, pair[1]))
      }
    }
  }

  /// - Parameter onlyNamed: Not one without a name.
  private mutating func take(_ key: String, onlyNamed: Bool) -> String? {
    if let index = named.firstIndex(where: { $0.key == key }) {
      return named.remove(at: index).value
    }
    return onlyNamed || unnamed.isEmpty ? nil : unnamed.removeFirst()
  }

  mutating func number(
    _ key: String, from least: Double, to most: Double, onlyNamed: Bool = false
  ) throws(SelectionError) -> Double? {
    guard let value = take(key, onlyNamed: onlyNamed) else { return nil }
    guard let number = Double(value), (least...most).contains(number) else {
      throw SelectionError(
        "\(text): \(key) must be a number from \(shortText(least)) to \(shortText(most)), not "
          + "'\(value)'")
    }
    // −0 is written as 0.
    return number == 0 ? 0 : number
  }

  mutating func integer(
    _ key: String, in range: ClosedRange<Int>, onlyNamed: Bool = false
  ) throws(SelectionError) -> Int? {
    guard let value = take(key, onlyNamed: onlyNamed) else { return nil }
    guard let number = Int(value), range.contains(number) else {
      throw SelectionError(
        "\(text): \(key) must be a whole number from \(range.lowerBound) to \(range.upperBound), "
          + "not '\(value)'")
    }
    return number
  }

  /// A side, or rows and columns: `3`, `5x1`.
  mutating func size(
    _ key: String = "size", onlyNamed: Bool = false, most: Int = HandcraftedKernel.greatestSide
  ) throws(SelectionError) -> (rows: Int, columns: Int)? {
    guard let value = take(key, onlyNamed: onlyNamed) else { return nil }
    let sides = value.lowercased().split(omittingEmptySubsequences: false) { "x×".contains($0) }
    let numbers = sides.compactMap { Int($0) }.filter { (1...most).contains($0) }
    guard numbers.count == sides.count, (1...2).contains(numbers.count) else {
      throw SelectionError(
        "\(text): \(key) must be a side from 1 to \(most), such as 3, or rows and columns, such as "
          + "5x1, not '\(value)'")
    }
    return (numbers[0], numbers[numbers.count - 1])
  }

  /// The side of a square that has a middle.
  mutating func oddSide(_ key: String = "size") throws(SelectionError) -> Int? {
    guard let value = take(key, onlyNamed: true) else { return nil }
    guard let side = Int(value), (3...HandcraftedKernel.greatestSide).contains(side),
      !side.isMultiple(of: 2)
    else {
      throw SelectionError(
        "\(text): \(key) must be an odd number from 3 to \(HandcraftedKernel.greatestSide), not "
          + "'\(value)'")
    }
    return side
  }

  mutating func word(
    _ key: String, among words: [String], onlyNamed: Bool = false
  ) throws(SelectionError) -> String? {
    guard let value = take(key, onlyNamed: onlyNamed)?.lowercased() else { return nil }
    guard words.contains(value) else {
      throw SelectionError(
        "\(text): \(key) must be \(words.joined(separator: " or ")), not '\(value)'")
    }
    return value
  }

  /// Whether an argument of this name is left.
  func has(_ key: String) -> Bool { named.contains { $0.key == key } }

  /// Refuses what was not asked for.
  ///
  /// - Parameter known: The names of all arguments.
  func end(_ known: [String]) throws(SelectionError) {
    let takes =
      "\(name) takes " + (known.isEmpty ? "no arguments" : known.joined(separator: ", "))
    if let (key, _) = named.first {
      throw SelectionError("\(text): no argument '\(key)'; \(takes)")
    }
    if let value = unnamed.first {
      throw SelectionError("\(text): '\(value)' is one argument too many; \(takes)")
    }
  }
}
