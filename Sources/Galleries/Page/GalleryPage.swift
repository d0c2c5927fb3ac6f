internal import Drawing
internal import Files

/// The gallery as one page that needs no server and nothing beside it but the pictures.
///
/// - Parameter kinds: In the order of their sections; figures of other kinds come last.
public func galleryPage(of manifest: Manifest, kinds: [FigureKind]) -> String {
  let sections = GallerySection.all(of: manifest.figures, kinds)
  let name = escaped(manifest.checkpoint.name)
  return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="generator" content="\(escaped("\(manifest.program) \(manifest.version)"))">
    <title>\(name) – Fovea gallery</title>
    <link rel="icon" href="data:image/svg+xml,\(pageIcon)">
    <style>
    \(pageStyle)
    </style>
    <script>
    \(pageThemeScript)
    </script>
    </head>
    <body>
    <a class="skip" href="#figures">Skip to the figures</a>
    \(header(manifest))
    \(navigation(sections))
    <main id="figures">
    \(sections.map(section).joined(separator: "\n"))
    \(sections.isEmpty ? "<p class=\"empty\">This gallery has no figures.</p>" : "")
    </main>
    <footer>Made by \(escaped("\(manifest.program) \(manifest.version)")). \
    Every picture carries its facts in its own text chunks; \
    <a href="./gallery.json">gallery.json</a> lists them all.</footer>
    \(lightbox)
    <script>
    \(pageScript)
    </script>
    </body>
    </html>

    """
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

private func header(_ manifest: Manifest) -> String {
  let checkpoint = manifest.checkpoint
  let count = manifest.figures.count
  let lines =
    [checkpoint.network, manifest.accuracy.map { "A\($0.summary.dropFirst())" }].compactMap(\.self)
    + (manifest.warnings ?? []).map { "Warning: \($0)" }
  let network = lines.map { "<p class=\"network\">\(escaped($0))</p>" }.joined(separator: "\n")
  return """
    <header>
    <p class="brand">\(pageMark)Fovea gallery</p>
    <h1>\(escaped(checkpoint.name))</h1>
    \(network)
    <ul class="chips">
    <li>\(counted(count, "figure"))</li>
    <li><button type="button" class="chip copy" data-copy="\(escaped(checkpoint.sha256))" \
    title="SHA-256 of the checkpoint: \(escaped(checkpoint.sha256)). Click to copy.">\
    SHA-256 <code>\(escaped(String(checkpoint.sha256.prefix(12))))…</code></button></li>
    </ul>
    </header>
    """
}

private func navigation(_ sections: [GallerySection]) -> String {
  let links = sections.map { section in
    "<a href=\"#\(section.id)\">\(escaped(section.heading))"
      + "<span class=\"count\">\(section.figures.count)</span></a>"
  }
  return """
    <nav aria-label="Kinds of figures"><div class="bar">
    <div class="links">\(links.joined())</div>
    <button type="button" class="theme" id="theme" aria-label="Switch between light and dark" \
    title="Light or dark">\(pageThemeIcon)</button>
    </div></nav>
    """
}

private func section(_ section: GallerySection) -> String {
  """
  <section id="\(section.id)" aria-labelledby="\(section.id)-heading">
  <h2 id="\(section.id)-heading">\(escaped(section.heading))</h2>
  <p class="explanation">\(escaped(section.explanation))</p>
  <div class="wall">
  \(section.figures.enumerated().map { index, record in
    card(record, isLazy: index >= eagerFigures, unitsHeading: section.unitsHeading)
  }.joined(separator: "\n"))
  </div>
  </section>
  """
}

/// How many figures of a section are loaded at once, whether or not they are in view; of a long
/// section the others wait.
private let eagerFigures = 12

private func card(
  _ record: FigureRecord, isLazy: Bool, unitsHeading: String
) -> String {
  let ratio = Double(max(1, record.width)) / Double(max(1, record.height))
  // Very long and very tall figures keep a readable share of a row.
  let share = fixed(min(max(ratio, 0.6), 4))
  let place = [record.layer, record.source, record.method].compactMap(\.self)
    .filter { !$0.isEmpty }.map { abbreviated($0) }.joined(separator: " · ")
  return """
    <figure class="card" style="--share:\(share)">
    <a class="paper" href="\(address(ofFile: record.file))">\
    <img src="\(address(ofFile: record.file))" width="\(record.width)" height="\(record.height)" \
    alt="\(escaped(alternative(record)))"\(isLazy ? " loading=\"lazy\"" : "")></a>
    <figcaption>
    <h3>\(escaped(record.title))</h3>
    \(place.isEmpty ? "" : "<p class=\"place\">\(escaped(place))</p>")
    <p class="caption">\(escaped(record.caption))</p>
    <div class="facts" hidden>\(facts(record, unitsHeading))</div>
    <pre class="command" hidden>\(escaped(record.command))</pre>
    </figcaption>
    </figure>
    """
}

/// What the picture shows, for those who do not see it.
private func alternative(_ record: FigureRecord) -> String {
  let layer = record.layer.map { ", layer \(abbreviated($0))" } ?? ""
  let source = record.source.map { ", \(abbreviated($0))" } ?? ""
  return "\(record.title)\(layer)\(source)"
}

private func facts(_ record: FigureRecord, _ unitsHeading: String) -> String {
  let units =
    record.units.count > 24
    ? record.units.prefix(24).map(String.init).joined(separator: ", ") + ", …"
    : record.units.map(String.init).joined(separator: ", ")
  let options = record.options.sorted { $0.key < $1.key }.map {
    "\($0.key) \(abbreviated($0.value))"
  }
  let rows: [(String, String)] = [
    ("Layer", abbreviated(record.layer ?? "")),
    (unitsHeading, units),
    ("Source", abbreviated(record.source ?? "")), ("Method", record.method ?? ""),
    ("Options", options.joined(separator: ", ")), ("Seed", record.seed.map(String.init) ?? ""),
    ("Scale", record.scale), ("Size", "\(record.width)×\(record.height) pixels"),
  ]
  let list = rows.filter { !$0.1.isEmpty }
    .map { "<dt>\($0.0)</dt><dd>\(escaped($0.1))</dd>" }.joined()
  let arrays =
    record.arrays.map {
      "<dt>Arrays</dt><dd><a href=\"\(address(ofFile: $0))\">\(escaped($0))</a></dd>"
    } ?? ""
  return "<dl>\(list)\(arrays)</dl>"
}

/// A number for CSS with three decimals.
private func fixed(_ value: Double) -> String {
  let thousandths = Int((1000 * value).rounded())
  let fraction = String(thousandths % 1000)
  return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
}

private let lightbox = """
  <dialog id="large" aria-labelledby="large-title">
  <div class="tools">
  <span id="large-place" class="position" aria-live="polite"></span>
  <button type="button" id="large-zoom" aria-pressed="false" title="Fit or 100 % (Z)">100 %</button>
  <a id="large-file" class="button" download title="Save the picture">Save</a>
  <button type="button" id="large-previous" aria-label="Previous figure" title="Previous (←)">‹</button>
  <button type="button" id="large-next" aria-label="Next figure" title="Next (→)">›</button>
  <button type="button" id="large-close" aria-label="Close" title="Close (Esc)">×</button>
  </div>
  <div class="stage" id="large-stage" tabindex="0" aria-label="The figure, scrollable at 100 %">\
  <img id="large-image" alt=""></div>
  <div class="panel">
  <h2 id="large-title"></h2>
  <p id="large-caption"></p>
  <div id="large-facts"></div>
  <p class="label">Made by</p>
  <div class="made"><pre id="large-command"></pre>
  <button type="button" id="large-copy" class="copy">Copy</button></div>
  </div>
  </dialog>
  """
