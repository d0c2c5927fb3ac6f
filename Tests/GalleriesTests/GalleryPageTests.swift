import Files
import Foundation
import Galleries
import TestSupport
import Testing

@Suite struct `The page of a gallery` {
  private func manifest(
    _ figures: [(FigureKind, String)], name: String = "net.safetensors", command: String = "fovea"
  ) throws -> Manifest {
    let folder = try TemporaryFolder()
    let gallery = try writer(
      folder, .adding,
      checkpoint: Manifest.Checkpoint(
        name: name, sha256: String(repeating: "ab", count: 32), network: name))
    for (kind, title) in figures {
      try gallery.add(
        figure(kind, title, layer: title), name: title,
        facts: FigureFacts(source: title, options: [title: title], seed: 1, command: command))
    }
    _ = try gallery.finish()
    return try Manifest(contentsOf: "\(folder.path)/out/gallery.json")
  }

  @Test func `no text breaks it`() throws {
    let hostile = "</script><script>alert(1)</script>\" onerror='x' & <b>\u{0}\u{8}"
    let page = galleryPage(
      of: try manifest(
        [(.filters, hostile), (.saliency, hostile)], name: hostile, command: hostile))
    #expect(!page.contains("alert(1)</script>"))
    #expect(!page.contains("<b>"))
    #expect(!page.contains("' & "))
    #expect(!page.contains("\" onerror"))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onerror=&#39;x&#39; &amp;"))
    #expect(!page.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    // The theme's script, and the page's own.
    #expect(page.split(separator: "<script>").count == 3)
  }

  @Test func `sections follow the order of kinds, each with its figures`() throws {
    let page = galleryPage(
      of: try manifest([
        (.saliency, "s1"), (.filters, "f1"), (.classModels, "c1"), (.filters, "f2"),
      ]))
    let ids = page.matches(of: /<section id="([^"]*)"/).map { String($0.1) }
    #expect(ids == ["filters", "saliency", "class-models"])
    let titles = page.matches(of: /<h3>([^<]*)</).map { String($0.1) }
    #expect(titles == ["f1", "f2", "s1", "c1"])
    for id in ids { #expect(page.contains("<a href=\"#\(id)\">")) }
  }

  @Test func `figures of the whole network come before those of layers`() throws {
    let folder = try TemporaryFolder()
    let gallery = try writer(folder, .adding)
    try gallery.add(figure(.patches, "of relu1", layer: "relu1"), name: "1", facts: facts)
    try gallery.add(figure(.patches, "overview"), name: "2", facts: facts)
    _ = try gallery.finish()
    let page = galleryPage(of: try Manifest(contentsOf: "\(folder.path)/out/gallery.json"))
    let titles = page.matches(of: /<h3>([^<]*)</).map { String($0.1) }
    #expect(titles == ["overview", "of relu1"])
  }

