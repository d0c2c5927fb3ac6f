import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Occlusion of pictures` {
    @Test func `says what it chose, and writes its numbers`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "occlusion", "model.safetensors", "--images", "pictures", "--limit", "2", "--stride", "4",
        "--arrays", "safetensors", "-o", "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(figures.count == 2)
      for figure in figures {
        #expect(outcome.lines.contains("g/\(figure["file"] as? String ?? "")"))
      }
      for figure in figures {
        let options = try #require(figure["options"] as? [String: String])
        #expect(options["size"] == "7" && options["stride"] == "4" && options["color"] == "grey")
        #expect(options["layers"] == "pool2" && options["maps"] != nil)
        // The class of its folder.
        let source = try #require(figure["source"] as? String)
        #expect(options["class"].map { source.hasPrefix("\($0)/") } == true)
        #expect(figure["layer"] as? String == "pool2")
      }
      #expect(
        folder.names("g").filter { $0.hasSuffix(".safetensors") }.count == 2, "\(folder.names("g"))"
      )
    }

    @Test func `runs for chosen classes, layers and colours`() throws {
      let folder = try Sample.folder()
      for color in ["mean", "black", "0,128,255"] {
        try folder.run(
          "occlusion", "model.safetensors", "--images", "pictures/mug", "--limit", "1", "--size",
          "8", "--stride", "8", "--classes", "mug,car", "--layers", "relu*", "--color", color,
          "-o", color)
        let figures =
          try folder.json("\(color)/gallery.json")["figures"] as? [[String: Any]] ?? []
        let options = figures.compactMap { $0["options"] as? [String: String] }
        #expect(options.map { $0["class"] } == ["mug", "car"])
        // Those of the linear layers have no maps.
        #expect(options.allSatisfy { $0["layers"] == "relu1,relu2" && $0["color"] == color })
      }
      func pixels(_ color: String) throws -> Data {
        let name = try #require(folder.names(color).first { $0.hasSuffix("class-7.png") })
        return try folder.data("\(color)/\(name)")
      }
      #expect(try Set(["mean", "black", "0,128,255"].map(pixels)).count == 3)
    }

    @Test(arguments: [
      (
        ["--size", "33"], 64,
        "--size: a square of 33×33 is larger than the picture of 32×32 pixels"
      ),
      (["--size", "0"], 64, "--size must be at least 1, not 0"),
      (
        ["--stride", "9223372036854775807"], 64,
        "--stride: steps of 9223372036854775807 pixels are longer than the picture of 32×32 pixels"
      ),
      (["--stride=-1"], 64, "--stride must be at least 1, not -1"),
      (["--layers", "fc4"], 64, "layer 'fc4' has no maps of more than one position"),
      (["--color", "blue"], 64, "The value 'blue' is invalid for '--color <color>'"),
      (["--color", "1,2,256"], 64, "The value '1,2,256' is invalid for '--color <color>'"),
      (["--classes", "mugg"], 64, "no class 'mugg'; did you mean 'mug'?"),
    ])
    func `mistakes are found before work starts`(
      arguments: [String], status: Int, message: String
    ) throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        ["occlusion", "model.safetensors", "--images", "pictures", "-o", "g"] + arguments,
        in: folder)
      #expect(outcome.errors.hasPrefix("fovea: \(message)"), "\(outcome.errors)")
      #expect(outcome.status == Int32(status))
      #expect(!folder.exists("g"))
    }

    @Test func `is in a gallery only if it is asked for`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--only", "occlusion", "-o", "g")
      #expect(folder.names("g").contains { $0.hasPrefix("occlusion-") })
      try folder.write(
        "renders: [{command: occlusion, checkpoint: model.safetensors, images: pictures, "
          + "stride: 8, output: b}]", "batch.yaml")
      try folder.run("batch", "batch.yaml")
      #expect(folder.names("b").contains { $0.hasPrefix("occlusion-") })
    }
  }
}
