import Checkpoints
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing
import Training

extension `The program` {
  @Suite struct `Fine-tuning` {
    /// The sample with a data set of two of its classes and one that it does not have.
    private func folder() throws -> TemporaryFolder {
      let folder = try Sample.folder()
      for (name, source) in [("mug", "mug"), ("car", "car"), ("zebra", "bottle")] {
        try folder.copy(folder["/pictures/\(source)"], as: "data/\(name)")
      }
      return folder
    }

    private func network(_ folder: TemporaryFolder, _ name: String) throws -> Checkpoint {
      try Checkpoint.load(folder["/\(name)"])
    }

    @Test func `a new classifier on frozen features, in a folder like that of train`() throws {
      let folder = try folder()
      let outcome = try folder.run(
        "finetune", "model.safetensors", "data", "--freeze", "conv*", "-e", "2", "-o", "tuned")
      #expect(
        outcome.lines == [
          "tuned/data.json", "tuned/epoch-001.safetensors", "tuned/epoch-002.safetensors",
          "tuned/final.safetensors", "tuned/log.csv", "tuned/curves.png",
        ])
      #expect(
        outcome.errors.contains(
          "the classifier is new: model.safetensors has 2 of the 3 classes; it begins "
            + "with the rows of car, mug\n"),
        "\(outcome.errors)")
      #expect(outcome.errors.contains(" weight tensors are frozen\n"))
      let (given, tuned) = (
        try network(folder, "model.safetensors"), try network(folder, "tuned/final.safetensors")
      )
      #expect(tuned.classNames == ["car", "mug", "zebra"])
      #expect(tuned.network.classCount == 3)
      #expect(
        tuned.metadata[Checkpoint.Key.preprocessing]
          == given.metadata[Checkpoint.Key.preprocessing])
      for name in tuned.network.parameters.names {
        let isSame =
          tuned.network.parameters[name]?.elements == given.network.parameters[name]?.elements
        #expect(isSame == name.hasPrefix("conv"), "\(name)")
      }
      // What is written is a network like any other.
      try folder.run("predict", "tuned/final.safetensors", "--images", "data", "--quiet")
    }

    @Test func `classes that the network has keep its classifier`() throws {
      let folder = try folder()
      try FileManager.default.removeItem(atPath: folder["/data/zebra"])
      let outcome = try folder.run(
        "finetune", "model.safetensors", "data", "-e", "1", "--learning-rate", "1e-9", "-o", "t")
      #expect(
        outcome.errors.contains(
          "2 of the 12 classes of model.safetensors are kept: the classifier has only their rows\n")
      )
      let (given, tuned) = (
        try network(folder, "model.safetensors"), try network(folder, "t/final.safetensors")
      )
      let part = try #require(try given.network.classifier().parts.first)
      let weights = try #require(given.network.parameters[part.parameter])
      let width = weights.count / 12
      let rows = try ["car", "mug"].map { try #require(given.classNames.firstIndex(of: $0)) }
      expectClose(
        try #require(tuned.network.parameters[part.parameter]).elements,
        rows.flatMap { weights.elements[($0 * width)..<(($0 + 1) * width)].map(Double.init) },
        absolute: 1e-5)
      let new = try folder.run(
        "finetune", "model.safetensors", "data", "-e", "1", "--new-classifier", "-o", "n")
      #expect(new.errors.contains("the classifier is new, as asked for\n"))
    }

    @Test func `a recipe does the same, byte for byte`() throws {
      let folder = try folder()
      try folder.run(
        "finetune", "model.safetensors", "data", "-e", "2", "--unfreeze", "1", "--average", "0.9",
        "--layer-rate", "conv1=0.01", "--clip-norm", "1", "--mixup", "0.2", "--balanced", "-o",
        "a", "--quiet")
      try folder.write(
        """
        from: model.safetensors
        data: data
        epochs: 2
        optimizer: {learningRate: 0.02, nesterov: true, weightDecay: 0.0005, clipNorm: 1, \
        averageDecay: 0.9}
        schedule: {name: cosine, warmupEpochs: 0.5}
        augmentation: {padCrop: 2}
        mixup: 0.2
        sampling: balanced
        layers:
          copiedRate: 0.1
          rates: {conv1: 0.01}
          unfreezeEpochs: 1
        """, "recipe.yaml")
      try folder.run("train", "recipe.yaml", "-o", "b", "--quiet")
      #expect(try folder.data("a/final.safetensors") == folder.data("b/final.safetensors"))
      // The file's other settings count, its data and network do not.
      try folder.run(
        "finetune", "model.safetensors", "data", "--recipe", "recipe.yaml", "-o", "c", "--quiet")
      #expect(try folder.data("a/final.safetensors") == folder.data("c/final.safetensors"))
    }

    @Test func `keys that a recipe does not have keep the defaults of fine-tuning`() throws {
      let folder = try folder()
      try folder.write("epochs: 1\noptimizer: {momentum: 0.9}\n", "recipe.yaml")
      let command = ["finetune", "model.safetensors", "data", "--quiet"]
      #expect(try Program.run(command + ["-e", "1", "-o", "a"], in: folder).status == 0)
      #expect(
        try Program.run(command + ["--recipe", "recipe.yaml", "-o", "b"], in: folder).status == 0)
      #expect(try folder.data("a/final.safetensors") == folder.data("b/final.safetensors"))
      // Nesterov momentum, which is usual, does not stand against a recipe without momentum.
      try folder.write("epochs: 1\noptimizer: {momentum: 0}\n", "recipe.yaml")
      #expect(
        try Program.run(command + ["--recipe", "recipe.yaml", "-o", "c"], in: folder).status == 0)
    }

    @Test(arguments: [
      (["--new-classifier"], "--new-classifier: expected given weights, with --from, found none"),
      (["--copied-rate", "0.5"], "--copied-rate: expected given weights, with --from, found none"),
      (["--unfreeze", "1"], "--unfreeze: expected given weights, with --from, found none"),
      (["--clip-norm", "0"], "--clip-norm: expected a number above 0, found 0"),
    ])
    func `options without effect are refused`(options: [String], reason: String) throws {
      let folder = try folder()
      let outcome = try Program.run(
        ["train", "-a", "lenet5", "-d", "data", "-e", "1", "-o", "t"] + options, in: folder)
      #expect(outcome.status != 0)
      #expect(outcome.errors.contains(reason), "\(outcome.errors)")
    }

    @Test func `an interrupted run goes on to the same bytes`() throws {
      let (whole, parts) = (try folder(), try folder())
      let command = [
        "finetune", "model.safetensors", "data", "-e", "400", "--unfreeze", "40", "--average",
        "0.9", "--validation-fraction", "0.3", "--patience", "399", "--optimizer", "adam",
        "--learning-rate", "0.001", "-o", "run", "--quiet",
      ]
      #expect(try Program.run(command, in: whole).status == 0)
      let process = try Program.start(command, in: parts)
      while process.isRunning, !parts.exists("run/epoch-005.safetensors") { usleep(1000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try #require(process.terminationReason == .uncaughtSignal)
      #expect(try Program.run(command + ["--resume"], in: parts).status == 0)
      var (first, second) = (whole.contents("run"), parts.contents("run"))
      first["log.csv"] = nil
      second["log.csv"] = nil
      #expect(first == second)
    }

    @Test func `its folder is enough to go on with, also if the network was read with options`()
      throws
    {
      let folder = try folder()
      let command = [
        "finetune", "model.safetensors", "data", "-e", "2", "-o", "run", "--scale", "0.01",
      ]
      #expect(try Program.run(command, in: folder).status == 0)
      let outcome = try Program.run(["train", "--resume", "-o", "run"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `a network from an ONNX file learns`() throws {
      let folder = try folder()
      try folder.write(ManyInputs.model(channels: 3).data, "net.onnx")
      let outcome = try folder.run(
        "finetune", "net.onnx", "data", "--preprocess", "unit", "-e", "2", "--batch-size", "4",
        "-o", "t")
      #expect(
        outcome.errors.contains("the classifier is new: net.onnx does not name its classes\n"))
      let (given, tuned) = (
        try network(folder, "net.onnx"), try network(folder, "t/final.safetensors")
      )
      #expect(tuned.network.parameters.names == given.network.parameters.names)
      for name in given.network.parameters.names {
        #expect(
          tuned.network.parameters[name]?.elements != given.network.parameters[name]?.elements)
      }
      #expect(tuned.network.graph.inputShape == [3, 12, 12])
      try folder.run("filters", "t/final.safetensors", "-o", "g", "--quiet")
    }

    @Test func `a changed architecture keeps the weights that fit`() throws {
      let folder = try folder()
      let outcome = try folder.run(
        "finetune", "model.safetensors", "data", "-e", "1", "--change", "remove=fc4", "-o", "t")
      #expect(outcome.errors.contains("fc4 is left out, and with it relu4\n"))
      let tuned = try network(folder, "t/final.safetensors")
      #expect(!tuned.network.parameters.names.contains { $0.hasPrefix("fc4") })
      try folder.write(ManyInputs.model(channels: 3).data, "net.onnx")
      try folder.expect(
        "net.onnx: expected a network of a known architecture to change, found one that is "
          + "described by its graph", status: 65,
        from: "finetune", "net.onnx", "data", "--preprocess", "unit", "--change", "remove=fc4",
        "-o", "u", "--quiet")
    }

    @Test func `weights go into another network where they fit`() throws {
      let folder = try folder()
      let outcome = try folder.run(
        "train", "--from", "model.safetensors", "-a", "lenet5", "-d", "data", "-e", "1", "-o", "t")
      #expect(outcome.errors.contains(" weight tensors are those of model.safetensors; new: "))
      // Without an architecture, it is the checkpoint's own.
      try folder.run("train", "--from", "model.safetensors", "-d", "data", "-e", "1", "-o", "u")
      let tuned = try network(folder, "u/final.safetensors")
      #expect(tuned.design?.architecture == "lenet5")
      try folder.expect(
        "model.safetensors: expected weights with names and shapes of those of allcnn, found none",
        status: 65,
        from: "train", "--from", "model.safetensors", "-a", "allcnn", "-d", "data", "-e", "1",
        "--quiet", "-o", "v")
    }

    @Test func `a gallery shows what it takes for what`() throws {
      let folder = try folder()
      let outcome = try folder.run(
        "finetune", "model.safetensors", "data", "-e", "2", "--gallery", "-o", "t")
      let figures = try folder.json("t/gallery/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(figures.contains { $0["kind"] as? String == "confusion" })
      #expect(figures.contains { $0["kind"] as? String == "curves" })
      #expect(outcome.lines.contains { $0.hasPrefix("t/gallery/") && $0.hasSuffix(".png") })
    }

    @Test func `what cannot be done is said before anything is`() throws {
      let folder = try folder()
      let start = ["finetune", "model.safetensors", "data", "-o", "t", "--quiet"]
      for (options, message) in [
        (["--freeze", "*"], "--freeze: nothing is left that learns"),
        (
          ["--freeze", "con1"],
          "--freeze: no weights are called 'con1'; did you mean conv1 or conv2?"
        ),
        (
          ["--layer-rate", "conv1"],
          "--layer-rate: expected a pattern and a factor such as 'layer4.*=0.5', found 'conv1'"
        ),
        (
          ["--patience", "3"],
          "--patience: expected a --validation-fraction above 0, because the test pictures must "
            + "not decide, found --validation-fraction 0"
        ),
        (["--average", "1"], "--average: expected a number from 0 and below 1, found 1"),
      ] {
        let outcome = try Program.run(start + options, in: folder)
        let help = " (see fovea finetune --help)"
        #expect(outcome.errors.replacing(help, with: "") == "fovea: \(message)\n")
        #expect(outcome.status == 64)
      }
      try folder.expect(
        "nowhere.onnx: no such file", status: 66,
        from: "finetune", "nowhere.onnx", "data", "--quiet")
      try folder.expect(
        "nowhere: no such file or folder", status: 66,
        from: "finetune", "model.safetensors", "nowhere", "--quiet")
      try folder.expect(
        "--preprocess auto is not for finetune; predict finds the preset that fits", status: 64,
        from: "finetune", "model.safetensors", "data", "--preprocess", "auto")
      #expect(!folder.exists("t") && !folder.exists("output"))
    }
  }
}
