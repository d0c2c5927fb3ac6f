internal import Drawing

/// Which points get which colour and name.
struct PlottedClasses {
  /// What captions call the classes.
  struct Wording {
    var several = "classes"
    var sentence = "Colours are classes."
    var missing = "without a class"
    var nothing = "The pictures have no classes."
  }

  /// With more classes than this, the commonest get colours and the others are grey.
  private static let most = 12

  let indices: [Int]
  let names: [String]
  let sentence: String

  init(labels: [Int?], names: [String], count: Int, wording: Wording = Wording()) {
    let labels = (0..<count).map { $0 < labels.count ? labels[$0] : nil }
    var sizes: [Int: Int] = [:]
    for label in labels.compactMap(\.self) { sizes[label, default: 0] += 1 }
    func name(_ label: Int) -> String { label < names.count ? names[label] : "class \(label)" }
    guard !sizes.isEmpty else {
      (indices, self.names) = (Array(repeating: 0, count: count), [])
      sentence = wording.nothing
      return
    }
    // The last of the colours is grey.
    let most = Self.most - 1
    let isComplete = !labels.contains(nil)
    if sizes.count <= most || isComplete && sizes.count == most + 1 {
      let order = sizes.keys.sorted()
      let rest = isComplete ? [] : [wording.missing]
      let places = Dictionary(uniqueKeysWithValues: zip(order, order.indices))
      indices = labels.map { label in label.flatMap { places[$0] } ?? order.count }
      self.names = order.map(name) + rest
      sentence = wording.sentence
      return
    }
    let commonest = sizes.keys.sorted { (-(sizes[$0] ?? 0), $0) < (-(sizes[$1] ?? 0), $1) }
      .prefix(most)
    let places = Dictionary(uniqueKeysWithValues: zip(commonest, commonest.indices))
    indices = labels.map { label in label.flatMap { places[$0] } ?? most }
    self.names = commonest.map(name) + ["\(countText(sizes.count - most)) others"]
    sentence =
      "Of \(countText(sizes.count)) \(wording.several) the \(most) most common have colours; the "
      + "others are grey."
  }
}
