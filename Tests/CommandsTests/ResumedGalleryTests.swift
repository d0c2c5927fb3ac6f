import Foundation
import TensorCore
import TestSupport
import Testing

extension `The program` {
  @Suite(.enabled(if: StopPoints.areAvailable, "runs are stopped on Linux alone"))
  struct `Resumed galleries` {
    private static let command = [
      "visualize", "model.safetensors", "--images", "pictures", "--only", "filters,features",
      "-o", "g",
    ]

    /// A folder in which the command was stopped after some figures.
    private func interrupted(_ command: [String] = command) throws -> (
      TemporaryFolder, kept: [String]
    ) {
      let folder = try Sample.folder()
      return (folder, try stop(command, in: folder))
    }

    /// The command with other values for some of its options.
    private static func command(with options: [String]) -> [String] {
      var kept = command
      for option in options where option.hasPrefix("--") {
        if let place = kept.firstIndex(of: option) { kept.removeSubrange(place...(place + 1)) }
      }
      return kept + options
    }

    /// Stops a command after some figures.
    ///
    /// - Returns: The names of these figures.
    @discardableResult
    private func stop(_ command: [String], in folder: TemporaryFolder) throws -> [String] {
      var kept: [String] = []
      var number = 12
      while kept.count < 2 {
        try? FileManager.default.removeItem(atPath: folder["/.g.fovea-new"])
        try #require(try StopPoints.stop(command, at: number, in: folder) != nil)
        let record = try? folder.json(".g.fovea-new/gallery.json")["figures"] as? [[String: Any]]
        kept = record?.compactMap { $0["file"] as? String } ?? []
        number += 2
      }
      return kept
    }

    private func dates(_ folder: TemporaryFolder, _ place: String, _ files: [String]) throws
      -> [Date?]
    {
      try files.map {
        try FileManager.default.attributesOfItem(atPath: folder["/\(place)/\($0)"])[
          .modificationDate] as? Date
      }
    }

    @Test func `take up figures that were made in the same way`() throws {
      let (folder, kept) = try interrupted()
      let made = try dates(folder, ".g.fovea-new", kept)
      let outcome = try Program.run(Self.command + ["--resume"], in: folder)
      #expect(outcome.status == 0)
      #expect(try dates(folder, "g", kept) == made)
      let whole = try Sample.folder()
      try #require(try Program.run(Self.command, in: whole).status == 0)
      #expect(folder.contents("g") == whole.contents("g"))
    }

