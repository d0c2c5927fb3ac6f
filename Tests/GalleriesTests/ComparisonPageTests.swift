import Files
import Foundation
import Galleries
import TestSupport
import Testing

/// Names that would do harm if any of them were read as markup, as a script or as an address.
private let hostile = [
  "<script>window.harmed = 1</script>", "\"><img src=x onerror='window.harmed = 1'>",
  String(repeating: "block.very-long-name.", count: 30),
]

/// Of some checkpoints, with every number, some of them unknown.
private func comparison(_ names: [String], layers: Int = 12) -> ComparisonRecord {
  let found = (0..<layers).map { index in
    ComparisonRecord.Layer(
      name: index == 0 ? hostile[0] : "conv\(index)", weights: [64, 32, 3, 3],
      relativeDistance: index == 1 ? nil : 0.5, cosine: -0.25, unitDistances: [1, nil],
      cka: 0.999, commonTopPictures: index == 2 ? nil : 4.5, topPicturesJaccard: 0.3)
  }
  return ComparisonRecord(
    checkpoints: names.map {
      .init(
        name: $0, file: "\($0).safetensors", sha256: String(repeating: "c", count: 64),
        accuracy: .init(source: "pictures", pictures: 1000, top1: 0.875))
    },
    differences: names.dropFirst().map {
      .init(
        checkpoint: $0, layers: found,
        cka: .init(rows: ["a"], columns: ["a"], values: [nil], pictures: 9),
        procrustes: .init(layer: "a", components: 2, residual: 0.5),
        predictions: .init(
          compared: 1000, rightToWrong: 3, wrongToRight: 4, wrongToOtherWrong: 1, unlabelled: 0,
          pictures: [
            .init(picture: "a", label: "b", before: "b", after: "c", kind: "right to wrong")
          ]))
    }, remarks: ["only the classifiers differ"])
}

/// A folder `out` with the comparison of some checkpoints and a few figures.
private func folder(_ names: [String]) throws -> TemporaryFolder {
  let folder = try TemporaryFolder()
  let record = comparison(names)
  let writer = try GalleryWriter(
    folder: "\(folder.path)/out",
    checkpoint: .init(
      name: names.joined(separator: ", "), sha256: String(repeating: "ef", count: 32),
      network: "a net"),
    kinds: kinds, version: "1", mode: .replacingAnew, comparison: record)
  for index in 0..<4 {
    let figure = figure(index < 2 ? .filters : .patches, "figure \(index)", layer: "conv\(index)")
    try writer.add(figure, name: "\(index)", facts: facts)
  }
  writer.note(record)
  let files = try writer.finish()
  #expect(
    files.suffix(2).map { URL(filePath: $0).lastPathComponent }
      == ["gallery.json", "compare.html"])
  return folder
}

@Suite struct `Pages of comparisons` {
  @Test func `are called compare.html and list what moved`() throws {
    let folder = try folder(["before", "after"])
    #expect(folder.exists("out/compare.html") && !folder.exists("out/index.html"))
    let page = try folder.text("out/compare.html")
    #expect(page.contains("<title>before, after – Fovea comparison</title>"))
    for text in [
      "before (reference)", "87.5 %", "Right to wrong", "−0.25", "64×32×3×3", "0.999",
      "only the classifiers differ", "Accuracy on 1,000 labelled pictures of pictures",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(!page.contains("{{") && !page.contains("<script>window"))
    let manifest = try Manifest(contentsOf: "\(folder.path)/out/gallery.json")
    #expect(manifest.comparison == comparison(["before", "after"]))
  }

  @Test func `replace each other, but no gallery of another network`() throws {
    let folder = try folder(["before", "after"])
    let error = #expect(throws: FileError.self) {
      _ = try writer(folder, .replacingAnew)
    }
    #expect(error?.reason.contains("holds a gallery of before, after (") == true)
  }

  @Test(
    .slow,
    .enabled(if: Browser.isPresent, "\(Browser.skipMessage)"),
    arguments: [
      Browser.Screen("laptop", width: 1280, height: 800, isDark: false),
      Browser.Screen("laptop", width: 1280, height: 800, isDark: true),
      Browser.Screen("phone", width: 390, height: 844, isDark: false),
    ], [["before", "after"], ["a"] + hostile + ["b", "c"]])
  func `work in a browser`(screen: Browser.Screen, names: [String]) throws {
    let folder = try folder(names)
    let browser = try Browser()
    try browser.open(
      URL(filePath: "\(folder.path)/out/compare.html").absoluteString, on: screen)
    #expect(try browser.isTrue("document.scrollingElement.scrollWidth <= innerWidth"))
    #expect(try browser.number("document.querySelectorAll('main .card').length") == 4)
    // A row for each checkpoint, and one for each layer of each but the first.
    #expect(
      try browser.number(
        "[...document.querySelectorAll('.structure tbody tr')]"
          + ".filter((row) => row.checkVisibility()).length")
        == Double(names.count + 12 * (names.count - 1)))
    try browser.evaluate("document.querySelector('.paper').click()")
    #expect(try browser.isTrue("document.getElementById('large').open"))
    try browser.wait(until: "document.getElementById('large-image').naturalWidth > 0")
    #expect(try browser.text("typeof window.harmed") == "undefined")
    #expect(browser.complaints == [])
  }
}
