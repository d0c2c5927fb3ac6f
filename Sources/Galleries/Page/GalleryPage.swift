internal import Drawing
internal import Files

/// The gallery as one page that needs no server and nothing beside it but the pictures.
///
/// Its template, style sheet and scripts are in `Resources`. Names from files are only ever text:
/// they are escaped here, the script moves them as text, and the page's security policy runs no
/// script but its own.
///
/// - Parameter kinds: In the order of their sections; figures of other kinds come last.
public func galleryPage(of manifest: Manifest, kinds: [FigureKind]) -> String {
  let sections = GallerySection.all(of: manifest.figures, kinds)
  let index = PageIndex(manifest, kinds)
  let figures = sections.map { section($0, index) }.joined(separator: "\n")
  let isDark = !manifest.figures.isEmpty && manifest.figures.allSatisfy { $0.theme == .dark }
  return PageTemplate(text: PageFiles.template).filled(with: [
    "theme": isDark ? " data-theme=\"dark\"" : "",
    "script hashes": [PageFiles.earlyScript, PageFiles.script].map(policyHash)
      .joined(separator: " "),
    "program": escaped("\(manifest.program) \(manifest.version)"),
    "name": escaped(manifest.checkpoint.name), "style": PageFiles.style,
    "early script": PageFiles.earlyScript, "script": PageFiles.script,
    "what": manifest.comparison != nil
      ? "comparison" : manifest.evolution != nil ? "evolution" : "gallery",
    "network": manifest.comparison.map { comparisonOverview($0, manifest) }
      ?? manifest.evolution.map { evolutionOverview($0, manifest) }
      ?? networkOverview(manifest, index),
    "filters": menus(manifest, index),
    "links": sections.map(link).joined(),
    "sections": sections.isEmpty
      ? "<p class=\"empty\">This gallery has no figures.</p>" : figures,
  ])
}

/// The figures of one kind.
private struct GallerySection {
  let id: String
  let heading: String
  let explanation: String
  let unitsHeading: String
  let figures: [FigureRecord]

  /// In the order of the kinds, unknown ones last.
  static func all(of figures: [FigureRecord], _ kinds: [FigureKind]) -> [GallerySection] {
    let known = kinds.map(\.name)
    let others = figures.map(\.kind).filter { !known.contains($0) }
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return (known + others).enumerated().compactMap { index, name in
      let all = figures.filter { $0.kind == name }
      // If figures show layers, those of the whole network open the section.
      let own =
        all.contains { $0.layer != nil }
        ? all.filter { $0.layer == nil } + all.filter { $0.layer != nil } : all
      guard !own.isEmpty else { return nil }
      let kind = kinds.first { $0.name == name }
      return GallerySection(
        id: kind?.name ?? "kind-\(index)", heading: kind?.heading ?? name,
        explanation: kind?.explanation ?? "", unitsHeading: kind?.unitsHeading ?? "Units",
        figures: own)
    }
  }
}

private func link(_ section: GallerySection) -> String {
  "<a href=\"#\(section.id)\">\(escaped(section.heading))"
    + "<span class=\"count\">\(section.figures.count)</span></a>"
}

private func section(_ section: GallerySection, _ index: PageIndex) -> String {
  """
  <section id="\(section.id)" aria-labelledby="\(section.id)-heading">
  <h2 id="\(section.id)-heading">\(escaped(section.heading))</h2>
  <p class="explanation">\(escaped(section.explanation))</p>
  <div class="wall">
  \(section.figures.map { figureCard($0, index, unitsHeading: section.unitsHeading) }
    .joined(separator: "\n"))
  </div>
  </section>
  """
}

/// Menus of layers, classes and pictures; a list with a single entry needs none, except that of
/// layers, by which figures are grouped.
private func menus(_ manifest: Manifest, _ index: PageIndex) -> String {
  func menu(_ name: String, _ id: String, _ options: [(text: String, facts: String)]) -> String {
    let list = options.enumerated().map { number, option in
      let facts = option.facts.isEmpty ? "" : " data-facts=\"\(escaped(option.facts))\""
      return "<option value=\"\(number)\"\(facts)>\(escaped(abbreviated(option.text)))</option>"
    }
    return """
      <label><span>\(name)</span><select id="\(id)"><option value="">All</option>\
      \(list.joined())</select></label>
      """
  }
  let records = Dictionary((manifest.layers ?? []).map { ($0.name, $0) }) { first, _ in first }
  var menus: [String] = []
  if !index.layers.isEmpty {
    menus.append(
      menu("Layer", "layer", index.layers.map { ($0, records[$0].map { facts(of: $0) } ?? "") }))
  }
  if index.classes.count > 1 {
    menus.append(menu("Class", "class", index.classes.map { ($0, "") }))
  }
  if index.pictures.count > 1 {
    menus.append(menu("Picture", "picture", index.pictures.map { ($0, "") }))
  }
  return menus.joined(separator: "\n")
}