    @Test func `with sheets of units, which are chosen as before`() throws {
      let command = Self.command(with: ["--only", "unit", "--unit", "shown", "--limit", "12"])
      let (folder, kept) = try interrupted(command)
      #expect(kept.allSatisfy { $0.hasPrefix("unit-") })
      let made = try dates(folder, ".g.fovea-new", kept)
      let outcome = try Program.run(command + ["--resume"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try dates(folder, "g", kept) == made)
      let whole = try Sample.folder()
      try #require(try Program.run(command, in: whole).status == 0)
      #expect(folder.contents("g") == whole.contents("g"))
    }

    @Test func `of comparisons, too`() throws {
      let command = [
        "compare", "model.safetensors", "model.safetensors", "--images", "pictures", "--limit",
        "12", "--only", "weights,filters,features", "-o", "g",
      ]
      let (folder, kept) = try interrupted(command)
      let made = try dates(folder, ".g.fovea-new", kept)
      let outcome = try Program.run(command + ["--resume"], in: folder)
      #expect(outcome.status == 0)
      #expect(try dates(folder, "g", kept) == made)
      let whole = try Sample.folder()
      try #require(try Program.run(command, in: whole).status == 0)
      #expect(folder.contents("g") == whole.contents("g"))
    }

    /// What may change between a run and the one that resumes it.
    enum Change: String, CaseIterable, Sendable {
      case mean, std, scale, channels, resize, preset, limit, seed, layers, units, sharp, arrays,
        theme
      case featurePictures, mapScale, only
      case checkpoint, classNames, pictureAdded, pictureChanged

      var options: [String] {
        switch self {
        case .mean: ["--mean", "0.2,0.3,0.4"]
        case .std: ["--std", "0.5,0.5,0.5"]
        case .scale: ["--scale", "0.01"]
        case .channels: ["--channels", "bgr"]
        case .resize: ["--resize", "40"]
        case .preset: ["--preprocess", "signed"]
        case .limit: ["--limit", "3"]
        case .seed: ["--seed", "3"]
        case .layers: ["--layers", "conv1"]
        case .units: ["--units", "2"]
        case .sharp: ["--sharp"]
        case .arrays: ["--arrays"]
        case .theme: ["--theme", "dark"]
        case .featurePictures, .mapScale: ["--with", "with.yaml"]
        case .only: ["--only", "filters"]
        case .classNames: ["--class-names", "names.txt"]
        case .checkpoint, .pictureAdded, .pictureChanged: []
        }
      }

      func apply(to folder: TemporaryFolder) throws {
        switch self {
        case .checkpoint:
          try folder.write(Sample.checkpoint { _ in }, "model.safetensors")
        case .featurePictures: try folder.write("features: {pictures: 1}", "with.yaml")
        case .mapScale: try folder.write("features: {map-scale: shared}", "with.yaml")
        case .classNames:
          try folder.write((0..<12).map { "class \($0)\n" }.joined(), "names.txt")
        case .pictureAdded:
          let mug = folder.names("pictures/mug")[0]
          try folder.copy(folder["/pictures/mug/\(mug)"], as: "pictures/mug/another.png")
        case .pictureChanged:
          let name = "pictures/airplane/\(folder.names("pictures/airplane")[0])"
          try folder.write(folder.data("pictures/mug/\(folder.names("pictures/mug")[0])"), name)
        default: break
        }
      }
    }

    @Test(arguments: Change.allCases)
    func `take up nothing that was made in another way`(change: Change) throws {
      let (folder, _) = try interrupted()
      try change.apply(to: folder)
      let command = Self.command(with: change.options)
      let outcome = try Program.run(command + ["--resume"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.errors.contains(
          "fovea: the interrupted run was of other weights, pictures or options; all figures are "
            + "drawn anew\n"))
      let whole = try Sample.folder()
      try change.apply(to: whole)
      try #require(try Program.run(command, in: whole).status == 0)
      #expect(folder.contents("g") == whole.contents("g"))
    }

    @Test func `take up figures whatever the options that decide nothing`() throws {
      let (folder, kept) = try interrupted(Self.command + ["--quiet", "--threads", "1"])
      try folder.write("mine", "g/notes.txt")
      let made = try dates(folder, ".g.fovea-new", kept)
      let outcome = try Program.run(
        [
          "visualize", "--resume", "--images", folder["/pictures"], "--output", "g", "--json",
          "--force", "--memory", "1G", "--only", "features,filters",
          "--classes", "mug", folder["/model.safetensors"],
        ], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(!outcome.errors.contains("anew"))
      #expect(try dates(folder, "g", kept) == made)
    }

    @Test func `a flag to resume is in no record, and a value like it stays`() throws {
      let folder = try Sample.folder()
      try folder.copy(folder["/pictures"], as: "my --resume notes")
      try folder.write(
        """
        renders:
          - {command: visualize, checkpoint: model.safetensors, only: features, resume: true, \
             images: my --resume notes, output: g}
        """, "batch.yaml")
      try folder.run("batch", "batch.yaml")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]]
      #expect(
        figures?.first?["command"] as? String
          == "fovea visualize model.safetensors --images 'my --resume notes' --only features "
          + "--output g")
    }

    /// Mistakes that a resumed run may make before it draws anything.
    enum Mistake: CaseIterable, Sendable {
      case noPictures, lostPictures, noSuchClass, noSuchLayer

      var options: [String] {
        switch self {
        case .noPictures, .lostPictures: []
        case .noSuchClass: ["--classes", "mog"]
        case .noSuchLayer: ["--layers", "conv77"]
        }
      }

      var losesPictures: Bool { self == .noPictures || self == .lostPictures }
      var status: Int32 { self == .lostPictures ? 66 : 64 }
    }

