import Files
import Foundation
import Images
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Whole galleries` {
    @Test func `visualize lists the files it writes and writes no others`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--output", "gallery",
        with: "class-models: {steps: 4}")
      // Thumbnails are only for the page.
      let names = folder.names("gallery").filter { !$0.hasSuffix("_thumbnail.jpg") }
      #expect(Set(outcome.lines) == Set(names.map { "gallery/\($0)" }))
      #expect(folder.names("gallery").count == 2 * names.count - 2)
      #expect(outcome.lines.count == Set(outcome.lines).count)
      #expect(Array(outcome.lines.suffix(2)) == ["gallery/gallery.json", "gallery/index.html"])
      #expect(folder.names() == ["gallery", "model.safetensors", "pictures"])

      let gallery = try folder.json("gallery/gallery.json")
      #expect(
        Set(gallery.keys) == [
          "program", "version", "checkpoint", "accuracy", "layers", "figures", "scores",
        ])
      #expect(gallery["program"] as? String == "fovea")
      let checkpoint = try #require(gallery["checkpoint"] as? [String: Any])
      let sha256 = fingerprint(of: try folder.data("model.safetensors"))
      #expect(checkpoint["name"] as? String == "model.safetensors")
      #expect(checkpoint["sha256"] as? String == sha256)

      let figures = try #require(gallery["figures"] as? [[String: Any]])
      let keys: Set = [
        "file", "kind", "layer", "units", "source", "method", "options", "seed", "scale",
        "command",
      ]
      for figure in figures { #expect(keys.isSubset(of: figure.keys)) }
      #expect(
        Set(figures.compactMap { $0["kind"] as? String }) == [
          "filters", "features", "patches", "embedding", "saliency", "class-models", "confusion",
          "mistakes", "curves",
        ])
      let pictures = outcome.lines.dropLast(2).map { String($0.dropFirst("gallery/".count)) }
      #expect(figures.compactMap { $0["file"] as? String } == pictures)

      let page = try folder.text("gallery/index.html")
      for picture in pictures { #expect(page.contains("\"./\(picture)\"")) }
      #expect(!page.contains("src=\"http") && !page.contains("href=\"http"))
    }

    @Test func `every picture carries its record in its own text`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "saliency", "model.safetensors", "--images", "pictures", "--limit", "2", "--classes",
        "mug", "--method", "deconvnet", "--output", "out")
      let gallery = try folder.json("out/gallery.json")
      let figures = try #require(gallery["figures"] as? [[String: Any]])
      // Besides the two pictures, the sheet with both.
      #expect(figures.count == 3)
      for figure in figures {
        let file = try #require(figure["file"] as? String)
        let texts = Dictionary(
          try Image.textChunks(of: folder["/out/\(file)"]).map { ($0.key, $0.value) }
        ) { first, _ in first }
        #expect(texts["kind"] == "saliency")
        #expect(texts["method"] == "deconvnet")
        #expect(figure["method"] as? String == "deconvnet")
        #expect(texts["source"] == figure["source"] as? String)
        #expect(texts["command"] == figure["command"] as? String)
        #expect(
          texts["command"]
            == "fovea saliency model.safetensors --images pictures --limit 2 --classes mug "
            + "--method deconvnet --output out")
        #expect(texts["checkpoint"] == "model.safetensors")
        #expect(texts["sha256"] == fingerprint(of: try folder.data("model.safetensors")))
      }
    }

    @Test func `the same command writes the same bytes`() throws {
      let folders = try [Sample.folder(), Sample.folder()]
      for folder in folders {
        try folder.run(
          "visualize", "model.safetensors", "--images", "pictures", "--output", "gallery",
          "--arrays", with: "class-models: {steps: 8}")
      }
      let (first, second) = (folders[0].contents("gallery"), folders[1].contents("gallery"))
      #expect(first.count > 30)
      #expect(Set(first.keys) == Set(second.keys))
      for (name, data) in first { #expect(data == second[name], "\(name) differs") }
    }

    @Test func `visualize replaces the earlier gallery as a whole`() throws {
      let folder = try Sample.folder()
      let command = ["visualize", "model.safetensors", "--images", "pictures", "--output", "g"]
      try folder.run(
        command[0], command[1], "--only", "filters,class-models", "-o", "g",
        with: "class-models: {steps: 2}")
      #expect(folder.exists("g/filters-conv1.png") && folder.exists("g/class-models-all.png"))
      try folder.run(command[0], command[1], "--only", "filters", "-o", "g")
      #expect(
        folder.names("g") == [
          "filters-conv1.png", "filters-conv1_thumbnail.jpg", "filters-conv2.png",
          "filters-conv2_thumbnail.jpg", "gallery.json", "index.html",
        ])
    }

    @Test func `a gallery needs pictures only for what shows them`() throws {
      let folder = try Sample.folder()
      try folder.run("visualize", "model.safetensors", "--only", "filters", "-o", "g")
      try folder.write(
        Sample.checkpoint("fovea.recipe") {
          $0.replacing("\"data\":\"pictures\"", with: "\"data\":\"gone\"")
        },
        "alone.safetensors")
      try folder.expect(
        "give pictures with --images: 'alone.safetensors' has none; 'gone', which it was trained on, "
          + "is not found", status: 64,
        from: "visualize", "alone.safetensors", "-o", "h")
      #expect(!folder.exists("h"))
    }

    @Test func `pictures beside the checkpoint are its own`() throws {
      let folder = try Sample.folder()
      try folder.copy(folder["/pictures/mug"], as: "model/mug")
      let outcome = try folder.run("features", "model.safetensors", "--layers", "relu1", "-o", "g")
      #expect(outcome.lines.first?.hasPrefix("g/features-relu1-mug-scene-0") == true)
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]]
      #expect((figures?.first?["source"] as? String)?.hasPrefix("mug/scene-0") == true)
    }

    @Test func `standard output is one JSON object on request`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run("filters", "model.safetensors", "-o", "g", "--json")
      let object =
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: [String]]
      #expect(
        object == [
          "files": [
            "g/filters-conv1.png", "g/filters-conv2.png", "g/gallery.json", "g/index.html",
          ]
        ])
    }

    @Test func `quiet commands say nothing on standard error`() throws {
      let folder = try Sample.folder()
      let loud = try folder.run("patches", "model.safetensors", "--images", "pictures", "-o", "g")
      #expect(loud.errors == "looking through pictures: 48\n")
      let quiet = try folder.run(
        "patches", "model.safetensors", "--images", "pictures", "-o", "g", "--quiet")
      #expect(quiet.errors == "")
      #expect(quiet.output == loud.output)
    }

    @Test func `the default folder bears the checkpoint's name`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run("filters", "model.safetensors", "--layers", "conv1")
      #expect(outcome.lines.first == "output/model/filters-conv1.png")
      #expect(folder.exists("output/model/index.html"))
    }
  }
}
