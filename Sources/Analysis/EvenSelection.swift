extension RandomAccessCollection {
  /// Some of the elements, spread evenly from the first one on; all if there are no more than
  /// `most`.
  package func spread(most: Int) -> [Element] {
    let wanted = Swift.min(Swift.max(most, 0), count)
    return (0..<wanted).map { self[index(startIndex, offsetBy: $0 * count / wanted)] }
  }

  /// Some of the elements, spread evenly with the first and the last one; all if there are no more
  /// than `most`.
  package func spreadToEnd(most: Int) -> [Element] {
    guard count > most else { return Array(self) }
    guard most > 1 else { return Array(suffix(Swift.max(most, 0))) }
    return (0..<most).map { self[index(startIndex, offsetBy: $0 * (count - 1) / (most - 1))] }
  }
}
