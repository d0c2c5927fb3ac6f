import Foundation
import TestSupport
import Testing

extension `The program` {
  /// Options of single kinds of figures, from files and beside each other.
  @Suite struct `Options of single kinds` {
    @Test(arguments: [
      ("saliency: {pictures: 0}", "'saliency': --pictures must be at least 1, not 0"),
      ("class-models: {steps: many}", "'class-models': The value 'many' is invalid"),
      ("saliency: {top: 2, classes: mug}", "'saliency': give either --top or --classes, not both"),
      ("saliency: {classes: mugg}", "'saliency': no class 'mugg'; did you mean 'mug'?"),
      (
        "saliency: {method: grad-cam, layer: nowhere}",
        "'saliency': --method grad-cam: layer: no layer 'nowhere'"
      ),
    ])
    func `mistakes name the file`(text: String, message: String) throws {
      let folder = try Sample.folder()
      try folder.write(text, "kinds.yaml")
      let outcome = try Program.run(
        [
          "visualize", "model.safetensors", "--images", "pictures", "--with", "kinds.yaml",
          "--quiet", "-o", "g",
        ], in: folder)
      #expect(outcome.errors.hasPrefix("fovea: kinds.yaml: \(message)"), "\(outcome.errors)")
      #expect(outcome.status == 65)
      #expect(!folder.exists("g"))
    }

    @Test func `kinds that are not drawn are checked too`() throws {
      let folder = try Sample.folder()
      try folder.write("saliency: {pictures: 0}", "kinds.yaml")
      try folder.expect(
        "kinds.yaml: 'saliency': --pictures must be at least 1, not 0", status: 65,
        from: "visualize", "model.safetensors", "--only", "filters", "--with", "kinds.yaml", "-o",
        "g")
    }

    @Test func `a dry run of a batch reads their files`() throws {
      let folder = try Sample.folder()
      try folder.write("saliency: {pictures: 0}", "kinds.yaml")
      try folder.write(
        "renders: [{command: visualize, checkpoint: model.safetensors, with: kinds.yaml}]",
        "batch.yaml")
      let outcome = try Program.run(["batch", "batch.yaml", "--dry-run"], in: folder)
      #expect(
        outcome.errors.contains("kinds.yaml: 'saliency': --pictures must be at least 1, not 0"))
      #expect(outcome.status == 65)
    }

    @Test func `an option that only single kinds have is found there`() throws {
      let outcome = try Program.run(
        ["visualize", "model.safetensors", "--steps", "4"], in: try Sample.folder())
      #expect(
        outcome.errors
          == "fovea: Unknown option '--steps', which unit, invariance, saliency and class-models take "
          + "from --with (see fovea visualize --help)\n")
      #expect(outcome.status == 64)
    }

    @Test func `a gallery of nothing is refused with the reason`() throws {
      let folder = try Sample.folder()
      try folder.copy(
        "\(Program.package)/Tests/CheckpointsTests/Fixtures/lenet5.pth", as: "lenet5.pth")
      let outcome = try Program.run(
        ["visualize", "lenet5.pth", "--only", "curves", "--quiet", "-o", "g"], in: folder)
      #expect(outcome.errors.hasPrefix("fovea: no curves: "), "\(outcome.errors)")
      #expect(outcome.status == 64)
      #expect(!folder.exists("g"))
    }

    @Test func `pictures that decide nothing must exist all the same`() throws {
      try Sample.folder().expect(
        "nowhere: no such file or folder", status: 66, from: "class-models", "model.safetensors",
        "--classes", "mug", "--images", "nowhere", "-o", "g")
    }

    @Test func `figures of one class do not replace those of another`() throws {
      let folder = try Sample.folder()
      for classes in ["mug,7,MUG", "car"] {
        try folder.run(
          "saliency", "model.safetensors", "--images", "pictures/mug", "--limit", "1", "--classes",
          classes, "--method", "grad-cam", "-o", "g")
      }
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      let options = figures.compactMap { $0["options"] as? [String: String] }
      #expect(options.map { $0["class"] } == ["mug", "car"])
      // The layer that was chosen.
      #expect(options.allSatisfy { $0["layer"] == "pool2" }, "\(options)")
    }
  }
}
