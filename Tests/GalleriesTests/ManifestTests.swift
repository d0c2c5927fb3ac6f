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
          "file", "kind", "layer", "units", "source", "method", "options", "seed", "scale",
          "command", "title", "caption", "width", "height", "arrays",
        ])
    }
    #expect(figures[1]["kind"] as? String == "class-models")
    for key in ["layer", "source", "method", "seed", "arrays"] {
      #expect(figures[1][key] is NSNull)
    }
    let checkpoint = try #require(json["checkpoint"] as? [String: Any])
    #expect(checkpoint["name"] as? String == "net.safetensors")
    #expect(checkpoint["sha256"] as? String == String(repeating: "ab", count: 32))
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
