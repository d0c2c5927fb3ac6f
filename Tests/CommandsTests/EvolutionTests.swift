import Checkpoints
import Foundation
import Networks
import TensorCore
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

    @Test func `with the activations and projections that patches finds at each checkpoint`() throws
    {
      let folder = try folder()
      let options = [
        "--images", "pictures", "--layers", "relu2", "--units", "1,4", "--project", "deconvnet",
        "--arrays", "safetensors", "--quiet", "-o",
      ]
      try Self.run(["evolution", "run"] + options + ["out"], in: folder)
      let evolution = try SafeTensorsFile(folder["/out/evolution-relu2.safetensors"])
      for (index, name) in ["epoch-001", "final"].enumerated() {
        try Self.run(["patches", "run/\(name).safetensors"] + options + [name], in: folder)
        let patches = try SafeTensorsFile(folder["/\(name)/patches-relu2.safetensors"])
        for key in ["values", "pictures", "positions", "projections"] {
          let (own, all) = (try evolution.tensor("\(index)/\(key)"), try patches.tensor(key))
          #expect(own.shape[0] == 2 && own.shape[1] == 1 && all.shape[1] == 9)
          for unit in 0..<2 {
            let found = own.rows(unit..<(unit + 1)).elements
            // The strongest is the first of nine.
            let first = all.rows(unit..<(unit + 1)).elements.prefix(found.count)
            #expect(found.map(\.isNaN) == first.map(\.isNaN))
            expectClose(
              found.map { $0.isNaN ? 0 : $0 }, first.map { $0.isNaN ? 0 : Double($0) },
              relative: 1e-4, absolute: 1e-5, "\(name), \(key)")
          }
        }
      }
    }

    /// Checkpoints of a network whose weights take 20 MiB.
    private func largeCheckpoints(_ count: Int, in folder: TemporaryFolder) throws -> [String] {
      let graph = try Graph(
        inputShape: [3, 32, 32],
        [
          Graph.Node("conv", Convolution(3, padding: 1), inputs: ["input"], parameters: ["w"]),
          Graph.Node("relu1", Activation.relu, inputs: ["conv"]),
          Graph.Node("flat", Flatten(), inputs: ["relu1"]),
          Graph.Node("wide", Linear(), inputs: ["flat"], parameters: ["v"]),
          Graph.Node("relu2", Activation.relu, inputs: ["wide"]),
          Graph.Node("scores", Linear(), inputs: ["relu2"], parameters: ["u"]),
        ])
      var names: [String] = []
      for number in 1...count {
        let seed = 10 * number
        var parameters = Parameters()
        parameters["w"] = Tensor.random([4, 3, 3, 3], seed: seed)
        parameters["v"] = Tensor.random([1280, 4096], seed: seed + 1)
        parameters["u"] = Tensor.random([12, 1280], seed: seed + 2)
        let network = try Network(graph: graph, parameters: parameters)
        names.append("epoch-00\(number).safetensors")
        try Checkpoint(network, design: nil).save(to: folder["/\(names[number - 1])"])
      }
      return names
    }

    /// The program takes 43 MiB, drawing 32, a run with its weights in every order 60, and another
    /// network's weights 20; all six networks' weights would take 80 more.
    @Test(.slow) func `with no more memory than two networks take, and the same numbers`() throws {
      let folder = try Sample.folder()
      let files = try largeCheckpoints(6, in: folder)
      let options = ["--images", "pictures", "--layers", "relu1,relu2", "--quiet", "-o"]
      let arrays = ["--arrays", "safetensors"]
      let little = try Self.run(
        ["evolution"] + files + options + ["little", "--memory", "190M"] + arrays, in: folder)
      let much = try Self.run(
        ["evolution"] + files + options + ["much", "--memory", "4G"] + arrays, in: folder)
      #expect(little.lines.filter { $0.hasPrefix("epoch ") }.count == 6)
      #expect(
        little.output.replacing("little/", with: "") == much.output.replacing("much/", with: ""))
      for name in ["evolution-relu1", "evolution-relu2", "movement-features"] {
        let (few, all) = (
          try SafeTensorsFile(folder["/little/\(name).safetensors"]),
          try SafeTensorsFile(folder["/much/\(name).safetensors"])
        )
        #expect(few.entries.map(\.name) == all.entries.map(\.name) && !few.entries.isEmpty)
        for entry in few.entries {
          let (own, other) = (try few.tensor(entry.name), try all.tensor(entry.name))
          #expect(own.shape == other.shape)
          #expect(own.elements.map(\.bitPattern) == other.elements.map(\.bitPattern))
        }
      }
      // All of them together do not fit.
      let outcome = try Program.run(
        ["compare"] + files + options + ["all", "--memory", "190M"], in: folder)
      #expect(outcome.status == 71 && outcome.errors.contains("more than the limit of "))
    }

    @discardableResult
    private static func run(
      _ arguments: [String], in folder: TemporaryFolder
    ) throws -> Program.Outcome {
      let outcome = try Program.run(arguments, in: folder)
      try #require(outcome.status == 0, "\(outcome.errors)")
      return outcome
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
