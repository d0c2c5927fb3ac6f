internal import Analysis
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
  private let sheets: [LayerUnit: FigureRecord]
  /// By layer.
  private let surveys: [String: [FigureRecord]]

  init(_ manifest: Manifest, _ kinds: [FigureKind]) {
    self.kinds = kinds
    classNames = manifest.checkpoint.classNames ?? []
    scores = manifest.scores
    let figures = manifest.figures
    func linked(as links: FigureKind.UnitLinks) -> [FigureRecord] {
      let own = Set(kinds.filter { $0.unitLinks == links }.map(\.name))
      return figures.filter { own.contains($0.kind) }
    }
    sheets = Dictionary(
      linked(as: .sheet).flatMap { figure in figure.shownUnits.map { ($0, figure) } }
    ) { first, _ in first }
    surveys = Dictionary(
      grouping: linked(as: .survey).filter { $0.layer != nil }, by: { $0.layer ?? "" })
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

  /// What else the page shows of a figure's units, with a few words for each: of a survey, the
  /// sheets of its units; of a sheet, the surveys of its layer.
  func related(to record: FigureRecord) -> [RelatedFigure] {
    guard let kind = kinds.first(where: { $0.name == record.kind }) else { return [] }
    switch kind.unitLinks {
    case nil: return []
    case .survey:
      return record.shownUnits.compactMap { unit in
        sheets[unit].map {
          RelatedFigure(
            $0, text: name(of: unit, isInLayer: record.layer != nil), title: $0.title)
        }
      }
    case .sheet:
      return record.shownUnits.flatMap { surveys[$0.layer] ?? [] }.map { survey in
        let kind = kinds.first { $0.name == survey.kind }
        let layer = abbreviated(survey.layer ?? "", to: 40)
        return RelatedFigure(
          survey, text: "\(kind?.heading ?? survey.kind) of \(layer)", title: survey.title)
      }
    }
  }

  /// - Parameter isInLayer: Whether the layer is clear from where the name stands.
  private func name(of unit: LayerUnit, isInLayer: Bool) -> String {
    if unit.layer == scores, classNames.indices.contains(unit.unit) {
      return abbreviated(classNames[unit.unit], to: 40)
    }
    return isInLayer ? "unit \(unit.unit)" : "\(abbreviated(unit.layer, to: 40)):\(unit.unit)"
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

/// A figure to which another one links.
struct RelatedFigure {
  let record: FigureRecord
  /// What the link says.
  let text: String
  /// What it says at length.
  let title: String

  init(_ record: FigureRecord, text: String, title: String) {
    (self.record, self.text, self.title) = (record, text, title)
  }
}