  /// The links of a figure's card: their addresses and texts.
  private func links(_ page: String, _ id: String) throws -> [String] {
    let cards = page.split(separator: "<figure ")
    let card = try #require(cards.first { $0.contains("id=\"fig=\(id)\"") })
    return card.matches(of: /<a href="(#fig=[^"]*)" title="[^"]*">([^<]*)</).map {
      "\($0.1) \($0.2)"
    }
  }

  /// Adds figures of units to a gallery, which the first call makes.
  private func add(_ figures: [(String, TestFigure)], to folder: TemporaryFolder) throws -> String {
    let gallery = try GalleryWriter(
      folder: folder["/out"],
      checkpoint: .init(
        name: "net", sha256: checkpoint.sha256, classNames: ["mug", "</a><b>\"cup\""]),
      kinds: kinds, version: "1", mode: .adding,
      summary: GallerySummary(layers: [], scores: "fc"))
    for (name, test) in figures { try gallery.add(test, name: name, facts: facts) }
    _ = try gallery.finish()
    return try folder.text("out/index.html")
  }

  @Test func `units that figures show are linked with their sheets, also with later ones`() throws {
    let folder = try TemporaryFolder()
    var page = try add(
      [
        ("relu1", figure(.patches, "p1", layer: "relu1", units: [3, 1, 4])),
        ("relu<2>", figure(.patches, "p2", layer: "relu<2>", units: [1])),
        ("fc", figure(.patches, "classes", layer: "fc", units: [0, 1])),
        (
          "overview",
          figure(
            .patches, "o", units: [],
            unitsByLayer: [.init("relu1", [3, 1]), .init("relu<2>", [1]), .init("fc", [1])])
        ),
        // Of another kind, which is not linked.
        ("relu1", figure(.features, "f", layer: "relu1", units: [3, 4])),
        ("relu1-4", figure(.unit, "u4", layer: "relu1", units: [4])),
      ], to: folder)
    #expect(try links(page, "patches-relu1") == ["#fig=unit-relu1-4 unit 4"])
    #expect(try links(page, "unit-relu1-4") == ["#fig=patches-relu1 All patches of relu1"])
    for id in ["patches-relu-2", "patches-fc", "patches-overview", "features-relu1"] {
      #expect(try links(page, id) == [])
    }
    page = try add(
      [
        ("relu1-3", figure(.unit, "u3", layer: "relu1", units: [3])),
        ("relu<2>-1", figure(.unit, "u1", layer: "relu<2>", units: [1])),
        ("fc-1", figure(.unit, "cup", layer: "fc", units: [1])),
        ("other-1", figure(.unit, "alone", layer: "other", units: [1])),
      ], to: folder)
    #expect(
      try links(page, "patches-relu1") == ["#fig=unit-relu1-3 unit 3", "#fig=unit-relu1-4 unit 4"])
    let cup = "&lt;/a&gt;&lt;b&gt;&quot;cup&quot;"
    #expect(
      try links(page, "patches-overview") == [
        "#fig=unit-relu1-3 relu1:3", "#fig=unit-relu-2-1 relu&lt;2&gt;:1", "#fig=unit-fc-1 \(cup)",
      ])
    #expect(try links(page, "patches-fc") == ["#fig=unit-fc-1 \(cup)"])
    #expect(
      try links(page, "unit-relu-2-1") == ["#fig=patches-relu-2 All patches of relu&lt;2&gt;"])
    #expect(try links(page, "unit-other-1") == [])
    // Each address is that of a card.
    for link in page.matches(of: /href="#(fig=[^"]*)"/) {
      #expect(page.contains("<figure class=\"card\" id=\"\(link.1)\""))
    }
    let ids = page.matches(of: /\sid="([^"]*)"/).map { String($0.1) }
    #expect(Set(ids).count == ids.count)
  }

  @Test func `it needs nothing but its pictures`() throws {
    let page = galleryPage(of: try manifest([(.filters, "a")]))
    let addresses = page.matches(of: /(?:src|href)="([^"#][^"]*)"/).map { String($0.1) }
    #expect(!addresses.isEmpty)
    for address in addresses {
      #expect(address.hasPrefix("./") || address.hasPrefix("data:"), "\(address)")
    }
    #expect(!page.contains("@import") && !page.contains("url(") && !page.contains("fetch("))
  }

  @Test func `pictures have a size, an alternative and their command`() throws {
    let manifest = try manifest([(.features, "maps")], command: "fovea features 'a b'")
    let record = manifest.figures[0]
    let page = galleryPage(of: manifest)
    #expect(
      page.contains(
        "<img src=\"./features-maps_thumbnail.jpg\" width=\"320\" height=\"200\" "
          + "alt=\"maps. of a test. Units 1 and 2. In the figure: body of maps.\" loading=\"lazy\"")
    )
    #expect(
      page.contains(
        "<img class=\"printed\" src=\"./features-maps.png\" width=\"\(record.width)\" "
          + "height=\"\(record.height)\""))
    #expect(page.contains("<figure class=\"card\" id=\"fig=features-maps\""))
    #expect(page.contains("<pre>fovea features &#39;a b&#39;</pre>"))
  }

  @Test func `tags are balanced`() throws {
    let page = galleryPage(of: try manifest([(.filters, "a"), (.curves, "b")]))
    let body = try #require(page.split(separator: "<body>").last)
    for tag in [
      "section", "figure", "div", "p", "button", "dialog", "main", "nav", "a", "dl", "details",
      "form", "label", "select", "option",
    ] {
      let opened = body.matches(of: try Regex("<\(tag)[ >]")).count
      let closed = body.matches(of: try Regex("</\(tag)>")).count
      #expect(opened == closed, "\(tag): \(opened) opened, \(closed) closed")
    }
  }

  @Test func `an empty gallery and unknown kinds have a page`() throws {
    #expect(galleryPage(of: Manifest(version: "1", checkpoint: checkpoint)).contains("no figures"))
    let text = String(
      decoding: try JSONEncoder().encode(try manifest([(.filters, "a")])), as: UTF8.self)
    let later = text.replacing("\"kind\":\"filters\"", with: "\"kind\":\"evolution <2>\"")
    let manifest = try JSONDecoder().decode(Manifest.self, from: Data(later.utf8))
    #expect(
      galleryPage(of: manifest).contains("<h2 id=\"kind-7-heading\">evolution &lt;2&gt;</h2>"))
  }
}
