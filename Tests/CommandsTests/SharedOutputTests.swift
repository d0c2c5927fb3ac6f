import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Outputs that runs share` {
    private static let train = [
      "train", "-a", "lenet5", "-d", "pictures", "-e", "3000", "--quiet", "-o", "run", "--restart",
    ]

    @Test func `two training runs do not mix`() throws {
      let folder = try Sample.folder()
      let other = try TemporaryFolder()
      let first = try Program.start(Self.train, in: folder)
      while first.isRunning, !folder.exists("run/epoch-001.safetensors") { usleep(500) }
      defer { kill(first.processIdentifier, SIGKILL) }
      for more in [[], ["--resume"], ["--seed", "7"]] {
        // The first one's output is in this folder.
        let command = Self.train.filter { $0 != "--restart" || more != ["--resume"] }
          .map { $0 == "run" || $0 == "pictures" ? folder["/\($0)"] : $0 }
        let second = try Program.run(command + more, in: other)
        #expect(second.status == 73)
        #expect(
          second.errors == "fovea: \(folder["/run"]): another run (process "
            + "\(first.processIdentifier)) is writing here; wait for it, or use another --output\n")
      }
      #expect(first.isRunning)
    }

    private static let canBeAnother =
      getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

    @Test(.enabled(if: canBeAnother, "only root can become another user"))
    func `nor do those of two users`() throws {
      let folder = try Sample.folder()
      chmod(folder.path, 0o777)
      let first = try Program.start(Self.train, in: folder)
      while first.isRunning, !folder.exists("run/epoch-001.safetensors") { usleep(500) }
      defer { kill(first.processIdentifier, SIGKILL) }
      chmod(folder["/run"], 0o777)
      let other = try TemporaryFolder()
      let second = try Program.run(
        shell: "cd \(folder.path); exec setpriv --reuid 65534 --regid 65534 --clear-groups $FOVEA "
          + Self.train.joined(separator: " "), in: other)
      #expect(second.status == 73)
      #expect(second.errors.hasPrefix("fovea: run: another run (process "), "\(second.errors)")
      #expect(first.isRunning)
    }

    @Test(.enabled(if: StopPoints.areAvailable, "calls are intercepted on Linux alone"))
    func `all works where the file system knows no locks`() throws {
      let folder = try Sample.folder()
      for command in [
        ["visualize", "model.safetensors", "--only", "filters", "-o", "g"],
        ["visualize", "model.safetensors", "--only", "filters", "-o", "g"],
        ["filters", "model.safetensors", "-o", "g"],
        ["train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--quiet", "-o", "run"],
      ] {
        let outcome = try StopPoints.runWithoutLocks(command, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      #expect(folder.names() == ["g", "model.safetensors", "pictures", "run"])
      #expect(
        folder.names("g") == [
          "filters-conv1.png", "filters-conv1_thumbnail.jpg", "filters-conv2.png",
          "filters-conv2_thumbnail.jpg", "gallery.json", "index.html",
        ])
    }

    @Test func `a gallery is replaced by one run at a time, and not while figures join it`() throws
    {
      let folder = try Sample.folder()
      let long = ["--quiet", "-o", "g"]
      let steps = try folder.with("class-models: {steps: 100000}")
      let other = try TemporaryFolder()
      let busy = ": another run"
      for (command, conflicts) in [
        (
          ["visualize", "model.safetensors", "--only", "class-models"] + steps,
          ["visualize", "filters"]
        ), (["class-models", "model.safetensors", "--steps", "100000"], ["visualize"]),
      ] {
        let first = try Program.start(command + long, in: folder)
        // The one that was killed earlier left its folder behind.
        let hidden = command[0] == "visualize" ? ".g.fovea-new" : ".g.fovea-adding-"
        while first.isRunning, !folder.names().contains(where: { $0.hasPrefix(hidden) }) {
          usleep(500)
        }
        for name in conflicts {
          let only = name == "visualize" ? ["--only", "filters"] : []
          let second = try Program.run(
            [name, folder["/model.safetensors"], "-o", folder["/g"]] + only, in: other)
          #expect(second.status == 73)
          #expect(second.errors.contains(busy), "\(second.errors)")
        }
        if command[0] == "class-models" {
          // Runs that add to the output do not conflict.
          let second = try Program.run(
            ["filters", folder["/model.safetensors"], "-o", folder["/g"]], in: other)
          #expect(second.status == 0, "\(second.errors)")
        }
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
      }
      // A lock ends with its owner.
      try folder.run("visualize", "model.safetensors", "--only", "filters", "-o", "g")
      #expect(folder.names() == ["g", "model.safetensors", "pictures"])
    }

    @Test func `what killed runs have left goes with the next one`() throws {
      let folder = try Sample.folder()
      for round in 0..<6 {
        let process = try Program.start(Self.train, in: folder)
        while process.isRunning, folder.names("run").count < 2 { usleep(500) }
        usleep(UInt32(3_000 * round))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      try folder.write("mine", "run/.mine.partial")
      try folder.write("left", "run/.epoch-001.safetensors.fovea-0123abcd.partial")
      try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "-o", "run", "--quiet", "--restart")
      #expect(
        folder.names("run") == [
          ".mine.partial", "curves.png", "data.json", "epoch-001.safetensors",
          "final.safetensors", "log.csv",
        ])
      #expect(folder.names() == ["model.safetensors", "pictures", "run"])
    }

    @Test func `a gallery among the pictures is none of them`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "visualize", "model.safetensors", "--only", "filters", "-o", "pictures/gallery")
      let outcome = try folder.run(
        "patches", "model.safetensors", "--images", "pictures", "-o", "pictures/gallery")
      #expect(
        outcome.errors == "skipped 2 of Fovea's own figures in pictures/gallery\n"
          + "looking through pictures (training pictures): 48\n")
      let figures = try folder.json("pictures/gallery/gallery.json")["figures"] as? [[String: Any]]
      #expect(figures?.count ?? 0 > 2)
      try folder.expect(
        "pictures/gallery: expected pictures (PNG, JPEG), folders train and test, CIFAR files or "
          + "IDX files, found only Fovea's own figures", status: 66,
        from: "patches", "model.safetensors", "--images", "pictures/gallery", "-o", "h")
      let training = try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "-o", "pictures/run")
      #expect(training.errors.contains("preparing 48 pictures\n"))
      let again = try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "-o", "pictures/run", "--restart")
      #expect(again.errors.contains("preparing 48 pictures\n"))
    }
  }
}
