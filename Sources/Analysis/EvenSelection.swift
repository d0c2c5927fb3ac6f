extension RandomAccessCollection {
  /// Some of the elements, spread evenly from the first one on; all if there are no more than
  /// `most`.
  package func spread(most: Int) -> [Element] {
    let wanted = Swift.min(Swift.max(most, 0), count)
    return (0..<wanted).map { self[index(startIndex, offsetBy: $0 * count / wanted)] }
  }
}
