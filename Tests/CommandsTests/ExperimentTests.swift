import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Experiments` {
    private static let ablation = [
      "experiment", "ablation", "--data", "pictures", "--architecture", "lenet5", "--without",
      "fc4", "--without", "fc3,fc4", "--epochs", "1", "--batch-size", "16", "--output", "out",
    ]

    @Test func `an ablation writes a table, figures and a run for each network`() throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(Self.ablation, in: folder)
      #expect(outcome.status == 0)
      #expect(
        outcome.lines == ["txt", "csv", "png"].map { "out/table.\($0)" } + [
          "out/errors.png", "out/curves.png",
        ])
      #expect(folder.names("out/runs") == ["complete", "without-fc3-fc4", "without-fc4"])
      #expect(outcome.errors.contains("run 2/3: without fc4\n  fc4 is left out"))
      #expect(outcome.errors.contains("Network"))
      let before = try folder.data("out/table.csv")

      try folder.expect(
        "out: contains an earlier experiment; use --resume to keep its finished runs and go on, "
          + "--restart to replace it, or another --output", status: 73,
        from: Self.ablation)
      let again = try Program.run(Self.ablation + ["--resume"], in: folder)
      #expect(again.status == 0)
      #expect(again.errors.contains("run 3/3: without fc3, fc4 is finished, and kept"))
      #expect(try folder.data("out/table.csv") == before)
      let fewer = Self.ablation.filter { $0 != "fc3,fc4" }.enumerated()
        .filter { $0.offset != 8 }.map(\.element)
      let part = try Program.run(fewer + ["--resume"], in: folder)
      #expect(
        part.errors.contains("leave out earlier runs that are not asked for now: without-fc3-fc4"))
      #expect(try Program.run(Self.ablation + ["--restart"], in: folder).status == 0)
      #expect(try folder.data("out/table.csv") == before)
    }

    @Test func `the networks of a transfer are kept if that is asked for`() throws {
      let folder = try Sample.folder()
      let command = [
        "experiment", "transfer", "model.safetensors", "scenes:120", "--per-class", "2", "--seeds",
        "1", "-e", "1", "--methods", "svm,classifier", "-o", "out", "--quiet",
      ]
      #expect(try Program.run(command + ["--keep-networks"], in: folder).status == 0)
      // What is written is a network like any other.
      try folder.run("predict", "out/runs/classifier-2-1/final.safetensors", "--images", "pictures")
      // Going on without the option removes none of them.
      #expect(try Program.run(command + ["--resume"], in: folder).status == 0)
      #expect(folder.exists("out/runs/classifier-2-1/final.safetensors"))
    }

    @Test func `shifts that leave less than half of a picture are refused`() throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        [
          "experiment", "architectures", "-d", "pictures", "--network", "lenet5", "--shifts",
          "0,500", "-o", "out",
        ], in: folder)
      #expect(outcome.status != 0)
      #expect(outcome.errors.contains("--shifts: expected at most "), "\(outcome.errors)")
    }

    @Test func `galleries are one option away`() throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        [
          "experiment", "architectures", "-d", "pictures", "--network", "lenet5 pooling=stride",
          "--shifts", "1", "-e", "1", "-o", "out", "--galleries", "--json",
        ], in: folder)
      #expect(outcome.status == 0)
      #expect(folder.exists("out/runs/lenet5-pooling_stride/gallery/index.html"))
      let object =
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      let runs = try #require(object?["runs"] as? [[String: Any]])
      #expect(runs.map { $0["name"] as? String } == ["lenet5-pooling_stride"])
      #expect((runs[0]["testError"] as? Double).map((0...1).contains) == true)
    }

    @Test func `a transfer compares learning anew with what is given`() throws {
      let folder = try Sample.folder()
      let command = [
        "experiment", "transfer", "model.safetensors", "scenes:120", "--per-class", "2,3",
        "--seeds", "2", "-e", "1", "--methods", "svm,classifier,connected", "-o", "out",
      ]
      let outcome = try Program.run(command, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.lines == [
          "out/table.txt", "out/table.csv", "out/runs.csv", "out/table.png", "out/curves.png",
        ])
      #expect(folder.names("out/runs").count == 12)
      #expect(outcome.errors.contains("run 1/12: SVM on fixed features, 2 per class, 1 of 2\n"))
      // Once for all runs of a kind.
      #expect(outcome.errors.ranges(of: "support vector machines on the 84 features").count == 1)
      let table = try folder.text("out/table.txt")
      #expect(table.contains("classifier only") && table.contains("fully connected layers"))
      // Measures are enough to go on.
      for name in folder.names("out/runs") {
        #expect(!folder.exists("out/runs/\(name)/final.safetensors"))
        #expect(folder.exists("out/runs/\(name)/measures.json"))
      }
      let before = try folder.data("out/table.csv")
      let again = try Program.run(command + ["--resume", "--quiet"], in: folder)
      #expect(again.status == 0)
      #expect(try folder.data("out/table.csv") == before)
      let late = try Program.run(command + ["--resume", "--quiet", "--galleries"], in: folder)
      #expect(
        late.errors
          == "fovea: out/runs/classifier-2-1/final.safetensors: the run is finished, but its network "
          + "was not kept; use --restart to make all anew, or leave out --galleries and "
          + "--keep-networks\n")
      #expect(late.status == 66)
      #expect(try folder.data("out/table.csv") == before)
    }

    @Test(arguments: [
      (["--per-class", "1"], "--per-class: expected numbers of pictures from 2 on"),
      (["--per-class", "15,x"], "--per-class: expected numbers of pictures from 2 on"),
      (["--seeds", "0"], "--seeds must be from 1 to 100, not 0"),
      (["--methods", "none"], "--methods: expected some of scratch, svm, classifier"),
      (["--copied-rate", "0"], "--copied-rate must be a positive number, not 0.0"),
      (["--per-class", "2,900"], "--per-class 900: expected 900 or more"),
      (["--preprocess", "auto"], "--preprocess auto is not for experiments"),
    ])
    func `wrong options of a transfer`(options: [String], reason: String) throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        ["experiment", "transfer", "model.safetensors", "scenes:120"] + options, in: folder)
      #expect(outcome.errors.contains("fovea: \(reason)"), "\(outcome.errors)")
      #expect(outcome.status == 64)
    }

    @Test(arguments: [
      (["ablation"], "give the pictures with --data, or a --recipe"),
      (
        ["ablation", "--data", "pictures", "-a", "lenett5"],
        "no architecture 'lenett5'; did you mean 'lenet5'?"
      ),
      (
        ["architectures", "--data", "pictures", "--network", "mpl"],
        "--network: no architecture 'mpl'; did you mean 'mlp'?"
      ),
      (
        ["architectures", "--data", "pictures", "--epochs", "0"],
        "--epochs: expected a number from 1 to 1000000, found 0"
      ),
    ])
    func `wrong options are said before work starts`(arguments: [String], reason: String) throws {
      let folder = try Sample.folder()
      try folder.expect(reason, status: 64, from: ["experiment"] + arguments)
      #expect(!folder.exists("output"))
    }

    @Test func `training says how an architecture was changed`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "-o", "run", "--change",
        "remove=fc4", "--change", "pooling=average")
      #expect(outcome.errors.contains("fc4 is left out, and with it relu4\n"))
      #expect(outcome.errors.contains("pool1: average pool instead of max pool\n"))
      #expect(try folder.run("inspect", "run/final.safetensors").output.contains("average pool"))
      try folder.expect(
        "--change: remove: 'fc5' gives the class scores and cannot be left out", status: 64,
        from: "train", "-a", "lenet5", "-d", "pictures", "-o", "other", "--change", "remove=fc5")
    }
  }
}
