import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Interrupted by a signal` {
    /// Starts a command, sends it a signal once `isReady`, and waits for it to end.
    private func interrupt(
      _ command: [String], in folder: TemporaryFolder, by signal: Int32 = SIGINT,
      when isReady: () -> Bool
    ) throws -> Program.Outcome {
      let process = try Program.start(command, in: folder)
      while process.isRunning, !isReady() { usleep(500) }
      kill(process.processIdentifier, signal)
      return try Program.outcome(of: process, command.joined(separator: " "), in: folder)
    }

    private func hidden(_ folder: TemporaryFolder, _ name: String = "") -> [String] {
      folder.names(name).filter { $0.hasPrefix(".") }
    }

    @Test(arguments: [(SIGINT, "interrupted", 130 as Int32), (SIGTERM, "terminated", 143)])
    func `a gallery keeps its figures for a run that resumes`(
      signal: Int32, word: String, status: Int32
    ) throws {
      let folder = try Sample.folder()
      let command =
        try ["visualize", "model.safetensors", "--images", "pictures", "--quiet", "-o", "g"]
        + folder.with("class-models: {steps: 2000}")
      let outcome = try interrupt(command, in: folder, by: signal) {
        folder.exists(".g.fovea-new/gallery.json")
      }
      #expect(outcome.status == status && !outcome.wasKilled)
      #expect(
        outcome.errors.wholeMatch(
          of: try Regex("fovea: \(word); [0-9]+ finished figures? (is|are) kept for --resume\n"))
          != nil, "\(outcome.errors)")
      #expect(outcome.output == "")
      #expect(hidden(folder) == [".g.fovea-new"])
      #expect(hidden(folder, ".g.fovea-new") == [".fovea-key"])
    }

    @Test func `a command that adds leaves the gallery as it was`() throws {
      let folder = try Sample.folder()
      try folder.run("filters", "model.safetensors", "-o", "g")
      let before = folder.contents("g")
      let outcome = try interrupt(
        ["class-models", "model.safetensors", "--steps", "100000", "--quiet", "-o", "g"], in: folder
      ) { folder.names().contains { $0.hasPrefix(".g.fovea-adding") } }
      #expect(outcome.errors == "fovea: interrupted; g is as it was\n")
      #expect(outcome.status == 130)
      #expect(folder.contents("g") == before)
      #expect(hidden(folder) == [])
    }

    @Test func `one that is ignored stays so`() throws {
      let folder = try TemporaryFolder()
      let outcome = try Program.run(
        shell: """
          trap "" INT
          "$FOVEA" scenes --count 400 --size 64 --quiet -o s & program=$!
          while [ ! -e s/factors.csv ]; do sleep 0.01; done
          kill -INT $program
          wait $program
          """, in: folder)
      #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
      #expect(outcome.output == "")
      #expect(try folder.text("s/factors.csv").split(separator: "\n").count == 401)
    }

    @Test func `a training run says how to go on`() throws {
      let folder = try Sample.folder()
      let command = [
        "train", "-a", "lenet5", "-d", "pictures", "-e", "5000", "--quiet", "-o", "run",
      ]
      let outcome = try interrupt(command, in: folder, by: SIGTERM) {
        folder.exists("run/resume.safetensors")
      }
      #expect(outcome.status == 143)
      #expect(
        outcome.errors.wholeMatch(
          of:
            /fovea: terminated; epoch \d+ of 5000( and \d+ steps?)? is kept in run: go on .*\n/
        ) != nil,
        "\(outcome.errors)")
      #expect(hidden(folder) == [] && hidden(folder, "run") == [])
      #expect(folder.exists("run/resume.safetensors"))
    }

    @Test(arguments: 0..<8) func `new folders on the way go with the run`(round: Int) throws {
      let folder = try Sample.folder()
      let outcome = try interrupt(
        ["class-models", "model.safetensors", "--steps", "100000", "--quiet", "-o", "na/b/c"],
        in: folder
      ) { folder.names("na/b").contains { $0.hasPrefix(".c.fovea-adding") } }
      #expect(outcome.errors == "fovea: interrupted; nothing was written\n")
      #expect(folder.names() == ["model.safetensors", "pictures"])
    }

    @Test func `a batch says where it was`() throws {
      let folder = try Sample.folder()
      try folder.write(
        """
        defaults: {checkpoint: model.safetensors, output: g, quiet: true}
        renders:
          - {command: filters}
          - {command: class-models, steps: 100000}
        """, "batch.yaml")
      let outcome = try interrupt(["batch", "batch.yaml", "--quiet"], in: folder) {
        folder.exists("g/gallery.json")
          && folder.names().contains { $0.hasPrefix(".g.fovea-adding") }
      }
      #expect(
        outcome.errors == "fovea: interrupted; g is as it was; render 2 of 2 was under way\n")
      #expect(hidden(folder) == [])
    }

    @Test func `scenes are counted`() throws {
      let folder = try TemporaryFolder()
      let outcome = try interrupt(
        ["scenes", "--count", "100000", "--size", "16", "--flat", "--quiet", "-o", "s"], in: folder
      ) { folder.names("s").count > 3 }
      #expect(
        outcome.errors.wholeMatch(of: /fovea: interrupted; \d+ of 100000 pictures are in s\n/)
          != nil, "\(outcome.errors)")
      #expect(hidden(folder) == [] && hidden(folder, "s") == [])
    }

    @Test(arguments: 0..<20) func `no moment leaves anything behind`(moment: Int) throws {
      let folder = try Sample.folder()
      let process = try Program.start(
        ["train", "-a", "mlp", "-d", "pictures", "-e", "5000", "--quiet", "-o", "run"], in: folder)
      usleep(UInt32(50_000 + 17_000 * moment))
      kill(process.processIdentifier, SIGINT)
      let outcome = try Program.outcome(of: process, "train", in: folder)
      // Until its signal handlers are installed, signals kill it.
      #expect(outcome.status == 130 || outcome.wasKilled)
      #expect(hidden(folder) == [] && hidden(folder, "run") == [])
    }
  }
}
