/// Estimates the time left from the time a part took.
package struct TimeLeft {
  private let start = ContinuousClock.now

  package init() {}

  /// Empty if it cannot be known.
  package func text(_ done: Int, of total: Int) -> String {
    guard done > 0, done < total else { return "" }
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    return durationText(elapsed / Double(done) * Double(total - done)) + " left"
  }
}

/// `1:05` or `1:02:03`.
package func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite else { return "?" }
  let whole = Int(seconds.rounded(.up))
  let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
  func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
  return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
}
