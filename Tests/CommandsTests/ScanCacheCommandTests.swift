import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `The cache of passes over pictures` {
    private static let command = [
      "patches", "model.safetensors", "--images", "pictures", "--arrays", "npz", "-o", "g",
    ]
    private static let cache = ["FOVEA_CACHE": "cache"]

    private func run(
      _ arguments: [String] = command, in folder: TemporaryFolder,
      environment: [String: String] = cache
    ) throws -> Program.Outcome {
      let outcome = try Program.run(arguments, in: folder, environment: environment)
      try #require(outcome.status == 0 && !outcome.wasKilled, "\(outcome.errors)")
      return outcome
    }

    private func looked(_ outcome: Program.Outcome) -> Bool {
      outcome.errors.contains("looking through pictures")
    }

    private static let sentence = "the strongest activations are those that a run on "

    @Test func `spares later runs the pass, with the same bytes`() throws {
      let folder = try Sample.folder()
      let first = try run(in: folder)
      #expect(looked(first) && !first.errors.contains(Self.sentence))
      let drawn = folder.contents("g")
      try FileManager.default.removeItem(atPath: folder["/g"])
      let second = try run(in: folder)
      #expect(!looked(second) && second.errors.contains(Self.sentence), "\(second.errors)")
      #expect(folder.contents("g") == drawn)
      try FileManager.default.removeItem(atPath: folder["/g"])
      let third = try run(Self.command + ["--no-cache"], in: folder)
      #expect(looked(third) && !third.errors.contains(Self.sentence))
      #expect(folder.contents("g") == drawn)
      for other in [
        ["--units", "0-3"], ["--project", "guided"], ["--crop", "outlined"], ["--theme", "dark"],
        ["--format", "pdf"], ["--width", "85mm"],
      ] {
        #expect(try !looked(run(Self.command + other, in: folder)), "\(other)")
      }
      for other in [["--limit", "20"], ["--per-picture", "2"], ["--layers", "relu1"]] {
        #expect(try looked(run(Self.command + other, in: folder)), "\(other)")
      }
      // Nothing of it is beside the figures, or in the folder where it ran.
      #expect(
        folder.names() == ["cache", "g", "model.safetensors", "pictures"], "\(folder.names())")
      #expect(folder.names("g").allSatisfy { !$0.hasPrefix(".") && !$0.hasSuffix(".scan") })
    }

    @Test func `is filled by a whole gallery`() throws {
      let folder = try Sample.folder()
      let gallery = [
        "visualize", "model.safetensors", "--images", "pictures", "--only", "patches,embedding",
        "-o", "g",
      ]
      for _ in 0..<2 {
        let outcome = try run(gallery, in: folder)
        #expect(looked(outcome) && !outcome.errors.contains("--no-cache"))
      }
      let patches = try run(
        ["patches", "model.safetensors", "--images", "pictures", "-o", "p"], in: folder)
      #expect(!looked(patches), "\(patches.errors)")
    }

    @Test func `serves the sheets of other units of a layer, also after a gallery`() throws {
      let folder = try Sample.folder()
      func sheet(_ units: String, _ options: String...) throws -> Program.Outcome {
        try run(
          ["unit", "model.safetensors", units, "--images", "pictures", "--steps", "0", "-o", "u"]
            + options, in: folder)
      }
      let gallery = try run(
        [
          "visualize", "model.safetensors", "--images", "pictures", "--only", "patches,unit", "-o",
          "g",
        ], in: folder)
      #expect(looked(gallery))
      for units in ["relu1:2", "relu1:0,relu2:3", "relu2:5"] {
        let outcome = try sheet(units)
        #expect(!looked(outcome) && outcome.errors.contains(Self.sentence), "\(units)")
      }
      #expect(try looked(sheet("relu3:1")))
      #expect(try !looked(sheet("relu3:7")))
      #expect(try looked(sheet("relu3:7", "--no-cache")))
    }

    @Test func `is not filled by a gallery with --no-cache`() throws {
      let folder = try Sample.folder()
      _ = try run(
        [
          "visualize", "model.safetensors", "--images", "pictures", "--only", "patches",
          "--no-cache", "-o", "g",
        ], in: folder)
      #expect(!folder.exists("cache"))
    }

    @Test func `is none if the environment says so`() throws {
      let folder = try Sample.folder()
      let home = folder["/home"]
      let nowhere = ["FOVEA_CACHE": "", "XDG_CACHE_HOME": home, "HOME": home]
      for _ in 0..<2 { #expect(try looked(run(in: folder, environment: nowhere))) }
      #expect(!folder.exists("home"))
    }

    @Test func `is no reason to fail`() throws {
      let folder = try Sample.folder()
      for place in ["model.safetensors", "model.safetensors/below", "/proc/none", "/dev/null"] {
        for _ in 0..<2 {
          let outcome = try run(in: folder, environment: ["FOVEA_CACHE": place])
          #expect(looked(outcome) && !outcome.errors.contains("fovea:"), "\(outcome.errors)")
        }
      }
      #expect(try folder.data("model.safetensors") == Sample.bytes())
    }

    @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
    func `may be full, or read-only`() throws {
      let folder = try Sample.folder()
      let disk = try SmallDisk(folder["/disk"], kilobytes: 4)
      defer { disk.unmount() }
      try folder.write(Data(count: SmallDisk.block), "disk/full")
      let environment = ["FOVEA_CACHE": "disk"]
      for _ in 0..<2 { #expect(try looked(run(in: folder, environment: environment))) }
      try disk.leave(1 << 20)
      _ = try run(in: folder, environment: environment)
      try disk.makeReadOnly()
      #expect(try !looked(run(in: folder, environment: environment)))
      #expect(
        try looked(run(Self.command + ["--limit", "20"], in: folder, environment: environment)))
    }

    @Test func `with damaged files is as good as empty`() throws {
      let folder = try Sample.folder()
      _ = try run(in: folder)
      let name = "cache/scans/\(try #require(folder.names("cache/scans").first))"
      let file = try folder.data(name)
      var mutations = Mutations(seed: 1)
      for damaged in [Data(), file.prefix(file.count / 2), mutations.changed(file), Data([7])] {
        try folder.write(Data(damaged), name)
        let outcome = try run(in: folder)
        #expect(looked(outcome) && !outcome.errors.contains("fovea:"), "\(outcome.errors)")
        #expect(try !looked(run(in: folder)))
      }
    }

    @Test func `serves several runs at a time`() throws {
      let folder = try Sample.folder()
      let folders = try (0..<3).map { _ in try Sample.folder() }
      let shared = ["FOVEA_CACHE": folder["/cache"]]
      // Each has its own outputs, but the same pictures.
      func arguments(_ layer: String) -> [String] {
        [
          "patches", folder["/model.safetensors"], "--images", folder["/pictures"], "--layers",
          layer, "-o", "g",
        ]
      }
      for layer in ["relu1", "relu1,relu2"] {
        let processes = try folders.map {
          try Program.start(arguments(layer), in: $0, environment: shared)
        }
        for (process, own) in zip(processes, folders) {
          let outcome = try Program.outcome(of: process, "patches", in: own)
          #expect(outcome.status == 0 && !outcome.wasKilled, "\(outcome.errors)")
        }
        #expect(folders.allSatisfy { $0.contents("g") == folders[0].contents("g") })
        let again = try run(arguments(layer), in: folders[0], environment: shared)
        #expect(!looked(again), "\(again.errors)")
      }
      #expect(folder.names("cache/scans").count == 2)
    }

    @Test func `is used by the renders of a batch`() throws {
      let folder = try Sample.folder()
      try folder.write(
        """
        renders:
        - {command: patches, checkpoint: model.safetensors, images: pictures, output: a}
        - {command: patches, checkpoint: model.safetensors, images: pictures, project: guided, \
        output: b}
        - {command: patches, checkpoint: model.safetensors, images: pictures, no-cache: true, \
        output: c}
        """, "batch.yaml")
      let outcome = try run(["batch", "batch.yaml"], in: folder)
      let errors = outcome.errors
      #expect(errors.components(separatedBy: "looking through pictures").count == 3, "\(errors)")
      #expect(errors.components(separatedBy: Self.sentence).count == 2, "\(errors)")
    }
  }
}
