import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite(.enabled(if: StopPoints.areAvailable, "calls are intercepted on Linux alone"))
  struct `Stopped at any change of a name` {
    /// A folder with a gallery of filters, copied for each stop.
    private static func withGallery(_ more: [String] = []) throws -> TemporaryFolder {
      let folder = try Sample.folder()
      try folder.run("filters", "model.safetensors", "-o", "g", "--layers", "conv1")
      if !more.isEmpty { try #require(try Program.run(more, in: folder).status == 0) }
      return folder
    }

    private static func copies(of folder: TemporaryFolder) -> () throws -> TemporaryFolder {
      {
        let copy = try TemporaryFolder()
        for name in folder.names() { try copy.copy(folder["/\(name)"], as: name) }
        return copy
      }
    }

    @Test func `a new gallery is there as a whole or not at all`() throws {
      let count = try StoppedCommand(
        command: ["visualize", "model.safetensors", "--only", "filters", "-o", "deep/g"],
        output: "deep/g"
      ).stopEverywhere(Self.copies(of: Sample.folder()))
      #expect(count >= 10)
    }

    @Test(arguments: [[], ["--resume"]])
    func `a gallery is the earlier one or the new one`(more: [String]) throws {
      let folder = try Self.withGallery()
      let command = [
        "visualize", "model.safetensors", "--only", "filters", "--arrays", "-o", "g",
      ]
      try StoppedCommand(command: command, output: "g", again: command + more)
        .stopEverywhere(Self.copies(of: folder))
    }

    @Test func `figures join a gallery all or none`() throws {
      let folder = try Self.withGallery([
        "class-models", "model.safetensors", "--steps", "1", "--classes", "0", "--arrays", "-o",
        "g",
      ])
      // One figure is replaced and loses its arrays, one is new.
      try StoppedCommand(
        command: [
          "class-models", "model.safetensors", "--steps", "2", "--classes", "0", "-o", "g",
        ],
        output: "g"
      ).stopEverywhere(Self.copies(of: folder))
      try StoppedCommand(command: ["filters", "model.safetensors", "-o", "g"], output: "g")
        .stopEverywhere(Self.copies(of: folder))
    }

    @Test func `among other people's files, the next run completes what was begun`() throws {
      let folder = try Self.withGallery()
      try folder.write("dear diary", "g/notes.txt")
      try folder.write("as well", "g/more/notes.txt")
      for command in [
        ["filters", "model.safetensors", "-o", "g", "--force"],
        ["visualize", "model.safetensors", "--only", "filters", "--arrays", "-o", "g", "--force"],
      ] {
        try StoppedCommand(command: command, output: "g", isAlwaysWhole: false)
          .stopEverywhere(Self.copies(of: folder))
      }
    }

    @Test func `another run completes it, too`() throws {
      let folder = try Self.withGallery()
      try folder.write("dear diary", "g/notes.txt")
      let command = ["filters", "model.safetensors", "-o", "g", "--force"]
      let whole = try Self.copies(of: folder)()
      try #require(try Program.run(command, in: whole).status == 0)
      let states = [folder.contents("g"), whole.contents("g")]
      var number = 1
      let other = ["filters", "model.safetensors", "--layers", "conv1", "-o", "g", "--force"]
      while true {
        let copy = try Self.copies(of: folder)()
        guard let place = try StopPoints.stop(command, at: number, in: copy) else { break }
        #expect(try Program.run(other, in: copy).status == 0, "\(place)")
        let found = copy.contents("g").mapValues(\.count).keys.sorted()
        #expect(states.contains { $0.keys.sorted() == found }, "\(place): \(found)")
        #expect(copy.names().filter { $0.hasPrefix(".") } == [], "\(place)")
        number += 1
      }
      #expect(number > 10)
    }

    @Test func `a batch is complete up to one of its renders`() throws {
      let folder = try Self.withGallery()
      try folder.write(
        """
        defaults: {checkpoint: model.safetensors, output: g}
        renders:
          - {command: filters}
          - {command: class-models, steps: 1, classes: [mug]}
        """, "batch.yaml")
      try StoppedCommand(
        command: ["batch", "batch.yaml", "--quiet"], output: "g", isAlwaysWhole: false
      ).stopEverywhere(Self.copies(of: folder))
    }

    @Test func `a training run goes on to the same bytes`() throws {
      let command = [
        "train", "-a", "lenet5", "-d", "pictures", "-e", "2", "--quiet", "-o", "run",
      ]
      // Only the log contains times.
      try StoppedCommand(
        command: command, output: "run", isAlwaysWhole: false, exceptions: ["log.csv"],
        again: command + ["--resume"]
      ).stopEverywhere(Self.copies(of: Sample.folder()))
    }

    @Test func `a training run takes the place of an earlier one`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "train", "-a", "lenet5", "-d", "pictures", "-e", "3", "--seed", "5", "-o", "run", "--quiet")
      try StoppedCommand(
        command: [
          "train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--quiet", "-o", "run", "--restart",
        ], output: "run", isAlwaysWhole: false, exceptions: ["log.csv"]
      ).stopEverywhere(Self.copies(of: folder))
    }

    @Test func `a converted file is the earlier one or the new one`() throws {
      let folder = try Sample.folder()
      try folder.run("convert", "model.safetensors", "small.safetensors", "--half-precision")
      try StoppedCommand(
        command: ["convert", "model.safetensors", "small.safetensors", "--force"],
        output: "small.safetensors"
      ).stopEverywhere(Self.copies(of: folder))
    }

    @Test func `scenes are written again`() throws {
      try StoppedCommand(
        command: ["scenes", "--count", "3", "--size", "16", "-o", "s", "--flat", "--quiet"],
        output: "s", isAlwaysWhole: false
      ).stopEverywhere { try TemporaryFolder() }
    }
  }
}
