import Checkpoints
import Foundation
import Images
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Training` {
    @Test func `train writes checkpoints, a log and curves, and lists them`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "train", "--architecture", "lenet5", "--data", "pictures", "--epochs", "3", "-o", "run")
      #expect(
        outcome.lines == [
          "run/data.json", "run/epoch-001.safetensors", "run/epoch-002.safetensors",
          "run/final.safetensors",
          "run/log.csv", "run/curves.png",
        ])
      #expect(folder.names("run").map { "run/\($0)" } == outcome.lines.sorted())
      let rows = try folder.text("run/log.csv").split(separator: "\n")
      #expect(
        rows[0]
          == "epoch,training_loss,training_accuracy,validation_loss,validation_accuracy,"
          + "learning_rate,seconds")
      #expect(rows.dropFirst().map { $0.prefix(2) } == ["1,", "2,", "3,"])
      let texts = try Image.textChunks(of: folder["/run/curves.png"])
      #expect(texts.first?.value == "Training curves")
      #expect(outcome.errors.contains("preparing 48 pictures\nepoch 1/3  loss "))
    }

    @Test func `where the pictures lie is kept as the system finds it`() throws {
      let folder = try Sample.folder()
      try folder.write("", "real/deep/file")
      try FileManager.default.createSymbolicLink(
        atPath: folder["/link"], withDestinationPath: "real/deep")
      try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "-o", "link/../run", "--quiet")
      #expect(try folder.json("real/run/data.json")["data"] as? String == "../../pictures")
    }

    @Test func `the test accuracy and the next command are the last words`() throws {
      let folder = try Sample.folder()
      for part in ["train", "test"] {
        for name in ["mug", "car"] {
          try folder.copy(folder["/pictures/\(name)"], as: "data/\(part)/\(name)")
        }
      }
      let outcome = try folder.run(
        "train", "-a", "lenet5", "-d", "data", "-e", "1", "-o", "run", "--json")
      let object =
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      let accuracy = try #require(object?["testAccuracy"] as? Double)
      #expect((0...1).contains(accuracy))
      #expect((object?["files"] as? [String])?.last == "run/curves.png")
      #expect(
        outcome.errors.hasSuffix(
          "test accuracy \(String(format: "%.2f", 100 * accuracy)) %\n"
            + "see what it has learned: fovea visualize run/final.safetensors\n"))
    }

    @Test func `a resumed run ends in the same bytes`() throws {
      let (whole, parts) = (try Sample.folder(), try Sample.folder())
      let command = [
        "train", "--architecture", "lenet5", "--data", "pictures", "--epochs", "40", "--output",
        "run",
      ]
      #expect(try Program.run(command, in: whole).status == 0)
      let process = try Program.start(command, in: parts)
      while process.isRunning, !parts.exists("run/epoch-002.safetensors") { usleep(1000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try #require(process.terminationReason == .uncaughtSignal)
      #expect(parts.exists("run/resume.safetensors") && !parts.exists("run/final.safetensors"))

      try parts.expect(
        "run/resume.safetensors: was trained with seed 0, not 9", status: 65,
        from: "train", "--architecture", "lenet5", "--data", "pictures", "--epochs", "40",
        "--output", "run", "--resume", "--seed", "9", "--quiet")
      #expect(try Program.run(command + ["--resume"], in: parts).status == 0)
      var (first, second) = (whole.contents("run"), parts.contents("run"))
      // Only the log contains times.
      first["log.csv"] = nil
      second["log.csv"] = nil
      #expect(first.count == 10)
      #expect(first == second)
      func losses(_ folder: TemporaryFolder) throws -> [Substring] {
        try folder.text("run/log.csv").split(separator: "\n").map {
          $0[..<($0.lastIndex(of: ",") ?? $0.endIndex)]
        }
      }
      #expect(try losses(whole) == losses(parts))
    }

    @Test func `paths stay behind, and a gallery finds the test pictures all the same`() throws {
      let folder = try Sample.folder()
      for part in ["train", "test"] {
        try folder.copy(folder["/pictures"], as: "private/secret/\(part)-pictures")
      }
      try folder.write(
        """
        architecture: lenet5
        data: \(folder["/private/secret/train-pictures"])
        testData: private/secret/test-pictures
        epochs: 1
        """, "recipe.yaml")
      try folder.run("train", "recipe.yaml", "-o", "runs/one")
      let checkpoints = folder.contents("runs/one").filter { $0.key.hasSuffix(".safetensors") }
      #expect(checkpoints["final.safetensors"] != nil)
      for (name, bytes) in checkpoints {
        #expect(bytes.firstRange(of: Data("secret".utf8)) == nil, "\(name)")
        #expect(bytes.firstRange(of: Data("test-pictures".utf8)) != nil, "\(name)")
      }
      func sources(_ checkpoint: String) throws -> [String] {
        try folder.run("patches", checkpoint, "--layers", "relu1", "-o", "g", "--force")
        let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
        return figures.compactMap { $0["source"] as? String }
      }
      #expect(try sources("runs/one/final.safetensors") == ["test-pictures (training pictures)"])
      // A whole run can be moved with its data; a checkpoint alone finds data beside it.
      try FileManager.default.moveItem(atPath: folder["/runs"], toPath: folder["/moved"])
      #expect(try sources("moved/one/final.safetensors") == ["test-pictures (training pictures)"])
      try folder.copy(folder["/moved/one/final.safetensors"], as: "alone/final.safetensors")
      try folder.expect(
        "give pictures with --images: 'final.safetensors' has none; 'train-pictures', which it "
          + "was trained on, is not found", status: 64,
        from: "patches", "alone/final.safetensors", "-o", "h", "--quiet")
      try folder.copy(folder["/pictures"], as: "alone/train-pictures")
      #expect(try sources("alone/final.safetensors") == ["train-pictures (training pictures)"])
      // Figures of right and wrong choices say what that means.
      try folder.run("confusion", "alone/final.safetensors", "-o", "c", "--quiet")
      let figures = try folder.json("c/gallery.json")["figures"] as? [[String: Any]]
      let caption = figures?.first?["caption"] as? String ?? ""
      #expect(
        caption.contains(
          "The network was trained on these pictures, so it makes fewer mistakes than on others."))
    }

    @Test(arguments: ["1", "3"]) func `the same number of threads gives the same bytes`(
      threads: String
    ) throws {
      let runs = try (0..<2).map { _ in
        let folder = try Sample.folder()
        try folder.run(
          "train", "-a", "lenet5", "-d", "pictures", "-e", "2", "--batch-size", "16", "-o", "run",
          "--threads", threads)
        return folder
      }
      let bytes = try runs.map { try $0.data("run/final.safetensors") }
      #expect(bytes[0] == bytes[1])
      try runs[0].run(
        "embedding", "model.safetensors", "--images", "pictures", "-o", "g", "--threads", threads)
    }

    @Test func `an earlier run is replaced only if that is asked for`() throws {
      let folder = try Sample.folder()
      let command = ["train", "-a", "lenet5", "-d", "pictures", "-o", "run", "--quiet"]
      #expect(try Program.run(command + ["-e", "2"], in: folder).status == 0)
      let before = folder.contents("run")
      let refused = try Program.run(command + ["-e", "1"], in: folder)
      #expect(refused.status == 73)
      #expect(
        refused.errors
          == "fovea: run: contains a complete training run of 2 epochs; use --resume with more "
          + "--epochs to prolong it, --restart to replace it, or another --output\n")
      #expect(folder.contents("run") == before)
      #expect(
        try Program.run(command + ["-e", "1", "--resume", "--restart"], in: folder).errors
          .hasPrefix("fovea: give either --resume or --restart, not both"))

      #expect(try Program.run(command + ["-e", "3", "--resume"], in: folder).status == 0)
      let log = try folder.text("run/log.csv").split(separator: "\n")
      #expect(log.dropFirst().map { $0.prefix(2) } == ["1,", "2,", "3,"])
      #expect(try folder.data("run/epoch-001.safetensors") == before["epoch-001.safetensors"])

      #expect(try Program.run(command + ["-e", "1", "--restart"], in: folder).status == 0)
      #expect(!folder.exists("run/epoch-002.safetensors"))
    }

    @Test func `a folder alone goes on with the run in it`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--seed", "5", "--optimizer", "adam",
        "-o", "runs/one", "--quiet")
      // Where it was started does not matter, and options override what is recorded.
      try folder.run("train", "--resume", "-o", "runs/one", "-e", "3", "--quiet")
      let log = try folder.text("runs/one/log.csv").split(separator: "\n")
      #expect(log.dropFirst().map { $0.prefix(2) } == ["1,", "2,", "3,"])
      // From given weights, too.
      try folder.run(
        "finetune", "model.safetensors", "pictures", "-e", "1", "-o", "runs/two", "--quiet")
      #expect(try folder.json("runs/two/data.json")["from"] as? String == "../../model.safetensors")
      try folder.run("train", "--resume", "-o", "runs/two", "-e", "2", "--quiet")
      #expect(try folder.text("runs/two/log.csv").split(separator: "\n").count == 3)

      let needed = "give a recipe, or --architecture and --data"
      try folder.expect(
        "pictures: contains no training run to continue; to begin one, \(needed)", status: 66,
        from: "train", "--resume", "-o", "pictures")
      try folder.expect(
        "\(needed); or the folder of the run to continue, with --output", status: 64,
        from: "train", "--resume")
      let outcome = try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--resume", "-o", "new")
      #expect(
        outcome.errors.hasPrefix(
          "nothing to resume in new: the run begins with its first epoch\n"))
    }

    @Test func `a flat folder is learned by a table of labels`() throws {
      let folder = try Sample.folder()
      var rows = "file,label\n"
      for (index, name) in ["mug", "car"].enumerated() {
        for (number, file) in folder.names("pictures/\(name)").enumerated() {
          try folder.copy(
            folder["/pictures/\(name)/\(file)"], as: "flat/\(index)-\(number).png")
          // One of each is not in the table.
          if number > 0 { rows += "\(index)-\(number).png,\(name)\n" }
        }
      }
      try folder.write(rows, "tables/labels.csv")
      try folder.expect(
        "flat: expected pictures of two or more classes (a folder each, or a table with --labels), "
          + "found no classes", status: 65,
        from: "train", "-a", "lenet5", "-d", "flat", "-o", "run", "--quiet")
      let outcome = try folder.run(
        "train", "-a", "lenet5", "-d", "flat", "--labels", "tables/labels.csv", "-e", "1", "-o",
        "run")
      #expect(outcome.errors.contains("tables/labels.csv: labels of 6 of 8 pictures\n"))
      #expect(outcome.errors.contains("preparing 6 pictures\n"))
      #expect(try folder.json("run/data.json")["labels"] as? String == "../tables/labels.csv")
      // Found again, with the classes.
      try folder.run("train", "--resume", "-o", "run", "-e", "2", "--quiet")
      try folder.run("confusion", "run/final.safetensors", "-o", "g", "--quiet")
      try folder.run(
        "finetune", "model.safetensors", "flat", "--labels", "tables/labels.csv", "-e", "1", "-o",
        "tuned", "--quiet")
      try folder.expect(
        "--labels: expected a table, found nothing", status: 64,
        from: "train", "-a", "lenet5", "-d", "flat", "--labels", "", "-o", "other", "--quiet")
    }

    @Test func `options decide on augmentation and the optimizer's rate`() throws {
      let folder = try Sample.folder()
      func recipe(_ options: String...) throws -> [String: Any] {
        let command = [
          "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "-o", "run", "--restart",
          "--quiet",
        ]
        let outcome = try Program.run(command + options, in: folder)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let text = try SafeTensorsFile(folder["/run/final.safetensors"]).metadata["fovea.recipe"]
        let object = try JSONSerialization.jsonObject(with: Data((text ?? "").utf8))
        return object as? [String: Any] ?? [:]
      }
      func augmentation(_ recipe: [String: Any]) -> [String: Any] {
        recipe["augmentation"] as? [String: Any] ?? [:]
      }
      let usual = try recipe()
      #expect(augmentation(usual)["padCrop"] as? Int == 2)
      #expect((usual["optimizer"] as? [String: Any])?["learningRate"] as? Double == 0.02)
      #expect(augmentation(try recipe("--no-augmentation"))["padCrop"] as? Int == 0)
      let own = augmentation(try recipe("--shift", "1", "--flip"))
      #expect(own["padCrop"] as? Int == 1 && own["flip"] as? Bool == true)
      let adam = try recipe("--optimizer", "adam")
      #expect((adam["optimizer"] as? [String: Any])?["learningRate"] as? Double == 0.001)
      try folder.expect(
        "give either --no-augmentation or --cutout, not both (see fovea train --help)", status: 64,
        from: "train", "-a", "lenet5", "-d", "pictures", "--no-augmentation", "--cutout", "4")
    }

    @Test func `settings that leave nothing of a picture, or change nothing, are said`() throws {
      let folder = try Sample.folder()
      let start = "architecture: lenet5\ndata: pictures\nepochs: 1\n"
      try folder.expect(
        "--cutout: expected less than 32, the shorter side of the 32×32 pictures, found 32",
        status: 64,
        from: "train", "-a", "lenet5", "-d", "pictures", "--cutout", "32", "-o", "run")
      try folder.write(start + "augmentation: {padCrop: 32}\n", "recipe.yaml")
      try folder.expect(
        "recipe.yaml: augmentation.padCrop: expected less than 32, the shorter side of the 32×32 "
          + "pictures, found 32", status: 65, from: "train", "recipe.yaml", "-o", "run")
      #expect(folder.names("run") == [])
      try folder.write(start + "schedule: {name: step, milestones: [1, 30]}\n", "recipe.yaml")
      let outcome = try folder.run("train", "recipe.yaml", "-o", "run")
      #expect(
        outcome.errors.contains(
          "the milestones 1, 30 of the step schedule come after the last of 1 epoch, so the learning "
            + "rate is never lowered\npreparing 48 pictures\n"), "\(outcome.errors)")
    }

    @Test(arguments: ["x.npz", "x.safetensors"]) func `arrays with labels are learned`(
      name: String
    ) throws {
      let folder = try Sample.folder()
      // Bright and dark, as they are.
      let values: [Float] = (0..<73_728).map { (index: Int) -> Float in
        let brightness = index / 3072 % 2
        return Float(index % 7) / 7 + Float(brightness)
      }
      let labels = (0..<24).map { $0 % 2 }
      if name.hasSuffix("npz") {
        try folder.write(
          zip([
            ("x.npy", npy([24, 3, 32, 32], values)), ("y.npy", npy(labels: labels)),
          ]), name)
      } else {
        var bytes = Data()
        for label in labels { bytes.append(contentsOf: littleEndian(label, 8)) }
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        let header = """
          {"labels":{"dtype":"I64","shape":[24],"data_offsets":[0,192]},\
          "x":{"dtype":"F32","shape":[24,3,32,32],"data_offsets":[192,\(192 + 4 * values.count)]}}
          """
        try folder.write(
          Data(littleEndian(header.utf8.count, 8)) + Data(header.utf8) + bytes, name)
      }
      try folder.run(
        "train", "-a", "lenet5", "-d", name, "-e", "20", "--batch-size", "8", "--learning-rate",
        "0.1", "--quiet", "-o", "run")
      let log = try folder.text("run/log.csv").split(separator: "\n")
      let last = try #require(log.last).split(separator: ",", omittingEmptySubsequences: false)
      #expect(Double(last[2]) == 1)
      // The network takes them as they are.
      try folder.run("saliency", "run/final.safetensors", "--images", name, "-o", "g", "--quiet")
      try folder.write(npy([24, 3, 32, 32], values), "x.npy")
      try folder.expect(
        "x.npy: expected labels of two or more classes beside the array, in an .npz archive or "
          + ".safetensors file, found no labels", status: 65,
        from: "train", "-a", "lenet5", "-d", "x.npy", "-o", "other")
    }

    @Test func `recipes and options that cannot be followed`() throws {
      let folder = try Sample.folder()
      try folder.expect(
        "give a recipe, or --architecture and --data", status: 64, from: "train", "-a", "lenet5")
      try folder.expect(
        "no architecture 'lenett5'; did you mean 'lenet5'?", status: 64,
        from: "train", "-a", "lenett5", "-d", "pictures")
      try folder.expect(
        "nowhere: no such file or folder", status: 66, from: "train", "-a", "mlp", "-d", "nowhere")
      try folder.expect(
        "--epochs: expected a number from 1 to 1000000, found 0", status: 64,
        from: "train", "-a", "mlp", "-d", "pictures", "-e", "0")
      try folder.expect(
        "--learning-rate: expected a number above 0, found 0", status: 64,
        from: "train", "-a", "mlp", "-d", "pictures", "--learning-rate", "0")
      try folder.expect(
        "expected scenes:COUNT with a count up to 1,000,000, found 'scenes:0'", status: 64,
        from: "train", "-a", "mlp", "-d", "scenes:0")
      try folder.write("text", "notes.txt")
      try folder.expect(
        "notes.txt: expected a picture (PNG, JPEG), a CIFAR file (.bin), an IDX file, a NumPy "
          + "array (.npy), a NumPy archive (.npz) or an array (.safetensors), found a file that "
          + "starts with the bytes 74 65 78 74", status: 65,
        from: "train", "-a", "mlp", "-d", "notes.txt")
      try folder.expect(
        "pictures/mug: expected pictures of two or more classes (a folder each, or a table with "
          + "--labels), found no classes",
        status: 65, from: "train", "-a", "mlp", "-d", "pictures/mug")

      try folder.expect("recipe.yaml: no such file", status: 66, from: "train", "recipe.yaml")
      let start = "architecture: lenet5\ndata: pictures\n"
      for (text, message) in [
        ("epochs: many\n", "epochs: expected an integer"),
        ("batchSize: 0\n", "batchSize: expected a number from 1 to 65536, found 0"),
      ] {
        try folder.write(start + text, "recipe.yaml")
        try folder.expect("recipe.yaml: \(message)", status: 65, from: "train", "recipe.yaml")
      }
      for text in ["momentum: 1\n", "epochs: [\n", "\u{1}\n"] {
        try folder.write(start + text, "recipe.yaml")
        let outcome = try Program.run(["train", "recipe.yaml"], in: folder)
        #expect(outcome.errors.hasPrefix("fovea: recipe.yaml: "))
        #expect(outcome.errors.filter(\.isNewline).count == 1)
        #expect(outcome.status == 65)
      }
      #expect(!folder.exists("output"))
    }

    @Test func `a single class is named`() throws {
      let folder = try Sample.folder()
      try folder.copy(folder["/pictures/mug"], as: "one/mug")
      let message =
        "one: expected pictures of two or more classes (a folder each, or a table with --labels), "
        + "found one class, 'mug'"
      try folder.expect(message, status: 65, from: "train", "-a", "mlp", "-d", "one")
      try folder.expect(
        message, status: 65, from: "finetune", "model.safetensors", "one", "--quiet")
      try folder.expect(
        "one: expected pictures of at least two classes, found one, 'mug'", status: 65,
        from: "probe", "model.safetensors", "--images", "one", "-o", "p", "--quiet")
      try folder.write("architecture: mlp\ndata: pictures\nclasses: [mug]\n", "recipe.yaml")
      try folder.expect(
        "recipe.yaml: classes: expected the names of two or more classes, found one, 'mug'",
        status: 65, from: "train", "recipe.yaml")
      #expect(!folder.exists("output/recipe/log.csv"))
    }

    @Test func `a recipe needs no pictures if an option names them`() throws {
      let folder = try Sample.folder()
      try folder.write("architecture: lenet5\nepochs: 1\n", "recipe.yaml")
      try folder.run("train", "recipe.yaml", "--data", "pictures", "--quiet", "-o", "run")
      #expect(folder.exists("run/final.safetensors"))
      let message = "recipe.yaml: data: is missing; give it in the recipe or with --data"
      try folder.expect(message, status: 65, from: "train", "recipe.yaml")
      try folder.expect(
        message, status: 65, from: "experiment", "architectures", "--recipe", "recipe.yaml")
      // Nor a network, where one is given.
      try folder.write("epochs: 1\n", "short.yaml")
      try folder.run(
        "finetune", "model.safetensors", "pictures", "--recipe", "short.yaml", "--quiet", "-o",
        "tuned")
      #expect(folder.exists("tuned/final.safetensors"))
      try folder.expect(
        "short.yaml: architecture: is missing; give it in the recipe or with --architecture",
        status: 65, from: "train", "short.yaml", "--data", "pictures")
    }

    @Test func `holding out too much is an error of the option or of the recipe`() throws {
      let folder = try Sample.folder()
      try folder.expect(
        "--validation-fraction: 0.99 holds out 48 of 48 pictures, which leaves none to train on",
        status: 64,
        from: "train", "-a", "lenet5", "-d", "pictures", "--validation-fraction", "0.99",
        "--quiet", "-o", "run")
      try folder.write(
        "architecture: lenet5\ndata: pictures\nvalidationFraction: 0.9\n", "recipe.yaml")
      // Each of the twelve classes keeps one of its four pictures to learn from.
      let outcome = try folder.run("train", "recipe.yaml", "-e", "1", "-o", "run")
      #expect(
        outcome.errors.contains(
          "36 of 48 pictures are held out for validation, so that each class has some to train and "
            + "to validate on\n"), "\(outcome.errors)")
    }

    @Test func `errors name options where options were given, and keys where a recipe was`() throws
    {
      let folder = try Sample.folder()
      let start = "architecture: lenet5\ndata: pictures\n"
      let reason = "because the test pictures must not decide, found"
      for (recipe, options, message) in [
        (
          nil, ["--patience", "3"],
          "--patience: expected a --validation-fraction above 0, \(reason) "
            + "--validation-fraction 0"
        ),
        (
          "earlyStopping: {patience: 3}\n", [],
          "recipe.yaml: earlyStopping.patience: expected a validationFraction above 0, \(reason) "
            + "validationFraction 0"
        ),
        (
          "earlyStopping: {patience: 3}\nvalidationFraction: 0.2\n",
          ["--validation-fraction", "0"],
          "--validation-fraction: the recipe's earlyStopping.patience: expected a "
            + "--validation-fraction above 0, \(reason) --validation-fraction 0"
        ),
        (
          nil, ["--schedule", "step"],
          "--schedule: the recipe's schedule.milestones: expected at least one for the step "
            + "schedule, found none"
        ),
        (
          "schedule: {minimum: 0.01}\n", ["--learning-rate", "0.001"],
          "--learning-rate: the recipe's schedule.minimum: expected a number from 0 to 0.001, "
            + "found 0.01"
        ),
        (
          nil, ["--change", "remove=fc9"],
          "--change: remove: the network has no layer 'fc9'; did you mean fc3 or fc4 or fc5?"
        ),
        (
          "changes: {remove: fc9}\n", [],
          "recipe.yaml: changes: remove: the network has no layer 'fc9'; did you mean fc3 or fc4 "
            + "or fc5?"
        ),
      ] as [(String?, [String], String)] {
        if let recipe { try folder.write(start + recipe, "recipe.yaml") }
        let command =
          ["train"]
          + (recipe == nil ? ["-a", "lenet5", "-d", "pictures"] : ["recipe.yaml"]) + options
        let outcome = try Program.run(command + ["--quiet", "-o", "run"], in: folder)
        #expect(outcome.errors == "fovea: \(message)\n")
        #expect(outcome.status == (message.hasPrefix("recipe.yaml") ? 65 : 64))
      }
      try folder.expect(
        "<dataset>: expected a path or scenes, found nothing", status: 64,
        from: "finetune", "model.safetensors", "", "--quiet")
    }

    @Test func `a network that diverged in its last step does not look as if it had learned`()
      throws
    {
      let folder = try Sample.folder()
      // A single step: the loss is measured before it.
      let outcome = try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--learning-rate", "1000", "-o",
        "run",
        "--json")
      #expect(outcome.errors.contains("the last network is far worse than the training loss"))
      let object =
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      let loss = try #require(object?["trainingLoss"] as? Double)
      #expect(loss > 30)
      let curves = try Image.textChunks(of: folder["/run/curves.png"])
      #expect(curves.contains { $0.value.contains("the last network has a loss of") })
      let usual = try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "-o", "usual")
      #expect(usual.errors.contains(" on 48 training pictures\n"))
      #expect(!usual.errors.contains("far worse"))
    }

    @Test func `unreadable pictures are named, counted and left out`() throws {
      let folder = try Sample.folder()
      try folder.write(Broken.enormousPNG, "pictures/car/enormous.png")
      try folder.write("no picture", "pictures/mug/text.png")
      let outcome = try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "-o", "run", "--quiet")
      #expect(
        outcome.errors == """
          fovea: skipped pictures/car/enormous.png: \(Broken.enormousPNGMessage)
          fovea: skipped pictures/mug/text.png: expected a PNG or JPEG picture, found a file that \
          starts with the bytes 6e 6f 20 70 69 63 74 75
          fovea: skipped 2 files in all

          """)
    }
  }
}
