internal import Analysis
internal import Drawing

/// `1 filter`, `2 filters`, `60,000 pictures`.
func counted(_ count: Int, _ noun: String) -> String {
  let plural = noun.hasSuffix("s") || noun.hasSuffix("tch") ? noun + "es" : noun + "s"
  return "\(countText(count)) \(count == 1 ? noun : plural)"
}

/// With a full stop at the end, unless there is none to stop.
func sentence(_ text: String) -> String {
  text.isEmpty || [".", "…", "?"].contains(where: text.hasSuffix) ? text : text + "."
}

/// `3, 17 and 42`; beyond `most`, `3, 17 and 40 more`.
func listed(_ items: [String], most: Int = 20) -> String {
  guard items.count > 1 else { return items.first ?? "" }
  guard items.count <= most else {
    return items.prefix(most).joined(separator: ", ") + " and \(countText(items.count - most)) more"
  }
  return items.dropLast().joined(separator: ", ") + " and \(items[items.count - 1])"
}

func listed(_ numbers: [Int], most: Int = 20) -> String {
  listed(numbers.map(String.init), most: most)
}

/// `99.5th percentile` of 0.995.
package func percentileText(_ part: Double) -> String {
  let number = numberText(100 * part)
  let ending =
    switch Int(number).map({ ($0 / 10 % 10, $0 % 10) }) {
    case (1, _)?, nil: "th"
    case (_, 1)?: "st"
    case (_, 2)?: "nd"
    case (_, 3)?: "rd"
    default: "th"
    }
  return "\(number)\(ending) percentile"
}

/// How many pixels of a sheet show a value of a tile; on paper, `captioned(in:)` says less.
func enlargement(_ zoom: Double) -> String {
  switch zoom {
  case 1: "one pixel for each value"
  case ..<1: "reduced"
  default: "enlarged \(numberText(zoom)) times without smoothing"
  }
}

/// `7×7`.
func crossed(_ extents: [Int]) -> String {
  extents.map(String.init).joined(separator: "×")
}

/// Sentences with spaces between them; empty ones are left out.
func paragraph(_ sentences: String...) -> String {
  sentences.filter { !$0.isEmpty }.joined(separator: " ")
}

/// The first of a class's names: up to its first comma.
func firstSynonym(_ name: String) -> String {
  name.split(separator: ",").first.map(String.init) ?? name
}

/// A name that is no wider than `width`: up to its first comma, then cut off with an ellipsis.
func shortened(_ name: String, to width: Double, in style: TextStyle = .label) -> String {
  cutOff(firstSynonym(name), to: width, in: style)
}

/// A class's short name, which no other class has, cut off with an ellipsis where it is wider than
/// `width`.
func shortened(
  _ names: ClassNames, _ index: Int, to width: Double, in style: TextStyle = .label
) -> String {
  cutOff(names.shortName(index), to: width, in: style)
}

/// One line that is no wider than `width`, cut off with an ellipsis.
func cutOff(_ text: String, to width: Double, in style: TextStyle = .label) -> String {
  Text(text, style, oneLineWithin: width).lines.first ?? text
}
