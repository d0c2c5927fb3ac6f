import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Correspondence of parts` {
    @Test func `of scenes needs no table`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "correspondence", "model.safetensors", "--images", "scenes:60", "--draws", "2",
        "--arrays", "csv", "-o", "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(figures.count == 1)
      let file = try #require(figures.first?["file"] as? String)
      #expect(outcome.lines.contains("g/\(file)"))
      let options = try #require(figures.first?["options"] as? [String: String])
      #expect(options["draws"] == "2" && options["color"] == "grey" && options["size"] == "7")
      let layers = try #require(options["layers"]).split(separator: ",")
      #expect(layers.count == 2)
      for layer in layers { #expect(options["\(layer) random places"] != nil) }
      let table = try folder.text("g/\(file.replacing(".png", with: ".csv"))")
      #expect(
        table.hasPrefix(
          "layer,part,draw,pictures,pairs,features,sum,mean,deviation,changed_share\n"))
    }

    @Test func `of a table is of the pictures that it marks`() throws {
      let folder = try Sample.folder()
      let names = folder.names("pictures/mug").filter { $0.hasSuffix(".png") }.sorted()
      let rows = names.prefix(3).flatMap { name in
        ["mug/\(name),left,4,8,12,24", "mug/\(name),right,20,8,28,24"]
      }
      try folder.write(
        (["file,part,left,top,right,bottom"] + rows).joined(separator: "\n"), "parts.csv")
      for color in ["black", "mean"] {
        try folder.run(
          "correspondence", "model.safetensors", "--images", "pictures", "--parts", "parts.csv",
          "--draws", "1", "--layers", "relu2", "--color", color, "-o", color)
        let figures =
          try folder.json("\(color)/gallery.json")["figures"] as? [[String: Any]] ?? []
        let options = try #require(figures.first?["options"] as? [String: String])
        #expect(options["pictures"] == "3" && options["part names"] == "left,right")
        #expect(options["color"] == color && options["layers"] == "relu2")
        #expect(figures.first?["layer"] as? String == "relu2")
      }
      try folder.write(
        "renders: [{command: correspondence, checkpoint: model.safetensors, images: pictures, "
          + "parts: parts.csv, draws: 1, output: b}]", "batch.yaml")
      try folder.run("batch", "batch.yaml")
      #expect(folder.names("b").contains { $0.hasPrefix("correspondence-parts") })
    }

    @Test func `mistakes are found before work starts`() throws {
      let folder = try Sample.folder()
      func expect(_ message: String, status: Int32, _ arguments: String...) throws {
        let outcome = try Program.run(
          ["correspondence", "model.safetensors", "--images", "pictures", "-o", "g"] + arguments,
          in: folder)
        #expect(outcome.errors.hasPrefix("fovea: \(message)"), "\(outcome.errors)")
        #expect(outcome.status == status)
        #expect(!folder.exists("g"))
      }
      try expect("no part is marked in two pictures of pictures", status: 64)
      try expect("--draws must be at least 1, not 0", status: 64, "--draws", "0")
      try expect("no.csv: ", status: 66, "--parts", "no.csv")
      try folder.write("file,part,x,y,width,height\nno.png,eye,1,1,2,2\n", "parts.csv")
      try expect(
        "parts.csv: expected names of pictures in column file, such as ", status: 65, "--parts",
        "parts.csv")
    }
  }
}
