import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Receptive fields of layers` {
    @Test func `are drawn for each layer, with a table of their numbers`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "receptive-field", "model.safetensors", "--images", "pictures", "--pictures", "6",
        "--arrays", "csv", "-o", "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(
        figures.compactMap { $0["file"] as? String } == [
          "receptive-field-relu1.png", "receptive-field-relu2.png", "receptive-field-table.png",
        ])
      for figure in figures {
        #expect(outcome.lines.contains("g/\(figure["file"] as? String ?? "")"))
      }
      let options = try #require(figures.first?["options"] as? [String: String])
      // The maps of 28 × 28 positions.
      #expect(options["pictures"] == "6" && options["position"] == "14,14")
      #expect(options["field"] == "5x5" && options["stride"] == "1x1" && options["offset"] == "0,0")
      let lines = try folder.text("g/receptive-field-table.csv").split(separator: "\n")
      try #require(lines.count == 3)
      #expect(lines[0].hasPrefix("layer,rows,columns,row_stride,"))
      #expect(lines[1].hasPrefix("relu1,5,5,1,1,0,0,"))
      #expect(lines[1].hasSuffix(",0,456,352800,456,352800"))
      #expect(lines[2].hasPrefix("relu2,14,14,2,2,0,0,"))
      #expect(lines[2].hasSuffix(",0,2416,240000,2872,592800"))
    }

    @Test func `of one layer are one file`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "receptive-field", "model.safetensors", "--images", "pictures", "--limit", "2", "--layers",
        "conv2", "--units", "even:3", "--seed", "4", "-o", "field.pdf")
      #expect(folder.exists("field.pdf") && !folder.exists("gallery.json"))
    }

    @Test(arguments: [
      (["--pictures", "0"], "--pictures must be at least 1, not 0"),
      (["--layers", "fc4"], "layer 'fc4' has no maps of more than one position"),
      (["--layers", "conv9"], "no layer 'conv9'"),
      (["--layers", "relu1", "--units", "6"], "no unit 6 in layer 'relu1': it has 6, from 0 on"),
      (
        ["--units", "strongest:3"],
        "--units: expected numbers, ranges or even:16, found 'strongest:3': a receptive field has "
          + "no order of units"
      ),
    ])
    func `mistakes are found before work starts`(arguments: [String], message: String) throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        ["receptive-field", "model.safetensors", "--images", "pictures", "-o", "g"] + arguments,
        in: folder)
      #expect(outcome.errors.hasPrefix("fovea: \(message)"), "\(outcome.errors)")
      #expect(outcome.status == 64)
      #expect(!folder.exists("g"))
    }

    @Test func `are in a gallery, for the layers of its maps`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--only",
        "features,receptive-field", "--layers", "relu2,fc3", "--units", "strongest:4", "-o", "g")
      let names = folder.names("g").filter {
        $0.hasPrefix("receptive-field-") && $0.hasSuffix(".png")
      }
      #expect(names == ["receptive-field-relu2.png", "receptive-field-table.png"])
      try folder.write(
        "renders: [{command: receptive-field, checkpoint: model.safetensors, images: pictures, "
          + "layers: relu1, pictures: 2, output: b}]", "batch.yaml")
      try folder.run("batch", "batch.yaml")
      #expect(folder.names("b").contains("receptive-field-relu1.png"))
    }

    @Test func `without a finite gradient end a single command`() throws {
      let folder = try Sample.folder()
      try folder.write(try Sample.withNaN("conv1.weight"), "broken.safetensors")
      let outcome = try Program.run(
        [
          "receptive-field", "broken.safetensors", "--images", "pictures", "--pictures", "2",
          "-o", "g", "--quiet",
        ], in: folder)
      #expect(outcome.status == 65 && !folder.exists("g"))
      #expect(
        outcome.errors.hasSuffix(
          "fovea: broken.safetensors: no receptive fields of pictures (training pictures): gradients are not finite\n"
        ),
        "\(outcome.errors)")
    }
  }
}
