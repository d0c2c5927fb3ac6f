extension AxisTable {
  /// The inputs, of n, that PyTorch's adaptive pooling covers at output i of m:
  /// `⌊i·n/m⌋ ..< ⌈(i+1)·n/m⌉`.
  public static func adaptiveRange(_ place: Int, input: Int, output: Int) -> Range<Int> {
    (place * input / output)..<(((place + 1) * input + output - 1) / output)
  }

  /// The mean of each such range.
  public static func adaptiveMeans(input: Int, output: Int) -> AxisTable {
    var table = AxisTable(inputCount: input)
    for place in 0..<output {
      let range = adaptiveRange(place, input: input, output: output)
      table.append(range.map { ($0, 1 / Double(range.count)) })
    }
    return table
  }

  /// How an axis continues beyond its ends.
  public enum Continuation: String, Sendable, Hashable, Codable {
    /// Mirrored at the outermost elements, which are not repeated.
    case reflect
    /// The outermost elements are repeated.
    case edge
    /// Continues from the opposite end.
    case wrap
  }

  /// An axis with `before` and `after` more elements, or fewer if those are negative.
  public static func continuing(
    _ count: Int, before: Int, after: Int, by continuation: Continuation
  ) -> AxisTable {
    let copies = (-before..<(count + after)).map { place -> Int in
      switch continuation {
      case .edge: return min(max(place, 0), count - 1)
      case .wrap: return remainder(place, count)
      case .reflect:
        guard count > 1 else { return 0 }
        let phase = remainder(place, 2 * (count - 1))
        return min(phase, 2 * (count - 1) - phase)
      }
    }
    return AxisTable(inputCount: count, copies: copies)
  }
}

/// The remainder of a division, never negative.
private func remainder(_ value: Int, _ divisor: Int) -> Int {
  let rest = value % divisor
  return rest < 0 ? rest + divisor : rest
}
