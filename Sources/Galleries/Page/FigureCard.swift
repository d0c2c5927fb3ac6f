internal import Drawing
internal import Files

/// One figure on the page: a link to the picture with its thumbnail, and, hidden, what the large
/// view shows beside it.
func figureCard(_ record: FigureRecord, _ index: PageIndex, unitsHeading: String) -> String {
  // What the title says already is not said again.
  let place = [record.layer, record.source, record.method].compactMap(\.self)
    .map { abbreviated($0) }.filter { !$0.isEmpty && !record.title.contains($0) }
    .joined(separator: " · ")
  let file = address(ofFile: record.file)
  let shown =
    record.thumbnail.map {
      "<img src=\"\(address(ofFile: $0))\" width=\"\(Int(CaptionedFigure.thumbnailSize.width))\" "
        + "height=\"\(Int(CaptionedFigure.thumbnailSize.height))\""
    } ?? "<img class=\"whole\" src=\"\(file)\""
  let alternative = escaped(record.alternative ?? fallback(record))
  return """
    <figure class="card" id="fig=\(escaped(identifier(of: record)))"\(attributes(record, index))>
    <a class="paper" href="\(file)">\
    \(shown) alt="\(alternative)" loading="lazy" decoding="async"></a>
    <img class="printed" src="\(file)" width="\(record.width)" height="\(record.height)" \
    alt="" loading="lazy" decoding="async">
    <figcaption>
    <h3>\(escaped(record.title))</h3>
    \(place.isEmpty ? "" : "<p class=\"place\">\(escaped(place))</p>")
    \(answers(record, most: 3, isBrief: true))\(links(from: record, index))
    </figcaption>
    <div class="details" hidden>
    <p class="caption">\(escaped(record.caption))</p>
    \(answers(record, most: 6))\
    \(record.trueClass.map { "<p class=\"label\">Labelled \(escaped(abbreviated($0)))</p>" } ?? "")
    \(facts(record, unitsHeading))
    <p class="made">Made by</p><pre>\(escaped(record.command))</pre>
    </div>
    </figure>
    """
}

/// What its address ends with: `#fig=` and the file's name without the extension.
func identifier(of record: FigureRecord) -> String {
  record.file.hasSuffix(".png") ? String(record.file.dropLast(4)) : record.file
}

/// Links to what else the page shows of its units, which the large view repeats.
private func links(from record: FigureRecord, _ index: PageIndex) -> String {
  let related = index.related(to: record)
  guard !related.isEmpty else { return "" }
  let list = related.map { figure in
    "<a href=\"\(address(of: figure.record))\" title=\"\(escaped(abbreviated(figure.title)))\">"
      + "\(escaped(figure.text))</a>"
  }
  return "<p class=\"related\"><span>See</span> \(list.joined(separator: " "))</p>"
}

private func attributes(_ record: FigureRecord, _ index: PageIndex) -> String {
  let values: [(String, String?)] = [
    ("layer", index.layer(of: record).map(String.init)),
    ("picture", index.picture(of: record).map(String.init)),
    ("classes", index.classes(of: record).map(String.init).joined(separator: " ")),
    ("units", record.units.map(String.init).joined(separator: " ")),
    ("width", "\(record.width)"), ("height", "\(record.height)"),
    ("theme", (record.theme ?? .light).rawValue),
  ]
  return values.map { name, value in
    value.flatMap { $0.isEmpty ? nil : " data-\(name)=\"\($0)\"" } ?? ""
  }.joined()
}

/// For figures of earlier versions.
private func fallback(_ record: FigureRecord) -> String {
  [
    record.title, record.layer.map { "layer \(abbreviated($0))" },
    record.source.map { abbreviated($0) },
  ]
  .compactMap(\.self).joined(separator: ", ")
}

/// - Parameter isBrief: Whether names end at their first comma, before their synonyms.
private func answers(_ record: FigureRecord, most: Int, isBrief: Bool = false) -> String {
  guard let predictions = record.predictions, !predictions.isEmpty else { return "" }
  let explained = record.options["class"]
  let items = predictions.prefix(most).map { answer in
    let synonym = answer.name.split(separator: ",").first.map(String.init) ?? answer.name
    // A score that no function makes a probability has no bar.
    let share = answer.probability.map { Double(min(max($0, 0), 1)) }
    return """
      <li\(answer.name == explained ? " class=\"explained\"" : "") \
      style="--share:\(Int((100 * (share ?? 0)).rounded()))%" \
      title="\(escaped("\(abbreviated(answer.name)): score \(numberText(Double(answer.score)))"))">\
      <span>\(escaped(abbreviated(isBrief ? synonym : answer.name)))</span>\
      <span class="score">\(escaped(answer.strength))</span></li>
      """
  }
  return "<ol class=\"answers\" aria-label=\"The network's answers\">\(items.joined())</ol>"
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
    .map { "<dt>\(escaped($0.0))</dt><dd>\(escaped($0.1))</dd>" }.joined()
  let arrays =
    record.arrays.map {
      "<dt>Arrays</dt><dd><a href=\"\(address(ofFile: $0))\">\(escaped($0))</a></dd>"
    } ?? ""
  let formats = (record.otherFormats ?? []).map { name in
    let format = name.split(separator: ".").last.map { $0.uppercased() } ?? name
    return "<a href=\"\(address(ofFile: name))\" download>\(escaped(format))</a>"
  }
  let downloads =
    formats.isEmpty ? "" : "<dt>Also as</dt><dd>\(formats.joined(separator: ", "))</dd>"
  return "<dl>\(list)\(downloads)\(arrays)</dl>"
}
