import Files
import Foundation
import Galleries
import TestSupport
import Testing

/// What a reader does with the page, in a browser: on a laptop and on a phone, light and dark.
@Suite(.enabled(if: Browser.isPresent, "\(Browser.skipMessage)"), .serialized, .slow)
struct `The page in a browser` {
  static let screens = [
    Browser.Screen("laptop", width: 1280, height: 800, isDark: false),
    Browser.Screen("laptop", width: 1280, height: 800, isDark: true),
    Browser.Screen("phone", width: 390, height: 844, isDark: false),
    Browser.Screen("phone", width: 390, height: 844, isDark: true),
  ]
  static let laptop = screens[0]

  /// Names that would do harm if any of them were read as markup, as a script or as an address.
  private static let hostile = [
    "<script>window.harmed = 1</script>", "\"><img src=x onerror='window.harmed = 1'>",
    "javascript:window.harmed=1", "{{script}}</style>'\"&amp;",
    String(repeating: "block.very-long-name.", count: 30),
  ]

  /// A gallery of 24 figures with every kind of fact, in which each name is hostile.
  private func gallery() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let names = Self.hostile
    let layers = names.map {
      LayerRecord(
        name: $0, kind: $0, inputs: ["input"], output: [64, 112, 112], parameters: 9472,
        multiplyAdds: 1_000_000_000, receptiveField: [7, 7], stride: [2, 2], offset: [-3, -3],
        gallery: nil)
    }
    let gallery = try GalleryWriter(
      folder: "\(folder.path)/out",
      checkpoint: .init(
        name: names[0], sha256: String(repeating: "ab", count: 32), network: names[1],
        classNames: names),
      kinds: kinds, version: "1", mode: .adding,
      summary: GallerySummary(
        layers: layers, scores: names[2], accuracy: .init(source: names[0], pictures: 9, top1: 0.5),
        warnings: names))
    for index in 0..<24 {
      let name = names[index % names.count]
      let kind = [FigureKind.filters, .patches, .saliency][index % 3]
      let test = figure(kind, "number\(index)x of \(name)", layer: kind == .saliency ? nil : name)
      try gallery.add(
        test, name: "\(index)",
        facts: FigureFacts(
          source: "\(name)\(index).png", options: ["class": name, name: name], seed: 1,
          command: "fovea \(name)", trueClass: name,
          predictions: kind != .saliency
            ? nil
            : names.indices.map {
              PredictionRecord(
                classIndex: $0, name: names[$0], score: Float(9 - $0), probability: 0.2)
            }))
    }
    _ = try gallery.finish()
    return folder
  }

  private func address(_ folder: TemporaryFolder, _ end: String = "") -> String {
    URL(filePath: "\(folder.path)/out/index.html").absoluteString + end
  }

  private let fits = "document.scrollingElement.scrollWidth <= innerWidth"
  private let openCard = "document.getElementById('large').open"

  @Test(arguments: screens)
  func `has no errors, no sideways scrolling and no harm`(screen: Browser.Screen) throws {
    let folder = try gallery()
    let browser = try Browser()
    try browser.open(address(folder), on: screen)
    #expect(try browser.isTrue(fits))
    try browser.evaluate("document.getElementById('all-layers')?.click()")
    #expect(try browser.isTrue(fits))
    for group in ["layer", "kind"] {
      try browser.evaluate("document.querySelector('[value=\(group)]').click()")
      #expect(try browser.isTrue(fits), "grouped by \(group)")
      #expect(try browser.number("document.querySelectorAll('main .card').length") == 24)
    }
    // All pictures are there once they are scrolled to.
    try browser.evaluate(
      "document.querySelectorAll('.paper img').forEach((image) => { image.loading = 'eager' })")
    try browser.wait(
      until: "[...document.querySelectorAll('.paper img')].every((image) => image.complete)")
    #expect(
      try browser.isTrue(
        "[...document.querySelectorAll('.paper img')].every((image) => image.naturalWidth > 0)"))
    try browser.evaluate("document.querySelector('.paper').click()")
    #expect(try browser.isTrue(openCard))
    #expect(try browser.isTrue("document.getElementById('large').scrollWidth <= innerWidth"))
    let panel = "document.getElementById('large-panel')"
    #expect(try browser.isTrue("\(panel).scrollWidth <= \(panel).clientWidth"))
    try browser.wait(until: "document.getElementById('large-image').naturalWidth > 0")
    // On a phone the caption is folded; saving is possible everywhere.
    let isPhone = screen.width < 600
    #expect(try browser.isTrue("document.getElementById('large-more').open") == !isPhone)
    #expect(try browser.isTrue("document.getElementById('large-file').checkVisibility()"))
    #expect(try browser.text("document.title").contains(Self.hostile[0]))
    #expect(try browser.text("typeof window.harmed") == "undefined")
    #expect(browser.complaints == [])
  }

  @Test(arguments: screens)
  func `follows the theme of the system`(screen: Browser.Screen) throws {
    let folder = try gallery()
    let browser = try Browser()
    try browser.open(address(folder), on: screen)
    let ground = try browser.text("getComputedStyle(document.body).backgroundColor")
    #expect(ground == (screen.isDark ? "rgb(16, 18, 21)" : "rgb(246, 247, 249)"))
    let sheet = "getComputedStyle(document.querySelector('.paper')).filter"
    #expect(try browser.text(sheet) == (screen.isDark ? "brightness(0.8)" : "none"))
    try browser.evaluate("document.getElementById('theme').click()")
    #expect(try browser.text(sheet) == (screen.isDark ? "none" : "brightness(0.8)"))
  }

  @Test func `can be used with the keyboard alone`() throws {
    let folder = try gallery()
    let browser = try Browser()
    try browser.open(address(folder), on: Self.laptop)
    try browser.press("Tab")
    #expect(try browser.text("document.activeElement.className") == "skip")
    try browser.press("Enter")
    let focus = "document.activeElement.closest('.card')?.id ?? ''"
    try browser.press("Tab")
    #expect(try browser.text(focus) == "fig=filters-0")
    try browser.press("Tab")
    try browser.press("Enter")
    #expect(try browser.isTrue(openCard))
    #expect(try browser.text("location.hash") == "#fig=filters-3")
    try browser.press("ArrowRight")
    #expect(try browser.text("location.hash") == "#fig=filters-6")
    try browser.press("z")
    #expect(try browser.isTrue("document.getElementById('large-stage').matches('.full')"))
    try browser.press("End")
    #expect(try browser.text("location.hash") == "#fig=saliency-23")
    try browser.press("Escape")
    try browser.wait(until: "!\(openCard) && location.hash === '#figures'")
    try browser.wait(until: "(\(focus)) === 'fig=saliency-23'")

    try browser.press("/")
    try browser.type("number7x of")
    let found = "document.getElementById('found').textContent"
    #expect(try browser.text(found) == "1 of 24")
    // From the search back to the switch, which arrow keys turn.
    try browser.press("Tab", isShifted: true)
    try browser.press("ArrowRight")
    #expect(try browser.text("document.forms[0].elements.group.value") == "layer")
    #expect(try browser.number("document.querySelectorAll('main section').length") == 1)
    #expect(browser.complaints == [])
  }

  @Test func `figures have addresses, and going back closes them`() throws {
    let folder = try gallery()
    let browser = try Browser()
    try browser.open(address(folder), on: Self.laptop)
    try browser.evaluate("document.getElementById('fig=patches-4').querySelector('a').click()")
    #expect(try browser.text("location.hash") == "#fig=patches-4")
    try browser.press("ArrowRight")
    try browser.evaluate("history.back()")
    try browser.wait(until: "!\(openCard)")
    #expect(try browser.text("location.hash") == "")
    // An address that somebody has sent.
    try browser.open("about:blank", on: Self.laptop)
    try browser.open(address(folder, "#fig=saliency-5"), on: Self.laptop)
    try browser.wait(until: openCard)
    #expect(
      try browser.text("document.getElementById('large-title').textContent").hasPrefix("number5x"))
    try browser.press("Escape")
    try browser.wait(until: "!\(openCard)")
    #expect(browser.complaints == [])
  }

  @Test func `finds figures by layer, class, picture and unit`() throws {
    let folder = try gallery()
    let browser = try Browser()
    try browser.open(address(folder), on: Self.laptop)
    func count(_ id: String, _ value: String) throws -> Double {
      try browser.evaluate(
        """
        (() => {
          const field = document.getElementById('\(id)');
          field.value = '\(value)';
          field.dispatchEvent(new Event('input', { bubbles: true }));
        })()
        """)
      let count = try browser.number("document.querySelectorAll('main .card').length")
      try browser.evaluate("document.getElementById('show-all').click()")
      return count
    }
    // The first name is that of the figures 0, 5, …, 20; of these, 5 and 20 show no layer.
    #expect(try count("layer", "0") == 3)
    #expect(try count("picture", "7") == 1)
    #expect(try count("unit-number", "2") == 24)
    #expect(try count("unit-number", "3") == 0)
    #expect(try count("search", "nothing has this name") == 0)
    #expect(try browser.number("document.querySelectorAll('main .card').length") == 24)
    let classes = try browser.number("document.getElementById('class').options.length")
    #expect(classes == Double(Self.hostile.count + 1))
  }

  /// A survey of 40 units with sheets, and one of a single unit, each in a layer of a hostile name.
  private func linkedGallery() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let gallery = try writer(folder, .adding)
    for (layer, count) in zip(Self.hostile, [40, 1]) {
      try gallery.add(
        figure(.patches, "patches of \(layer)", layer: layer, units: Array(0..<count)),
        name: "\(count)", facts: facts)
      for unit in 0..<count {
        try gallery.add(
          figure(.unit, "unit \(unit) of \(layer)", layer: layer, units: [unit]),
          name: "\(count)-\(unit)", facts: facts)
      }
    }
    _ = try gallery.finish()
    return folder
  }

  @Test(arguments: [screens[0], screens[2]])
  func `leads from units to their sheets and back, with the keyboard alone`(
    screen: Browser.Screen
  ) throws {
    let folder = try linkedGallery()
    let browser = try Browser()
    try browser.open(address(folder), on: screen)
    #expect(try browser.isTrue(fits))
    let title = "document.getElementById('large-title').textContent"
    let links = "document.querySelectorAll('#large-related a')"
    /// Follows a link as a reader does who has no pointer.
    func follow(_ link: String) throws {
      let before = try browser.text("location.hash")
      try browser.evaluate("\(link).focus()")
      try browser.press("Enter")
      try browser.wait(until: "location.hash !== '\(before)'")
    }
    try follow("document.querySelector('[id=\"fig=patches-40\"] .related a:nth-of-type(8)')")
    #expect(try browser.isTrue(openCard))
    #expect(try browser.text("location.hash") == "#fig=unit-40-7")
    try follow("\(links)[0]")
    #expect(try browser.text("location.hash") == "#fig=patches-40")
    #expect(try browser.text(title) == "patches of \(Self.hostile[0])")
    // Many links leave room for the figure, its caption and the buttons.
    #expect(try browser.number("\(links).length") == 40)
    let stage = "document.getElementById('large-stage')"
    #expect(try browser.number("\(stage).clientHeight") > Double(screen.height) / 3)
    #expect(try browser.isTrue("document.getElementById('large').scrollWidth <= innerWidth"))
    // No key is lost when the link that had the focus is gone.
    try browser.evaluate("\(links)[0].focus()")
    try browser.press("ArrowRight")
    #expect(try browser.text("location.hash") == "#fig=patches-1")
    // Back goes to the sheet, and its keys still work.
    try browser.evaluate("history.back()")
    try browser.wait(until: "location.hash === '#fig=unit-40-7'")
    #expect(try browser.text(title) == "unit 7 of \(Self.hostile[0])")
    try browser.press("ArrowRight")
    try follow("\(links)[0]")
    // Closing closes all of them, however many were opened.
    try browser.press("Escape")
    try browser.press("Escape")
    try browser.wait(until: "!\(openCard) && location.hash === ''")
    #expect(try browser.text("document.getElementById('found').textContent") == "43 figures")

    // A link may lead to a figure that the filters hide; they hold when it is closed.
    let search = "document.getElementById('search')"
    try browser.evaluate(
      "\(search).value = 'patches'; \(search).dispatchEvent(new Event('input', {bubbles: true}))")
    try browser.wait(until: "document.getElementById('found').textContent !== '43 figures'")
    try follow("document.querySelector('[id=\"fig=patches-40\"] .related a:nth-of-type(8)')")
    let place = "document.getElementById('large-place').textContent"
    try browser.wait(until: "\(place).endsWith('of 43')")
    try follow("\(links)[0]")
    try browser.wait(until: "\(place) === '1 of 2'")
    try browser.evaluate("history.back()")
    try browser.wait(until: "location.hash === '#fig=unit-40-7'")
    try browser.press("Escape")
    try browser.wait(until: "!\(openCard) && document.activeElement.tagName === 'MAIN'")

    // The address of a figure, from which others were opened.
    try browser.open("about:blank", on: screen)
    try browser.open(address(folder, "#fig=patches-1"), on: screen)
    try browser.wait(until: openCard)
    try follow("\(links)[0]")
    #expect(try browser.text("location.hash") == "#fig=unit-1-0")
    try browser.press("Escape")
    try browser.wait(until: "!\(openCard) && location.hash === ''")
    #expect(try browser.text("typeof window.harmed") == "undefined")
    #expect(browser.complaints == [])
  }

  @Test func `a printed figure takes at most half of a page`() throws {
    let folder = try gallery()
    let browser = try Browser()
    try browser.open(address(folder), on: Self.laptop)
    try browser.emulatePrint()
    try browser.evaluate(
      "document.querySelectorAll('.printed').forEach((image) => { image.loading = 'eager' })")
    try browser.wait(
      until: "[...document.querySelectorAll('.printed')].every((image) => image.naturalWidth > 0)")
    let heights = "[...document.querySelectorAll('.card')].map((card) => card.offsetHeight)"
    // Half of A4 at 96 pixels per inch.
    #expect(try browser.number("Math.max(...\(heights))") <= 561)
    #expect(try browser.number("Math.min(...\(heights))") > 40)
    #expect(try browser.isTrue("!document.querySelector('nav').checkVisibility()"))
  }
}
