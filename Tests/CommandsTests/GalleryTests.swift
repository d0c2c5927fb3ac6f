import Exhibits
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
          "filters", "handcrafted", "features", "patches", "unit", "embedding", "receptive-field",
          "invariance", "saliency", "class-models", "confusion", "mistakes", "curves",
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
      // Class models show no pictures; with some, they are of the pictures' classes.
      try folder.write(
        "{class-models: {steps: 2}}", "few.yaml")
      let outcome = try Program.run(
        [
          "visualize", "alone.safetensors", "--only", "class-models", "--with", "few.yaml", "-o",
          "m",
        ],
        in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
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
      #expect(loud.errors == "looking through pictures (training pictures): 48\n")
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

    @Test(arguments: [
      ("runs/mnist/final.safetensors", "mnist"), ("runs/b/Best.pt", "b"),
      ("runs/mnist/epoch-005.safetensors", "mnist-epoch-005"), ("zoo/resnet18.onnx", "resnet18"),
      ("./model.onnx", "model"), ("../model.onnx", "model"), ("/final.pth", "final"),
    ])
    func `folders are called what tells networks apart`(checkpoint: String, name: String) throws {
      let folder = try TemporaryFolder()
      try FileManager.default.createDirectory(
        atPath: folder["/work"], withIntermediateDirectories: true)
      guard checkpoint.hasPrefix("runs") || checkpoint.hasPrefix("zoo") else {
        #expect(galleryName(for: checkpoint) == name)
        return
      }
      try folder.write(Sample.checkpoint { _ in }, checkpoint)
      let outcome = try Program.run(["filters", checkpoint], in: folder)
      #expect(outcome.lines.first == "output/\(name)/filters-conv1.png", "\(outcome.errors)")
    }

    @Test func `a training run and its gallery share a folder, and stay whole`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--quiet", "-o", "output/net")
      let run = folder.contents("output/net")
      try folder.run("visualize", "output/net/final.safetensors", "--only", "filters")
      let both = folder.contents("output/net")
      #expect(both.filter { run[$0.key] != nil } == run)
      #expect(folder.exists("output/net/index.html"))
      // And again, now over the gallery.
      try folder.run("visualize", "output/net/final.safetensors", "--only", "filters,curves")
      #expect(folder.contents("output/net").filter { run[$0.key] != nil } == run)
      try folder.expect(
        "output/net: contains a complete training run of 1 epoch; use --resume with more --epochs to "
          + "prolong it, --restart to replace it, or another --output", status: 73,
        from: "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "-o", "output/net")
    }

    @Test func `a network of the same name replaces none but by force`() throws {
      let folder = try Sample.folder()
      try folder.run("visualize", "model.safetensors", "--only", "filters", "-o", "g")
      let before = folder.contents("g")
      try folder.write(Sample.checkpoint { _ in }, "other/model.safetensors")
      for command in ["visualize", "filters"] {
        let outcome = try Program.run([command, "other/model.safetensors", "-o", "g"], in: folder)
        #expect(outcome.status == 73)
        #expect(
          outcome.errors.wholeMatch(
            of:
              /fovea: g: holds a gallery of model.safetensors \([0-9a-f]{8}\), not of this model.safetensors \([0-9a-f]{8}\); use another --output, or --force to replace it\n/
          ) != nil, "\(outcome.errors)")
        #expect(folder.contents("g") == before)
      }
      let forced = try Program.run(
        ["visualize", "other/model.safetensors", "--only", "filters", "-o", "g", "--force"],
        in: folder)
      #expect(forced.status == 0)
      #expect(forced.errors.contains("the gallery of another model.safetensors"))
    }

    @Test func `a limit that was applied is said`() throws {
      let folder = try Sample.folder()
      let features = try Program.run(
        ["features", "model.safetensors", "--images", "pictures", "-o", "g"], in: folder)
      let count = try folder.fileNames("pictures").count { $0.hasSuffix(".png") }
      #expect(
        features.errors.contains("features: 1 of \(count) pictures; --pictures changes that\n"))
      let given = try Program.run(
        ["features", "model.safetensors", "--images", "pictures", "--pictures", "1", "-o", "g"],
        in: folder)
      #expect(!given.errors.contains("changes that"))
      let gallery = try Program.run(
        [
          "visualize", "model.safetensors", "--images", "pictures", "--only", "features", "-o", "g",
        ], in: folder)
      #expect(
        gallery.errors.contains(
          "features: 2 of \(count) pictures; 'features: {pictures: N}' in a file for --with changes "
            + "that\n"))
    }
  }
}
