internal import Drawing
internal import Files

/// What the page says about the network: one line, then its layers beside accuracy and warnings.
func networkOverview(_ manifest: Manifest, _ index: PageIndex) -> String {
  let checkpoint = manifest.checkpoint
  let line = """
    <p class="network">\(escaped(checkpoint.network ?? "")) \
    <button type="button" class="chip copy" data-copy="\(escaped(checkpoint.sha256))" \
    title="SHA-256 of the checkpoint: \(escaped(checkpoint.sha256)). Click to copy.">\
    SHA-256 \(escaped(String(checkpoint.sha256.prefix(12))))…</button></p>
    """
  let notes = notes(manifest)
  let table = layerTable(manifest.layers ?? [], index)
  guard !notes.isEmpty || !table.isEmpty else { return line }
  return """
    \(line)
    <div class="overview\(notes.isEmpty || table.isEmpty ? "" : " noted")">
    \(table)\(notes)
    </div>
    """
}

private func notes(_ manifest: Manifest) -> String {
  func list(_ items: [String]) -> String {
    // Elsewhere they follow the program's name.
    items.map { "<li>\(escaped(capitalized($0)))</li>" }
      .joined(separator: "\n")
  }
  let warnings = manifest.warnings ?? []
  var parts: [String] = []
  if let accuracy = manifest.accuracy {
    parts.append("<p>\(escaped(capitalized(accuracy.summary))).</p>")
  }
  if !warnings.isEmpty {
    parts.append(
      "<div class=\"warnings\"><h2>\(warnings.count == 1 ? "Warning" : "Warnings")</h2>"
        + "<ul>\(list(warnings))</ul></div>")
  }
  return parts.isEmpty ? "" : "<aside class=\"notes\">\(parts.joined())</aside>"
}

private func capitalized(_ text: String) -> String {
  text.prefix(1).uppercased() + text.dropFirst()
}

/// More rows than this would make the page slow; `fovea inspect` lists them all.
private let mostRows = 2000

private func layerTable(_ layers: [LayerRecord], _ index: PageIndex) -> String {
  guard !layers.isEmpty else { return "" }
  let isOwn = layers.map { $0.gallery != nil || index.layer(named: $0.name) != nil }
  let showsAll = !isOwn.contains(true)
  let rows = zip(layers, isOwn).prefix(mostRows).map { layer, isOwn in
    row(layer, isOwn: isOwn || showsAll, index.layer(named: layer.name))
  }
  let others = showsAll ? 0 : isOwn.count { !$0 }
  let (parameters, multiplyAdds) = layers.reduce((0, 0)) {
    ($0.0 + $1.parameters, $0.1 + $1.multiplyAdds)
  }
  let left = layers.count - mostRows
  let more = "Show all \(countText(layers.count)) layers"
  let button =
    others == 0
    ? ""
    : """
    <button type="button" id="all-layers" aria-expanded="false" aria-controls="layers" \
    data-more="\(more)" data-less="Show the layers of the gallery">\(more)</button>
    """
  return """
    <div>
    <div class="structure" id="layers" tabindex="0" role="region" aria-label="Layers">
    <table>
    <thead><tr><th scope="col">Layer</th><th scope="col">Type</th>\
    <th scope="col" class="number">Output</th><th scope="col" class="number">Parameters</th>\
    <th scope="col" class="number">Receptive field</th></tr></thead>
    <tbody>
    \(rows.joined(separator: "\n"))
    </tbody>
    </table>
    </div>
    <p class="below"><span>\(counted(layers.count, "layer")), \
    \(counted(parameters, "parameter")), \(magnitude(multiplyAdds)) multiply-adds per picture\
    \(left > 0 ? "; fovea inspect lists the other \(countText(left))" : "")</span>\(button)</p>
    </div>
    """
}

private func row(_ layer: LayerRecord, isOwn: Bool, _ number: Int?) -> String {
  let name = escaped(abbreviated(layer.name))
  let link = number.map { "<a href=\"#figures\" data-show-layer=\"\($0)\">\(name)</a>" } ?? name
  func cell(_ text: String, _ unit: String) -> String {
    "<td class=\"number\" data-unit=\"\(unit)\">\(text)</td>"
  }
  return """
    <tr\(isOwn ? "" : " class=\"other\"")><td>\(link)</td>\
    <td class="type">\(escaped(abbreviated(layer.kind)))</td>\
    \(cell(crossed(layer.output), ""))\
    \(cell(layer.parameters > 0 ? countText(layer.parameters) : "", " parameters"))\
    \(cell(crossed(layer.receptiveField), " field"))</tr>
    """
}

/// `1.58 G`.
private func magnitude(_ count: Int) -> String {
  for (unit, size) in [("T", 1e12), ("G", 1e9), ("M", 1e6)] where Double(count) >= size {
    return "\(numberText(Double(count) / size)) \(unit)"
  }
  return countText(count)
}

/// One line about a layer, for the heading of its figures.
func facts(of layer: LayerRecord) -> String {
  [
    abbreviated(layer.kind), layer.output.isEmpty ? "" : "output \(crossed(layer.output))",
    layer.parameters > 0 ? counted(layer.parameters, "parameter") : "",
    layer.receptiveField.isEmpty ? "" : "receptive field \(crossed(layer.receptiveField))",
  ].filter { !$0.isEmpty }.joined(separator: " · ")
}
