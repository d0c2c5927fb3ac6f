import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Features evolve` {
    /// A run of two epochs in `run`, and `pictures`.
    private func folder() throws -> TemporaryFolder {
      let folder = try Sample.folder()
      try folder.run(
        "train", "--architecture", "lenet5", "--data", "pictures", "--epochs", "2", "--batch-size",
        "16", "--output", "run", "--quiet")
      return folder
    }

    @Test func `into a folder with a page, and as JSON`() throws {
      let folder = try folder()
      let outcome = try folder.run(
        "evolution", "run", "--images", "pictures", "--layers", "relu1,relu2", "--units",
        "selective:3", "--json", "--quiet", "--arrays", "safetensors")
      let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      let found = try #require(object as? [String: Any])
      let files = try #require(found["files"] as? [String])
      let names = ["evolution-relu1", "evolution-relu2", "movement-features"].flatMap {
        ["\($0).png", "\($0).safetensors"]
      }
      #expect(
        Set(files)
          == Set((names + ["gallery.json", "evolution.html"]).map { "output/run-evolution/\($0)" }))
      #expect(files.allSatisfy { folder.exists($0) })
      let checkpoints = try #require(found["checkpoints"] as? [[String: Any]])
      #expect(checkpoints.map { $0["name"] as? String } == ["epoch 1", "epoch 2"])
      #expect(
        checkpoints.map { $0["file"] as? String } == [
          "epoch-001.safetensors", "final.safetensors",
        ])
      // The accuracies are those that `predict` prints.
      for (checkpoint, file) in zip(checkpoints, ["epoch-001", "final"]) {
        let said = try folder.run(
          "predict", "run/\(file).safetensors", "--images", "pictures", "--json", "--quiet")
        let predictions =
          try JSONSerialization.jsonObject(with: Data(said.output.utf8)) as? [String: Any]
        let accuracy = try #require(checkpoint["accuracy"] as? [String: Any])
        #expect(accuracy["top1"] as? Double == predictions?["top1"] as? Double)
      }
      let layers = try #require(found["layers"] as? [[String: Any]])
      #expect(layers.map { $0["name"] as? String } == ["relu1", "relu2"])
      for layer in layers {
        let distance = try #require((layer["distances"] as? [Double])?.first)
        #expect(distance > 0 && distance < 1)
        for unit in try #require(layer["units"] as? [[String: Any]]) {
          let pictures = try #require(unit["pictures"] as? [Any]).map { $0 as? String }
          let isOther = pictures[0] != nil && pictures[1] != nil && pictures[0] != pictures[1]
          #expect(unit["changes"] as? [Bool] == [false, isOther])
        }
      }
      let record = try folder.json("output/run-evolution/gallery.json")
      #expect((record["evolution"] as? [String: Any])?["layers"] != nil)
      let figures = try #require(record["figures"] as? [[String: Any]])
      let options = try #require(figures.last?["options"] as? [String: String])
      #expect(options["project"] == "deconvnet" && options["crop"] == "auto")
    }

    @Test func `as a table, of files by their epochs and of chosen epochs`() throws {
      let folder = try folder()
      let lines = try folder.run(
        "evolution", "run/final.safetensors", "run/epoch-001.safetensors", "--images", "pictures",
        "--layers", "relu1", "-o", "out", "--quiet"
      ).lines
      #expect(lines[0].split { $0 == " " } == ["checkpoint", "sha256", "accuracy", "relu1"])
      #expect(lines[1].hasPrefix("epoch 1 ") && lines[2].hasPrefix("epoch 2 "))
      let chosen = try folder.run(
        "evolution", "run", "--epochs", "2,1", "--images", "pictures", "--layers", "relu1", "-o",
        "out2", "--quiet"
      ).lines
      #expect(chosen[1].hasPrefix("epoch 1 ") && chosen[2].hasPrefix("epoch 2 "))
    }

    @Test func `in a batch`() throws {
      let folder = try folder()
      try folder.write(
        """
        renders:
          - command: evolution
            checkpoints: [run/epoch-001.safetensors, run/final.safetensors]
            images: pictures
            layers: relu1
            output: out
        """, "batch.yaml")
      try folder.run("batch", "batch.yaml", "--quiet")
      #expect(folder.exists("out/evolution.html") && folder.exists("out/evolution-relu1.png"))
    }

    @Test func `only if there are several checkpoints of one network`() throws {
      let folder = try folder()
      let help = "(see fovea evolution --help)"
      try folder.expect(
        "expected two or more checkpoints, or the folder of a training run that kept as many; "
          + "found 1", status: 64, from: "evolution", "model.safetensors")
      try folder.expect(
        "--epochs: 'run' has no epoch 3, but 1, 2", status: 64, from: "evolution", "run",
        "--epochs", "1,3")
      try folder.expect(
        "--epochs: expected the folder of a training run, found files", status: 64,
        from: "evolution", "model.safetensors", "model.safetensors", "--epochs", "1")
      try folder.expect(
        "--epochs: expected numbers separated by commas, found '1,x' \(help)", status: 64,
        from: "evolution", "run", "--epochs", "1,x")
      try folder.expect(
        "pictures: expected checkpoints of a training run (epoch-001.safetensors …), found none",
        status: 65, from: "evolution", "pictures")
      try folder.expect(
        "none.safetensors: no such file", status: 66, from: "evolution", "model.safetensors",
        "none.safetensors")
      try folder.trainPerceptron()
      let outcome = try Program.run(
        ["evolution", "run/final.safetensors", "mlp/final.safetensors", "-o", "out"], in: folder)
      #expect(outcome.status == 64 && outcome.output == "")
      #expect(outcome.errors.contains(" and 'conv1' (convolution with weights ["))
      #expect(
        outcome.errors.hasSuffix(
          " in 'epoch 2': only networks of one architecture can be compared\n"))
      #expect(!folder.exists("out"))
    }
  }
}
