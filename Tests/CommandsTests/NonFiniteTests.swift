import Foundation
import TestSupport
import Testing

extension `The program` {
  /// Weights and pictures with NaN and infinity: nothing may look as if it were valid.
  @Suite struct `What is not finite` {
    private func model(_ name: String, _ value: Float = .nan) throws -> Data {
      try Sample.withNaN(name, value)
    }

    private static let warning =
      "fovea: broken.safetensors: not all weights are finite: 'conv1.weight' (1 NaN of 450)\n"

    @Test func `is reported when a checkpoint is loaded`() throws {
      let folder = try Sample.folder()
      try folder.write(try model("conv1.weight"), "broken.safetensors")
      #expect(try folder.run("inspect", "broken.safetensors").errors == Self.warning)
      let json = try folder.run("inspect", "broken.safetensors", "--json").output
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.utf8)) }
      try folder.write(try model("conv1.bias", -.infinity), "broken.safetensors")
      #expect(
        try folder.run("inspect", "broken.safetensors").errors
          == "fovea: broken.safetensors: not all weights are finite: 'conv1.bias' (1 infinite of 6)\n"
      )
      #expect(try folder.run("inspect", "model.safetensors").errors == "")
    }

    @Test func `leaves a whole gallery with what can be said`() throws {
      let folder = try Sample.folder()
      try folder.write(try model("conv1.weight"), "broken.safetensors")
      let outcome = try folder.run(
        "visualize", "broken.safetensors", "--images", "pictures", "-o", "out", "--quiet",
        with: "class-models: {steps: 5}")
      #expect(outcome.errors.hasPrefix(Self.warning))
      #expect(
        outcome.errors.contains(
          "784 of 4704 values of 'conv1' (convolution) are not finite, with weights "
            + "'conv1.weight' that are not\n"))
      #expect(outcome.errors.contains("no embedding of pictures (training pictures): "))
      #expect(outcome.errors.contains("no receptive fields of pictures (training pictures): "))
      #expect(outcome.errors.contains("no invariance of pictures (training pictures): "))
      #expect(
        outcome.errors.contains(
          "no saliency for 8 of 8 pictures: their class scores are not finite\n"))
      #expect(outcome.errors.contains("no class model of 12 of 12 classes: from step 0 on"))
      // Only once, because it is a single fault.
      #expect(outcome.errors.components(separatedBy: "(convolution)").count == 2)
      let record = try JSONSerialization.jsonObject(with: folder.data("out/gallery.json"))
      let figures = (record as? [String: Any])?["figures"] as? [[String: Any]] ?? []
      let kinds = Set(figures.compactMap { $0["kind"] as? String })
      #expect(kinds == ["filters", "handcrafted", "features", "patches", "unit", "curves"])
      let captions = figures.compactMap { $0["caption"] as? String }
      #expect(captions.contains { $0.contains("Not all weights are finite in filter 0") })
      #expect(captions.contains { $0.contains("are not finite, which are left out: 0.") })
    }

    @Test func `is reported of layers without maps`() throws {
      let folder = try Sample.folder()
      try folder.write(try model("fc3.weight"), "broken.safetensors")
      let outcome = try folder.run(
        "features", "broken.safetensors", "--images", "pictures", "--layers", "fc3",
        "-o", "out", "--quiet")
      #expect(outcome.errors.contains("1 of 120 values of 'fc3' "), "\(outcome.errors)")
      let record = try folder.text("out/gallery.json")
      #expect(record.contains("are not finite, and are left out: 0."))
    }

    @Test func `ends single commands that could only draw it`() throws {
      let folder = try Sample.folder()
      try folder.write(try model("fc3.weight"), "broken.safetensors")
      for command in [
        ["saliency", "--images", "pictures"], ["class-models", "--steps", "3"],
      ] {
        let outcome = try Program.run(
          [command[0], "broken.safetensors"] + command.dropFirst() + ["-o", "out", "--quiet"],
          in: folder)
        #expect(outcome.status == 65 && outcome.output == "" && !folder.exists("out"))
        #expect(
          outcome.errors.hasSuffix(
            "fovea: broken.safetensors: its class scores, or their gradients, are not finite\n"))
      }
    }

    @Test func `is left out of arrays by name and number`() throws {
      let folder = try Sample.folder()
      try folder.write(npy([5, 3, 32, 32], nan: 2), "a.npy")
      let message =
        "fovea: skipped a.npy #2: expected finite numbers, found 1 of 3072 that are NaN or infinite\n"
      for command in ["saliency", "patches", "embedding"] {
        let outcome = try folder.run(
          command, "model.safetensors", "--images", "a.npy", "-o", "out", "--quiet")
        #expect(outcome.errors == message, "\(command)")
      }
      try folder.write(npy([1, 3, 32, 32], nan: 0), "a.npy")
      try folder.expect(
        "a.npy #0: expected finite numbers, found 1 of 3072 that are NaN or infinite", status: 65,
        from: "features", "model.safetensors", "--images", "a.npy", "-o", "other")
    }

    /// - Parameter nan: The index of the picture with NaN.
    private func npy(_ shape: [Int], nan: Int) -> Data {
      let size = shape.dropFirst().reduce(1, *)
      let values = (0..<(shape[0] * size)).map { index in
        index == nan * size + 7 ? .nan : Float(index % 255) / 255
      }
      return TestSupport.npy(shape, values)
    }
  }
}
