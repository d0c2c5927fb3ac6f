internal import Files

/// What figures can be found by, as numbered lists: the page's menus have the texts, and its cards
/// only the numbers.
struct PageIndex {
  /// In the order in which they are computed.
  let layers: [String]
  let pictures: [String]
  let classes: [String]
  private let numbers: (layers: [String: Int], pictures: [String: Int], classes: [String: Int])
  private let classNames: [String]
  private let scores: String?
  private let kinds: [FigureKind]

  init(_ manifest: Manifest, _ kinds: [FigureKind]) {
    self.kinds = kinds
    classNames = manifest.checkpoint.classNames ?? []
    scores = manifest.scores
    let figures = manifest.figures
    let shown = distinct(figures.compactMap(\.layer))
    let known = (manifest.layers ?? []).map(\.name)
    let own = Set(shown)
    let places = Set(known)
    layers = distinct(known.filter(own.contains) + shown.filter { !places.contains($0) })
    pictures = distinct(figures.compactMap(\.source))
    let names = (classNames, scores)
    classes = distinct(figures.flatMap { Self.classes(of: $0, names, kinds) }).sorted {
      $0.lowercased() < $1.lowercased()
    }
    numbers = (numbering(layers), numbering(pictures), numbering(classes))
  }

  func layer(of record: FigureRecord) -> Int? { record.layer.flatMap { numbers.layers[$0] } }

  func layer(named name: String) -> Int? { numbers.layers[name] }

  func picture(of record: FigureRecord) -> Int? { record.source.flatMap { numbers.pictures[$0] } }

  func classes(of record: FigureRecord) -> [Int] {
    Self.classes(of: record, (classNames, scores), kinds).compactMap { numbers.classes[$0] }
  }

  /// The classes that a figure is about: those it explains or shows as units, the network's first
  /// answer, and the picture's own class.
  private static func classes(
    of record: FigureRecord, _ names: (all: [String], scores: String?), _ kinds: [FigureKind]
  ) -> [String] {
    let kind = kinds.first { $0.name == record.kind }
    let showsClasses =
      kind?.unitsHeading == "Classes" || record.layer != nil && record.layer == names.scores
    let units = showsClasses ? record.units : []
    let shown = units.map { names.all.indices.contains($0) ? names.all[$0] : "class \($0)" }
    return distinct(
      shown
        + [record.options["class"], record.trueClass, record.predictions?.first?.name]
        .compactMap(\.self))
  }
}

private func distinct(_ names: [String]) -> [String] {
  var seen = Set<String>()
  return names.filter { seen.insert($0).inserted }
}

private func numbering(_ names: [String]) -> [String: Int] {
  Dictionary(zip(names, names.indices)) { first, _ in first }
}
