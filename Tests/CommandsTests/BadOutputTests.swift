import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Bad outputs` {
    /// A gallery of two figures in `g`.
    private func gallery() throws -> (TemporaryFolder, [String: Data]) {
      let folder = try Sample.folder()
      try folder.run("filters", "model.safetensors", "-o", "g")
      return (folder, folder.contents("g"))
    }

    @Test func `an output that cannot be made`() throws {
      let folder = try Sample.folder()
      for command in ["filters", "class-models"] {
        try folder.expect(
          "model.safetensors: expected a folder, found a file of that name", status: 73,
          from: command, "model.safetensors", "-o", "model.safetensors")
        try folder.expect(
          "model.safetensors/x: the folder cannot be created: Not a directory", status: 73,
          from: command, "model.safetensors", "-o", "model.safetensors/x")
      }
      try folder.expect(
        "model.safetensors/x: the folder cannot be created: Not a directory", status: 73,
        from: "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--quiet", "-o",
        "model.safetensors/x")
      try folder.expect(
        "model.safetensors/x: the folder cannot be created: Not a directory", status: 73,
        from: "scenes", "-c", "1", "-o", "model.safetensors/x")
    }

    @Test func `other people's files are not mixed with a gallery`() throws {
      let folder = try Sample.folder()
      try folder.write("dear diary", "mine/notes.txt")
      for command in ["filters", "visualize"] {
        try folder.expect(
          "mine: holds files that belong to no gallery (notes.txt); use another --output, or "
            + "--force to write beside them", status: 73,
          from: command, "model.safetensors", "-o", "mine")
        #expect(folder.names("mine") == ["notes.txt"])
      }
      try folder.run("filters", "model.safetensors", "-o", "mine", "--force")
      try folder.run(
        "visualize", "model.safetensors", "--only", "filters", "-o", "mine", "--force")
      #expect(try folder.text("mine/notes.txt") == "dear diary")
      #expect(
        folder.names("mine") == [
          "filters-conv1.png", "filters-conv1_thumbnail.jpg", "filters-conv2.png",
          "filters-conv2_thumbnail.jpg", "gallery.json", "index.html", "notes.txt",
        ])
    }

    @Test func `a gallery of another checkpoint is not added to`() throws {
      let (folder, before) = try gallery()
      try folder.write(Sample.checkpoint { _ in }, "other.safetensors")
      let outcome = try Program.run(["filters", "other.safetensors", "-o", "g"], in: folder)
      #expect(outcome.status == 73)
      #expect(outcome.errors.hasPrefix("fovea: g: holds a gallery of model.safetensors ("))
      #expect(folder.contents("g") == before)
    }

    @Test func `a corrupt record is not written over`() throws {
      let (folder, _) = try gallery()
      try folder.write("{", "g/gallery.json")
      let before = folder.contents("g")
      for command in ["filters", "visualize"] {
        try folder.expect(
          "g/gallery.json: expected a gallery's record, found no JSON; use another --output, or "
            + "--force", status: 65, from: command, "model.safetensors", "-o", "g")
      }
      #expect(folder.contents("g") == before)
      try folder.run("filters", "model.safetensors", "-o", "g", "--force")
      #expect(try folder.json("g/gallery.json")["program"] as? String == "fovea")
    }

    @Test func `a failed command leaves the earlier gallery as it was`() throws {
      let (folder, before) = try gallery()
      try folder.expect(
        "no class 'mog'; did you mean 'mug'?", status: 64,
        from: "visualize", "model.safetensors", "--images", "pictures", "--classes", "mog",
        "--quiet", "-o", "g")
      try folder.write(Broken.enormousPNG, "bad/a.png")
      try folder.expect(
        "bad/a.png: \(Broken.enormousPNGMessage)", status: 65,
        from: "patches", "model.safetensors", "--images", "bad", "--quiet", "-o", "g")
      #expect(folder.contents("g") == before)
    }

    @Test func `an interrupted run leaves the earlier gallery and is taken up`() throws {
      let (folder, before) = try gallery()
      let command =
        try ["visualize", "model.safetensors", "--images", "pictures", "-o", "g"]
        + folder.with("class-models: {steps: 60}")
      let process = try Program.start(command, in: folder)
      func staging() -> String? { folder.names().first { $0 == ".g.fovea-new" } }
      func hasBegun() -> Bool {
        staging().map { folder.exists("\($0)/gallery.json") } ?? false
      }
      while process.isRunning, !hasBegun() { usleep(500) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      try #require(process.terminationReason == .uncaughtSignal)
      #expect(folder.contents("g") == before)

      let prepared = try #require(staging())
      let finished = try #require(
        try folder.json("\(prepared)/gallery.json")["figures"] as? [[String: Any]]
      ).compactMap { $0["file"] as? String }
      #expect(!finished.isEmpty)
      func date(_ path: String) throws -> Date? {
        try FileManager.default.attributesOfItem(atPath: folder["/\(path)"])[.modificationDate]
          as? Date
      }
      let dates = try finished.map { try date("\(prepared)/\($0)") }
      #expect(try Program.run(command + ["--resume"], in: folder).status == 0)
      #expect(try finished.map { try date("g/\($0)") } == dates)
      #expect(!folder.names().contains { $0.hasPrefix(".") })

      let whole = try Sample.folder()
      _ = try whole.with("class-models: {steps: 60}")
      #expect(try Program.run(command, in: whole).status == 0)
      #expect(Set(folder.names("g")) == Set(whole.names("g")))
    }

    @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
    func `a full disk`() throws {
      let folder = try Sample.folder()
      let disk = try SmallDisk(folder["/disk"], kilobytes: 1 << 16)
      defer { disk.unmount() }
      let options = try folder.with("class-models: {steps: 2}")
      func draw(_ command: String, _ output: String) throws -> Program.Outcome {
        let figures = [
          "model.safetensors", "--images", "pictures", "--limit", "20", "--arrays", "--quiet",
          "--threads", "2", "-o", output,
        ]
        return try Program.run(
          [command] + figures + (command == "visualize" ? options : []), in: folder)
      }
      try folder.run("visualize", "model.safetensors", "--only", "filters", "-o", "disk/g")
      let before = folder.contents("disk/g")
      for command in ["visualize", "features"] {
        #expect(try draw(command, "whole-\(command)").status == 0)
        let files = folder.contents("whole-\(command)").mapValues {
          ($0.count + SmallDisk.block - 1) / SmallDisk.block * SmallDisk.block
        }
        let room = files.values.reduce(0, +) / 2
        // Two figures are under way at a time, and a record is written before the earlier one is
        // removed; with more room than those need, some figure is finished before the disk is full.
        let figures = Dictionary(grouping: files) { $0.key.prefix { $0 != "." } }
        let largest = figures.values.map { $0.reduce(0) { $0 + $1.value } }.max() ?? 0
        try #require(room > 2 * largest + 2 * files["gallery.json", default: 0])
        try disk.leave(room)

        let outcome = try draw(command, "disk/g")
        #expect(outcome.status == 73)
        #expect(outcome.output == "")
        let lines = outcome.errors.split(separator: "\n")
        #expect(
          lines.last?.wholeMatch(
            of: /fovea: disk\/g\/[A-Za-z0-9._-]+: cannot be written: No space left on device/)
            != nil, "\(outcome.errors)")
        // What one of them has finished is worth keeping.
        let isKept =
          lines.first?.wholeMatch(
            of: /fovea: \d+ finished figures? .* kept for --resume, and disk\/g is as it was/)
          != nil
        #expect(isKept == (command == "visualize"), "\(outcome.errors)")
        #expect(folder.contents("disk/g") == before)
        #expect(folder.names("disk") == (isKept ? [".g.fovea-new", "g"] : ["g"]))
        try? FileManager.default.removeItem(atPath: folder["/disk/.g.fovea-new"])
      }
      try disk.leave(try Sample.bytes().count / 2)
      let training = try Program.run(
        ["train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--quiet", "-o", "disk/run"],
        in: folder)
      #expect(training.status == 73)
      #expect(
        training.errors
          == "fovea: disk/run/epoch-001.safetensors: cannot be written: "
          + "No space left on device\n")
      #expect(folder.names("disk/run") == ["data.json", "log.csv"])
    }

    @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
    func `a read-only disk`() throws {
      let folder = try Sample.folder()
      let disk = try SmallDisk(folder["/disk"], kilobytes: 2000)
      defer { disk.unmount() }
      try folder.run("visualize", "model.safetensors", "--only", "filters", "-o", "disk/g")
      let before = folder.contents("disk/g")
      try disk.makeReadOnly()
      for command in ["filters", "visualize"] {
        try folder.expect(
          "disk/g: the folder cannot be created: Read-only file system", status: 73,
          from: command, "model.safetensors", "-o", "disk/g")
      }
      try folder.expect(
        "disk/g/data.json: cannot be written: Read-only file system", status: 73,
        from: "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--quiet", "-o", "disk/g")
      #expect(folder.contents("disk/g") == before)
    }
  }
}
