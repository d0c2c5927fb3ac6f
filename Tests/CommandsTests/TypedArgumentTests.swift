import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Typed arguments` {
    @Test(arguments: [
      (["visualise", "model.safetensors"], "no command 'visualise'; did you mean 'visualize'?"),
      (
        ["model.safetensors"],
        "no command 'model.safetensors'; to draw its gallery, type fovea visualize model.safetensors"
      ),
      (
        ["features", "model.safetensors", "--limit", "1", "--limit=2"],
        "--limit is given twice: 1 and 2"
      ),
      (["scenes", "-o", "a", "--output", "b"], "--output is given twice: a and b"),
      (
        ["filters", "model.safetensors", "--learning-rate", "1"],
        "Unknown option '--learning-rate', which train and finetune take (see fovea filters --help)"
      ),
      (
        ["features", "model.safetensors", "--steps", "1"],
        "Unknown option '--steps', which unit, invariance, saliency, class-models and compare take (see fovea features --help)"
      ),
      (
        ["visualize", "model.safetensors", "--steps", "1"],
        "Unknown option '--steps', which unit, invariance, saliency and class-models take from --with "
          + "(see fovea visualize --help)"
      ),
    ]) func `that are wrong are explained`(arguments: [String], message: String) throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(arguments, in: folder)
      #expect(outcome.errors == "fovea: \(message)\n")
      #expect(outcome.status == 64)
      #expect(folder.names() == ["model.safetensors", "pictures"])
    }

    @Test func `may be negative numbers in a word of their own`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "saliency", "model.safetensors", "--images", "pictures", "--limit", "1", "-o", "g",
        "--method", "integrated-gradients", "--baseline", "-1", "--steps", "4")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]]
      let options = figures?.first?["options"] as? [String: Any]
      #expect(options?["baseline"] as? String == "-1")
      #expect(
        (figures?.first?["command"] as? String ?? "").contains("--baseline -1"))
      try folder.run(
        "scenes", "--count", "2", "--sweep", "hue", "--range", "-50...40", "-o", "s")
    }

    @Test func `of a batch are of the right kind`() throws {
      let folder = try Sample.folder()
      for (option, message) in [
        (
          "pictures: yes",
          "'pictures' needs a value, found true; a text such as \"yes\" needs quotes"
        ),
        ("sharp: maybe", "'sharp' must be true or false, not maybe"),
      ] {
        try folder.write(
          """
          renders:
            - {command: features, checkpoint: model.safetensors, \(option)}
          """, "batch.yaml")
        try folder.expect(
          "batch.yaml: render 1: \(message)", status: 65, from: "batch", "batch.yaml")
      }
    }
  }
}
