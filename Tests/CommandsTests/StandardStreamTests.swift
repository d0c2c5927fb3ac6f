import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Without its standard streams` {
    private static let commands = [
      "visualize model.safetensors --only filters -o g",
      "train -a lenet5 -d pictures -e 1 -o run",
      "filters model.safetensors -o g --json", "inspect model.safetensors",
      "inspect model.safetensors --json", "convert model.safetensors b.safetensors",
      "scenes -c 2 -o s", "batch batch.yaml", "batch batch.yaml --dry-run", "--help",
      "train --help", "--version",
    ]

    private func folder() throws -> TemporaryFolder {
      let folder = try Sample.folder()
      try folder.write(
        "renders: [{command: filters, checkpoint: model.safetensors, output: h}]", "batch.yaml")
      return folder
    }

    private static let fullDevice = FileManager.default.fileExists(atPath: "/dev/full")

    @Test(arguments: commands)
    func `the work goes on where remarks have nowhere to go`(command: String) throws {
      try expectResults(of: command, errors: "2>&-")
    }

    @Test(.enabled(if: fullDevice, "this system has no /dev/full"), arguments: commands)
    func `the work goes on where there is no space for remarks`(command: String) throws {
      try expectResults(of: command, errors: "2>/dev/full")
    }

    private func expectResults(of command: String, errors: String) throws {
      let folder = try folder()
      let outcome = try Program.run(
        shell: "exec \"$FOVEA\" \(command) >results \(errors)", in: folder)
      #expect(outcome.status == 0 && !outcome.wasKilled)
      let results = try folder.text("results")
      #expect(!results.isEmpty)
      for file in results.split(separator: "\n") where command.hasPrefix("visualize") {
        #expect(folder.exists(String(file)))
      }
    }

    @Test func `an error keeps its status where nobody reads it`() throws {
      let folder = try folder()
      for errors in ["2>&-", "2>&- >&- <&-"] {
        let outcome = try Program.run(
          shell: "exec \"$FOVEA\" filters nowhere.safetensors \(errors)", in: folder)
        #expect(outcome.status == 66 && !outcome.wasKilled)
      }
    }

    @Test(arguments: commands)
    func `results that have nowhere to go are an error`(command: String) throws {
      try expectNoResults(of: command, output: ">&-", reason: "Bad file descriptor")
    }

    @Test(.enabled(if: fullDevice, "this system has no /dev/full"), arguments: commands)
    func `results that there is no space for are an error`(command: String) throws {
      try expectNoResults(of: command, output: ">/dev/full", reason: "No space left on device")
    }

    private func expectNoResults(of command: String, output: String, reason: String) throws {
      let folder = try folder()
      let outcome = try Program.run(shell: "exec \"$FOVEA\" \(command) \(output)", in: folder)
      #expect(outcome.status == 73 && !outcome.wasKilled)
      #expect(
        outcome.errors.hasSuffix("fovea: standard output: cannot be written: \(reason)\n"),
        "\(outcome.errors)")
      // A file that is opened must not get the descriptor of the stream.
      #expect(try folder.data("model.safetensors") == Sample.bytes())
      if command.hasPrefix("visualize") { #expect(folder.exists("g/gallery.json")) }
      if command.hasPrefix("train -a") { #expect(folder.exists("run/final.safetensors")) }
    }

    @Test func `a reader that goes away ends nothing by a signal`() throws {
      let folder = try folder()
      // The reader has exited before the program writes its results.
      let outcome = try Program.run(
        shell: "{ \"$FOVEA\" inspect model.safetensors; echo $? >status; } | :", in: folder)
      #expect(outcome.status == 0)
      #expect(try folder.text("status") == "73\n")
      #expect(
        outcome.errors == "fovea: standard output: cannot be written: Broken pipe\n")
    }
  }
}
