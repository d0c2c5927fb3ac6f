internal import Checkpoints
internal import Files

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

extension TrainingRun {
  /// - Throws: `RecipeError` if a class has no picture left to learn from; `FileError` if labels cannot
  ///   be read.
  static func checkSplit(
    of all: PreparedPictures, _ training: PreparedPictures, fraction: Double, _ names: [String]
  ) throws {
    let held = all.count - training.count
    let holding =
      "\(fraction) holds out \(held) of \(all.count) picture\(all.count == 1 ? "" : "s")"
    guard training.count > 0 else {
      throw RecipeError(
        "validationFraction", "\(holding), which leaves none to train on")
    }
    let left = try training.classCounts()
    let missing = try all.classCounts().filter { left[$0.key] == nil }
      .min { $0.key < $1.key }
    guard let missing else { return }
    let name = names.indices.contains(missing.key) ? "'\(names[missing.key])'" : "\(missing.key)"
    let own = missing.value == 1 ? "the only picture" : "all \(missing.value) pictures"
    throw RecipeError(
      "validationFraction",
      "\(holding), among them \(own) of class \(name), which leaves none to train on")
  }

  /// What a user should know about the pictures that are held out, one line each.
  public var remarks: [String] {
    guard validationKind == .heldOut, let validation, let all = try? data.training.classCounts(),
      let held = try? validation.classCounts()
    else { return [] }
    var remarks: [String] = []
    let count = data.training.count
    if validation.count != Int((Double(count) * recipe.validationFraction).rounded()) {
      remarks.append(
        "\(validation.count) of \(count) pictures are held out for validation, so that each class has "
          + "some to train and to validate on")
    }
    let missing = all.keys.filter { held[$0] == nil }.sorted()
    guard !missing.isEmpty else { return remarks }
    let names = missing.prefix(4).map {
      start.classNames.indices.contains($0) ? "'\(start.classNames[$0])'" : "\($0)"
    }
    remarks.append(
      "\(missing.count) of \(all.count) classes have one picture, which is trained on and not "
        + "validated on: " + names.joined(separator: ", ") + (missing.count > 4 ? " …" : ""))
    return remarks
  }
}
