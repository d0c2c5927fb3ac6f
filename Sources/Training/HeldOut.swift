/// The pictures to hold out for testing, so that each class has its share of them: at least one, if
/// the class has two or more, and never all.
///
/// - Parameters:
///   - labels: The class of each picture; those without one are a class of their own.
///   - count: How many in all, as far as that is possible.
/// - Returns: Their positions, ascending.
package func heldOut<Generator: RandomNumberGenerator>(
  _ labels: [Int?], count: Int, using generator: inout Generator
) -> [Int] {
  var members: [Int: [Int]] = [:]
  for (position, label) in labels.enumerated() {
    members[label ?? -1, default: []].append(position)
  }
  let classes = members.keys.sorted()
  let share = Double(count) / Double(max(labels.count, 1))
  let sizes = classes.map { members[$0]?.count ?? 0 }
  var counts = sizes.map { $0 < 2 ? 0 : min(max(Int(share * Double($0)), 1), $0 - 1) }
  // The others go to the classes that are furthest below their share.
  var missing = count - counts.reduce(0, +)
  while missing > 0 {
    let open = classes.indices.filter { counts[$0] < sizes[$0] - 1 }
    guard !open.isEmpty else { break }
    let order = open.sorted {
      let (first, second) = (
        share * Double(sizes[$0]) - Double(counts[$0]),
        share * Double(sizes[$1]) - Double(counts[$1])
      )
      return first != second ? first > second : $0 < $1
    }
    for place in order.prefix(missing) { counts[place] += 1 }
    missing -= min(missing, order.count)
  }
  return zip(classes, counts).flatMap { label, count in
    (members[label] ?? []).shuffled(using: &generator).prefix(count)
  }.sorted()
}