    @Test(arguments: Mistake.allCases)
    func `lose nothing by a mistake`(mistake: Mistake) throws {
      let more = ["--only", "filters,features,class-models"]
      let (folder, kept) = try interrupted(Self.command(with: more))
      let made = try dates(folder, ".g.fovea-new", kept)
      if mistake.losesPictures {
        try FileManager.default.moveItem(atPath: folder["/pictures"], toPath: folder["/away"])
      }
      let pictures = ["--images", "pictures"]
      let wrong = Self.command(with: more + mistake.options).filter {
        mistake != .noPictures || !pictures.contains($0)
      }
      let outcome = try Program.run(wrong + ["--resume"], in: folder)
      #expect(outcome.status == mistake.status, "\(outcome.errors)")
      if mistake.losesPictures {
        try FileManager.default.moveItem(atPath: folder["/away"], toPath: folder["/pictures"])
      }
      let right = Self.command(with: more) + ["--resume"]
      try #require(try Program.run(right, in: folder).status == 0)
      #expect(try dates(folder, "g", kept) == made)
    }

    @Test func `can be resumed until they are in place`() throws {
      let folder = try Sample.folder()
      let command = ["visualize", "model.safetensors", "--only", "filters", "-o", "g"]
      var number = 1
      while try StopPoints.stop(command, at: number, in: folder) != nil {
        if folder.exists(".g.fovea-new/gallery.json") {
          #expect(folder.exists(".g.fovea-new/.fovea-key"), "stopped before call \(number)")
        }
        try? FileManager.default.removeItem(atPath: folder["/.g.fovea-new"])
        try? FileManager.default.removeItem(atPath: folder["/g"])
        number += 1
      }
      #expect(number > 10)
      #expect(!folder.names("g").contains { $0.hasPrefix(".") })
    }

    @Test func `take up nothing where the pictures of the training changed`() throws {
      let folder = try Sample.folder()
      try folder.copy(folder["/pictures"], as: "sub/pics")
      try folder.run(
        "train", "-a", "lenet5", "-d", "sub/pics", "-e", "1", "-o", "run", "--quiet")
      let command = ["visualize", "run/final.safetensors", "--only", "filters,features", "-o", "g"]
      try stop(command, in: folder)
      try FileManager.default.removeItem(atPath: folder["/sub/pics/mug"])
      let outcome = try Program.run(command + ["--resume"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("all figures are drawn anew"))
    }

    @Test func `take up nothing where an input's constant changed`() throws {
      let folder = try Sample.folder()
      try folder.write(ManyInputs.model(channels: 1, constant: true).data, "net.onnx")
      func give(_ value: Float) throws {
        try folder.write(ManyInputs.npy(Tensor(shape: [1, 4], repeating: value)), "meta.npy")
      }
      let command = [
        "visualize", "net.onnx", "--constant", "meta=meta.npy", "--images", "pictures", "--only",
        "filters,features", "-o", "g",
      ]
      try give(0.25)
      try stop(command, in: folder)
      try give(0.75)
      let outcome = try Program.run(command + ["--resume"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("all figures are drawn anew"))
    }

    @Test func `take up nothing where a file beside the checkpoint changed`() throws {
      let folder = try Sample.folder()
      try folder.write(
        Sample.checkpoint { header in
          var metadata = header["__metadata__"] as? [String: String] ?? [:]
          metadata["fovea.preprocessing"] = nil
          header["__metadata__"] = metadata
        }, "model.safetensors")
      func describe(mean: Double) throws {
        try folder.write(
          """
          {"input": [3, 32, 32], "resize": {"none": {}}, "scale": 0.004, "mean": [\(mean), 0, 0], \
          "deviation": [1, 1, 1], "channelOrder": "rgb"}
          """, "model.preprocessing.json")
      }
      try describe(mean: 0)
      try #require(try StopPoints.stop(Self.command, at: 30, in: folder) != nil)
      try describe(mean: 0.5)
      let outcome = try Program.run(Self.command + ["--resume"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("all figures are drawn anew"))
    }
  }
}
