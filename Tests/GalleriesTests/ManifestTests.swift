import Files
import Foundation
import Galleries
import TestSupport
import Testing

@Suite struct `The record of a gallery` {
  private func written() throws -> (Manifest, [String: Any]) {
    let folder = try TemporaryFolder()
    let gallery = try writer(folder, .adding)
    try gallery.add(
      figure(.filters, "<&>\"'\u{1}\n", layer: "features.0"), name: "a",
      facts: FigureFacts(
        source: "ünï", options: ["a": "b"], seed: .max, command: "fovea --units '1, 2'"))
    try gallery.add(figure(.classModels), name: "b", facts: facts)
    _ = try gallery.finish()
    let path = "\(folder.path)/out/gallery.json"
    let json = try JSONSerialization.jsonObject(with: try readFile(path))
    return (try Manifest(contentsOf: path), try #require(json as? [String: Any]))
  }

  @Test func `has every key, null where one does not apply`() throws {
    let (_, json) = try written()
    #expect(Set(json.keys) == ["program", "version", "checkpoint", "figures"])
    let figures = try #require(json["figures"] as? [[String: Any]])
    for record in figures {
      #expect(
        Set(record.keys) == [
          "file", "kind", "layer", "units", "unitsByLayer", "source", "method", "options", "seed",
          "scale", "command", "title", "caption", "width", "height", "arrays", "otherFormats",
          "thumbnail", "alternative", "theme", "trueClass", "predictions",
        ])
    }
    #expect(figures[1]["kind"] as? String == "class-models")
    for key in [
      "layer", "unitsByLayer", "source", "method", "seed", "arrays", "otherFormats", "trueClass",
      "predictions",
    ] {
      #expect(figures[1][key] is NSNull)
    }
    let checkpoint = try #require(json["checkpoint"] as? [String: Any])
    #expect(checkpoint["name"] as? String == "net.safetensors")
    #expect(checkpoint["sha256"] as? String == String(repeating: "ab", count: 32))
  }

  @Test func `of an earlier version is read, and its page shows the figures themselves`() throws {
    let (_, json) = try written()
    var earlier = json
    let figures = try #require(json["figures"] as? [[String: Any]])
    let later: Set = [
      "thumbnail", "alternative", "theme", "trueClass", "predictions", "unitsByLayer",
    ]
    earlier["figures"] = figures.map { $0.filter { !later.contains($0.key) } }
    let folder = try TemporaryFolder()
    let path = try folder.write(
      try JSONSerialization.data(withJSONObject: earlier), "gallery.json")
    let page = galleryPage(of: try Manifest(contentsOf: path))
    #expect(page.contains("<img class=\"whole\" src=\"./class-models-b.png\""))
  }

  @Test func `says what is known of the network, and keeps it when figures are added`() throws {
    let folder = try TemporaryFolder()
    let layer = LayerRecord(
      name: "conv1", kind: "convolution", inputs: ["input"], output: [8, 6, 6], parameters: 80,
      multiplyAdds: 2592, receptiveField: [3, 3], stride: [1, 1], offset: [-1, -1],
      gallery: "the first convolution")
    let first = try GalleryWriter(
      folder: folder["/out"], checkpoint: checkpoint, kinds: kinds, version: "1",
      mode: .replacingAnew,
      summary: GallerySummary(layers: [layer], scores: "scores", warnings: ["Beware."]))
    try first.add(figure(), name: "a", facts: facts)
    first.note(.init(source: "cifar-10", pictures: 1000, top1: 0.915), warnings: ["Doubt."])
    _ = try first.finish()
    let second = try writer(folder, .adding)
    try second.add(figure(), name: "b", facts: facts)
    _ = try second.finish()
    let manifest = try Manifest(contentsOf: folder["/out/gallery.json"])
    #expect(manifest.figures.count == 2)
    #expect(manifest.layers == [layer] && manifest.scores == "scores")
    #expect(manifest.warnings == ["Beware.", "Doubt."])
    let page = galleryPage(of: manifest)
    for text in [
      "Accuracy on 1,000 pictures of cifar-10: top-1 91.5 %.", "Beware.", "8×6×6", "3×3", "80",
    ] {
      #expect(page.contains(text), "\(text)")
    }
  }

  @Test func `comes back as it was written`() throws {
    let (manifest, _) = try written()
    let record = manifest.figures[0]
    #expect(record.title == "<&>\"'\u{1}\n")
    #expect(record.source == "ünï")
    #expect(record.seed == .max)
    #expect(record.options == ["a": "b"])
    #expect(record.command == "fovea --units '1, 2'")
    let again = try JSONDecoder().decode(Manifest.self, from: JSONEncoder().encode(manifest))
    #expect(again == manifest)
  }
}
