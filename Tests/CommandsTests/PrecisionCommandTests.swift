import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Half precision` {
    private static let unsupported =
      "fovea: --precision bf16: this processor has no bf16 instructions; use --precision f32"

    @Test(arguments: ["predict", "patches", "visualize", "saliency", "class-models"])
    func `is refused without the instructions`(command: String) throws {
      let folder = try Sample.folder()
      var arguments = [command, "model.safetensors", "--precision", "bf16"]
      if command != "class-models" { arguments += ["--images", "pictures"] }
      let outcome = try Program.run(
        arguments, in: folder, environment: ["ONEDNN_MAX_CPU_ISA": "AVX512_CORE"])
      #expect(outcome.status == 64)
      #expect(outcome.errors.hasPrefix(Self.unsupported), "\(outcome.errors)")
      #expect(folder.names() == ["model.safetensors", "pictures"])
    }

    @Test func `must be one of two`() throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        ["predict", "model.safetensors", "--images", "pictures", "--precision", "f16"], in: folder)
      #expect(outcome.status == 64 && outcome.errors.contains("f16"), "\(outcome.errors)")
    }

    /// Nil if this machine has no instructions.
    private func run(_ arguments: [String], in folder: TemporaryFolder) throws -> Program.Outcome? {
      let outcome = try Program.run(
        arguments + ["--precision", "bf16"], in: folder, environment: ["FOVEA_CACHE": "cache"])
      if outcome.errors.contains("use --precision f32") { return nil }
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome
    }

    @Test func `is said by records and captions of what the network computed`() throws {
      let folder = try Sample.folder()
      guard
        try run(
          [
            "visualize", "model.safetensors", "--images", "pictures", "--only",
            "filters,patches,class-models", "-o", "g",
          ], in: folder) != nil
      else { return }
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(!figures.isEmpty)
      for figure in figures {
        let options = try #require(figure["options"] as? [String: String])
        let caption = try #require(figure["caption"] as? String)
        let isComputed = figure["kind"] as? String != "filters"
        #expect(options["precision"] == (isComputed ? "bf16" : nil))
        #expect(caption.contains("bf16") == isComputed, "\(caption)")
      }
    }

    @Test func `is part of the keys of cached passes and of resumed galleries`() throws {
      let folder = try Sample.folder()
      let patches = ["patches", "model.safetensors", "--images", "pictures", "-o", "g"]
      guard let first = try run(patches, in: folder) else { return }
      #expect(first.errors.contains("looking through pictures"))
      let float = try Program.run(patches, in: folder, environment: ["FOVEA_CACHE": "cache"])
      #expect(float.status == 0 && float.errors.contains("looking through pictures"))
      for run in [
        try run(patches, in: folder),
        try Program.run(patches, in: folder, environment: ["FOVEA_CACHE": "cache"]),
      ] { #expect(run?.errors.contains("looking through pictures") == false) }
    }

    @Test func `gives nearly the same answers`() throws {
      let folder = try Sample.folder()
      let predict = ["predict", "model.safetensors", "--images", "pictures", "--json"]
      guard let rounded = try run(predict, in: folder) else { return }
      let exact = try Program.run(predict, in: folder)
      func scores(_ outcome: Program.Outcome) throws -> (precision: String?, first: [Double]) {
        let object =
          try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        let pictures = object?["pictures"] as? [[String: Any]] ?? []
        return (
          object?["precision"] as? String,
          pictures.compactMap { ($0["choices"] as? [[String: Any]])?.first?["score"] as? Double }
        )
      }
      let (a, b) = (try scores(exact), try scores(rounded))
      #expect(a.precision == "f32" && b.precision == "bf16" && a.first.count == 48)
      #expect(a.first != b.first)
      for (a, b) in zip(a.first, b.first) { #expect(abs(a - b) < 0.05 * max(abs(a), 1)) }
    }
  }
}
