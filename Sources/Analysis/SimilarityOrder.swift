/// An order in which similar vectors are neighbours: that of the leaves of a hierarchical
/// clustering by average linkage (Sokal and Michener 1958) on cosine distance.
///
/// A clustering leaves open which of two joined clusters comes first. Here, both are turned so that
/// the two leaves that meet are as near as possible (Gruvaeus and Wainer 1972). The best order of
/// all (Bar-Joseph, Gifford and Jaakkola 2001) takes a hundred times as long for a thousand
/// vectors.
public struct SimilarityOrder: Sendable, Hashable {
  /// The indices of all vectors.
  public let indices: [Int]
  /// How many of them, at the end, have no direction: their numbers are zero or not finite.
  public let directionless: Int

  /// - Parameter vectors: All of one length.
  /// - Complexity: O(n²·d) for n vectors of d numbers, and memory for n² numbers.
  public init(of vectors: [[Float]]) {
    let norms = vectors.map(norm)
    let directed = vectors.indices.filter { norms[$0] > 0 && norms[$0].isFinite }
    let directions = directed.map { index in vectors[index].map { Double($0) / norms[index] } }
    let leaves = leafOrder(cosines(between: directions).map { 1 - $0 }, count: directed.count)
    let rest = Set(vectors.indices).subtracting(directed).sorted()
    indices = leaves.map { directed[$0] } + rest
    directionless = rest.count
  }
}

/// The leaves of the average-linkage tree of `count` objects.
///
/// Clusters that are each other's nearest are joined as soon as a chain of nearest neighbours
/// finds them (Murtagh 1983), which gives the same tree as joining the two nearest of all.
///
/// - Parameter distances: `count` × `count`, symmetric.
private func leafOrder(_ distances: [Float], count: Int) -> [Int] {
  guard count > 1 else { return Array(0..<count) }
  // A cluster has the index of its first object; `between` are the distances of clusters.
  var between = distances
  var clusters = (0..<count).map { [$0] }
  var open = Array(0..<count)
  var chain: [Int] = []
  while open.count > 1 {
    if chain.isEmpty { chain = [open[0]] }
    let last = chain[chain.count - 1]
    let previous = chain.count > 1 ? chain[chain.count - 2] : nil
    // Of equal distances, that to the previous one ends the chain.
    var nearest = previous ?? (open[0] == last ? open[1] : open[0])
    for other in open where other != last {
      if between[last * count + other] < between[last * count + nearest] { nearest = other }
    }
    guard nearest == previous else {
      chain.append(nearest)
      continue
    }
    chain.removeLast(2)
    let (kept, joined) = (min(last, nearest), max(last, nearest))
    let (own, its) = (Float(clusters[kept].count), Float(clusters[joined].count))
    for other in open where other != kept && other != joined {
      let average =
        (own * between[kept * count + other] + its * between[joined * count + other]) / (own + its)
      between[kept * count + other] = average
      between[other * count + kept] = average
    }
    clusters[kept] = turned(clusters[kept], clusters[joined]) { distances[$0 * count + $1] }
    clusters[joined] = []
    open.removeAll { $0 == joined }
  }
  return clusters[open[0]]
}

/// Two sequences in a row, each in the direction in which the ends that meet are nearest.
private func turned(
  _ first: [Int], _ second: [Int], distance: (Int, Int) -> Float
) -> [Int] {
  let choices = [
    (first, second), (first, second.reversed()), (first.reversed(), second),
    (first.reversed(), second.reversed()),
  ]
  let gaps = choices.map { distance($0.0[$0.0.count - 1], $0.1[0]) }
  let best = gaps.indices.min { gaps[$0] < gaps[$1] } ?? 0
  return choices[best].0 + choices[best].1
}
