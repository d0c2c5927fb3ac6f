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
      galleryPage(of: manifest).contains("<h2 id=\"kind-6-heading\">evolution &lt;2&gt;</h2>"))
  }
}
