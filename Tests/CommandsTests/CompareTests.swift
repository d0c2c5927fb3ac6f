import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Checkpoints are compared` {
    /// Two checkpoints of one run: `model.safetensors` and, after more epochs, `later.safetensors`.
    private func folder() throws -> TemporaryFolder {
      let folder = try Sample.folder()
      try folder.run(
        "train", "--architecture", "lenet5", "--data", "pictures", "--epochs", "1", "--batch-size",
        "16", "--seed", "5", "--output", "run", "--quiet")
      try folder.copy(folder["/run/final.safetensors"], as: "later.safetensors")
      return folder
    }

    private func json(_ outcome: Program.Outcome) throws -> [String: Any] {
      let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      return try #require(object as? [String: Any])
    }

    @Test func `into a folder with a page, and as JSON`() throws {
      let folder = try folder()
      let found = try json(
        folder.run(
          "compare", "model.safetensors", "later.safetensors", "--images", "pictures", "-o", "cmp",
          "--json", "--quiet", "--arrays"))
      let files = try #require(found["files"] as? [String])
      for name in [
        "weights-layers.png", "similarity-later.png", "predictions-later.png", "filters-conv1.png",
        "patches-relu2.png", "saliency-sheet-gradient.png", "compare.html", "gallery.json",
      ] {
        #expect(files.contains("cmp/\(name)") && folder.exists("cmp/\(name)"), "\(name)")
      }
      #expect(!folder.exists("cmp/index.html"))
      #expect(files.contains { $0.hasPrefix("cmp/features-relu1-") && $0.hasSuffix(".png") })
      #expect(files.contains { $0.hasPrefix("cmp/embedding-") })
      let checkpoints = try #require(found["checkpoints"] as? [[String: Any]])
      #expect(checkpoints.map { $0["name"] as? String } == ["model", "later"])
      let differences = try #require(found["differences"] as? [[String: Any]])
      let layers = try #require(differences[0]["layers"] as? [[String: Any]])
      #expect(layers.first?["name"] as? String == "conv1" && layers.count > 3)
      for layer in layers {
        let distance = try #require(layer["relativeDistance"] as? Double)
        let alignment = try #require(layer["cka"] as? Double)
        #expect(distance > 0 && (0...1).contains(alignment))
      }
      // The accuracies are those that `predict` prints, and the changes those between its choices.
      let said = try ["model", "later"].map { name in
        try json(
          folder.run(
            "predict", "\(name).safetensors", "--images", "pictures", "--json", "--quiet"))
      }
      for (checkpoint, predictions) in zip(checkpoints, said) {
        let accuracy = try #require(checkpoint["accuracy"] as? [String: Any])
        #expect(accuracy["top1"] as? Double == predictions["top1"] as? Double)
      }
      let choices = try said.map { predictions in
        try #require(predictions["pictures"] as? [[String: Any]]).map { picture in
          ((picture["choices"] as? [[String: Any]])?[0]["class"] as? String) ?? ""
        }
      }
      let changes = try #require(differences[0]["predictions"] as? [String: Any])
      let changed = try #require(changes["pictures"] as? [[String: Any]])
      #expect(changed.count == zip(choices[0], choices[1]).count { $0 != $1 })
      #expect(changes["compared"] as? Int == 48)
      let record = try folder.json("cmp/gallery.json")
      #expect((record["comparison"] as? [String: Any])?["differences"] != nil)
      let page = try folder.text("cmp/compare.html")
      #expect(page.contains("<h1>model, later</h1>") && page.contains("Fovea comparison"))
    }

    @Test func `with itself nothing moved`() throws {
      let folder = try Sample.folder()
      let found = try json(
        folder.run(
          "compare", "model.safetensors", "model.safetensors", "--images", "pictures", "--json",
          "--quiet", "-o", "cmp", "--only", "weights,similarity,predictions,embedding"))
      let difference = try #require((found["differences"] as? [[String: Any]])?.first)
      #expect(difference["checkpoint"] as? String == "model (2)")
      for layer in try #require(difference["layers"] as? [[String: Any]]) {
        #expect(layer["relativeDistance"] as? Double == 0)
        #expect(abs((layer["cosine"] as? Double ?? 0) - 1) < 1e-9)
        #expect(abs((layer["cka"] as? Double ?? 0) - 1) < 1e-9)
        #expect((layer["topPicturesJaccard"] as? Double ?? 1) == 1)
      }
      let changes = try #require(difference["predictions"] as? [String: Any])
      #expect((changes["pictures"] as? [Any])?.isEmpty == true)
      let residual = (difference["procrustes"] as? [String: Any])?["residual"] as? Double
      #expect((residual ?? 1) < 1e-9)
    }

    @Test func `as tables`() throws {
      let folder = try folder()
      let lines = try folder.run(
        "compare", "model.safetensors", "later.safetensors", "run/epoch-001.safetensors",
        "--images", "pictures", "-o", "cmp", "--quiet", "--only", "similarity,weights,predictions"
      ).lines
      #expect(
        lines[0].split { $0 == " " } == [
          "checkpoint", "sha256", "accuracy", "changed", "right", "→", "wrong", "wrong", "→",
          "right", "wrong", "→", "other",
        ])
      #expect(lines[1].hasPrefix("model ") && lines[2].hasPrefix("later "))
      #expect(lines[3].hasPrefix("epoch-001 ") && lines[3].contains(" of 48 "))
      #expect(lines[4] == "from model to later:")
      #expect(
        lines[5].split { $0 == " " } == [
          "layer", "weights", "distance", "cosine", "CKA", "common", "of", "top", "9",
        ])
      #expect(lines[6].hasPrefix("conv1  "))
      #expect(lines.contains("from model to epoch-001:"))
      #expect(folder.exists("cmp/similarity-checkpoints.png"))
    }

    @Test func `without pictures only their weights`() throws {
      let folder = try folder()
      // A checkpoint beside whose name there is no folder, and whose own pictures are gone.
      try FileManager.default.moveItem(
        atPath: folder["/pictures"], toPath: folder["/elsewhere"])
      let outcome = try folder.run(
        "compare", "model.safetensors", "later.safetensors", "-o", "cmp", "--quiet")
      // They are of two seeds.
      #expect(
        outcome.errors
          == "fovea: without pictures only weights are compared; give them with --images\n"
          + "fovea: The weights of later are unrelated to those of model, as after another "
          + "initialization: units of one number need not correspond.\n")
      #expect(folder.exists("cmp/weights-layers.png") && folder.exists("cmp/filters-conv1.png"))
      #expect(!outcome.output.contains("accuracy"))
    }

    @Test func `also if a picture cannot be read`() throws {
      let folder = try Sample.folder()
      for name in folder.names("pictures/airplane") {
        try folder.write("no PNG", "pictures/airplane/\(name)")
      }
      let outcome = try Program.run(
        [
          "compare", "model.safetensors", "model.safetensors", "--images", "pictures", "-o", "cmp",
          "--only", "features",
        ], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(folder.names("cmp").contains { $0.hasPrefix("features-relu1-") })
      #expect(outcome.errors.contains("skipped"))
    }

    @Test func `with the reason why there are no pictures`() throws {
      let folder = try Sample.folder()
      try folder.copy(folder["/model.safetensors"], as: "a.safetensors")
      // The folder that bears the checkpoint's name holds its pictures.
      try FileManager.default.createDirectory(
        atPath: folder["/a"], withIntermediateDirectories: true)
      try folder.write("no IDX file", "a/t10k-images-idx3-ubyte")
      let outcome = try Program.run(
        ["compare", "a.safetensors", "model.safetensors", "-o", "cmp"], in: folder)
      #expect(outcome.status != 0)
      #expect(outcome.errors.contains("a/t10k-images-idx3-ubyte"), "\(outcome.errors)")
    }

    @Test func `layer by layer up to classifiers that differ`() throws {
      let folder = try Sample.folder()
      try FileManager.default.createDirectory(
        atPath: folder["/few"], withIntermediateDirectories: true)
      for name in ["mug", "car", "tree"] {
        try folder.copy(folder["/pictures/\(name)"], as: "few/\(name)")
      }
      try folder.run(
        "train", "--architecture", "lenet5", "--data", "few", "--epochs", "1", "--batch-size", "4",
        "--output", "tuned", "--quiet")
      let outcome = try folder.run(
        "compare", "model.safetensors", "tuned/final.safetensors", "--images", "pictures", "-o",
        "cmp", "--quiet")
      #expect(
        outcome.errors.contains("fovea: only the classifiers differ (layer '")
          && outcome.errors.contains(" are compared, and class scores are not\n"))
      #expect(folder.exists("cmp/similarity-final.png"))
      #expect(!folder.names("cmp").contains { $0.hasPrefix("saliency") })
      #expect(!folder.names("cmp").contains { $0.hasPrefix("predictions") })
    }

    @Test func `only if they are of one architecture`() throws {
      let folder = try Sample.folder()
      try folder.trainPerceptron()
      let outcome = try Program.run(
        ["compare", "model.safetensors", "mlp/final.safetensors", "-o", "cmp"], in: folder)
      #expect(outcome.status == 64 && outcome.output == "")
      #expect(outcome.errors.contains("fovea: layer 1 is 'conv1' (convolution with weights ["))
      #expect(
        outcome.errors.hasSuffix(
          " in 'mlp/final': only networks of one architecture can be compared\n")
          || outcome.errors.hasSuffix(
            " in 'final': only networks of one architecture can be compared\n")
      )
      #expect(!folder.exists("cmp"))
    }

    @Test func `only if they take pictures of one size`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "scenes", "--count", "12", "--size", "28", "--output", "small", "--quiet")
      try folder.run(
        "train", "--architecture", "lenet5", "--data", "small", "--epochs", "1", "--batch-size",
        "4", "--output", "run", "--quiet")
      try folder.expect(
        "'model' takes pictures of 3×32×32 and 'final' of 3×28×28: only networks with the same "
          + "input size can be compared", status: 64, from: "compare", "model.safetensors",
        "run/final.safetensors")
    }

    @Test func `wrong usage`() throws {
      let folder = try Sample.folder()
      let help = "(see fovea compare --help)"
      try folder.expect(
        "Missing expected argument '<others> ...' \(help)", status: 64, from: "compare",
        "model.safetensors")
      try folder.expect(
        "--only: no part 'filter'; did you mean 'filters'? \(help)", status: 64, from: "compare",
        "a", "b", "--only", "filter")
      try folder.expect(
        "--pictures must be at least 1, not 0 \(help)", status: 64, from: "compare", "a", "b",
        "--pictures", "0")
      try folder.expect(
        "none.safetensors: no such file", status: 66, from: "compare", "model.safetensors",
        "none.safetensors")
    }

    @Test func `a folder of another gallery is refused`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "filters", "model.safetensors", "-o", "g", "--quiet")
      let outcome = try Program.run(
        ["compare", "model.safetensors", "model.safetensors", "-o", "g", "--only", "weights"],
        in: folder)
      #expect(outcome.status == 73)
      #expect(outcome.errors.contains("g: holds a gallery of model.safetensors ("))
      #expect(folder.exists("g/index.html") && !folder.exists("g/compare.html"))
    }
  }
}
