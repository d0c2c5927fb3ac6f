import Checkpoints
import Foundation
import TensorCore
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Sheets of units` {
    @Test func `are drawn of units and classes, with their numbers`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "unit", "model.safetensors", "relu2:4,mug", "--images", "pictures", "--steps", "2",
        "--arrays", "-o", "g")
      #expect(outcome.output.contains("g/unit-relu2-4.png"))
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(figures.map { $0["layer"] as? String } == ["relu2", "fc5"])
      #expect(figures.map { $0["units"] as? [Int] } == [[4], [7]])
      let options = figures.first?["options"] as? [String: String] ?? [:]
      #expect(options["layer-units"] == "relu2:4,mug" && options["steps"] == "2")
      let file = try SafeTensorsFile(folder["/g/unit-relu2-4.safetensors"])
      let activations = try file.tensor("activations")
      #expect(activations.shape == [48] && file.metadata["files"]?.contains("mug") == true)
      let best = try file.tensor("patches/values").elements
      #expect(best[0] == activations.elements.max() && best.count == 18)
      let positions = try file.tensor("patches/positions").elements.prefix(2).map { Int($0) }
      let maps = try file.tensor("maps")
      #expect(maps.shape[0] == 3)
      let place = positions[0] * maps.shape[2] + positions[1]
      expectClose([maps.elements[place]], [Double(best[0])], relative: 1e-4)
      #expect(try file.tensor("optimized").shape == [1, 3, 32, 32])
    }

    @Test func `belong to a gallery and a batch if they are asked for`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--only", "filters", "--unit",
        "relu1:0-1", "-o", "g")
      #expect(folder.exists("g/unit-relu1-0.png") && folder.exists("g/unit-relu1-1.png"))
      #expect(folder.exists("g/filters-conv1.png"))
      try folder.write(
        """
        defaults: {checkpoint: model.safetensors, images: pictures, output: b}
        renders:
          - command: unit
            unit: "relu1:2"
            steps: 0
        """, "renders.yaml")
      try folder.run("batch", "renders.yaml")
      #expect(folder.exists("b/unit-relu1-2.png"))
    }

    /// The units of a gallery's figures, by kind and layer.
    private func units(
      _ folder: TemporaryFolder, _ kind: String, in gallery: String = "g"
    ) throws -> [(layer: String, units: [Int])] {
      let figures = try folder.json("\(gallery)/gallery.json")["figures"] as? [[String: Any]] ?? []
      return figures.filter { $0["kind"] as? String == kind }.compactMap { figure in
        (figure["layer"] as? String).map { ($0, figure["units"] as? [Int] ?? []) }
      }
    }

    @Test func `are in a gallery for one unit of each layer, linked with its patches`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--only", "patches,unit", "-o",
        "g")
      let (sheets, patches) = (try units(folder, "unit"), try units(folder, "patches"))
      #expect(patches.map(\.layer) == ["relu1", "relu2", "fc5"])
      #expect(sheets.map(\.layer) == ["relu1", "relu2"])
      let page = try folder.text("g/index.html")
      for (sheet, shown) in zip(sheets, patches) {
        let unit = try #require(sheet.units.first)
        #expect(sheet.units.count == 1 && shown.units.contains(unit))
        // From the patches to the sheet, and back.
        #expect(page.contains("href=\"#fig=unit-\(sheet.layer)-\(unit)\""))
        #expect(page.contains("href=\"#fig=patches-\(sheet.layer)\""))
      }
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      for figure in figures where figure["kind"] as? String == "unit" {
        #expect((figure["options"] as? [String: String])?["steps"] == "0")
        #expect((figure["caption"] as? String)?.contains("selective responses") == true)
      }
      let overview = try #require(figures.first { $0["file"] as? String == "patches-overview.png" })
      let shown = overview["unitsByLayer"] as? [[String: Any]] ?? []
      #expect(shown.map { $0["layer"] as? String } == ["relu1", "relu2", "fc5"])
      #expect(shown.map { $0["units"] as? [Int] } == patches.map { Array($0.units.prefix(4)) })
      // The most selective of some is drawn on its own, too: it is the same unit.
      try folder.run(
        "unit", "model.safetensors", "shown", "--images", "pictures", "--layers", "relu2",
        "--units", "selective:1", "-o", "one")
      #expect(try units(folder, "unit", in: "one").map(\.units) == [sheets[1].units])
    }

    @Test func `are of all units that are shown, or of none`() throws {
      let folder = try Sample.folder()
      func draw(_ output: String, _ options: String...) throws {
        let outcome = try Program.run(
          [
            "visualize", "model.safetensors", "--images", "pictures", "--limit", "12", "--only",
            "patches", "--quiet", "-o", output,
          ] + options, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      try draw("all", "--unit", "shown", "--layers", "relu2,fc5", "--units", "0,2")
      let all = try units(folder, "unit", in: "all")
      #expect(all.map(\.layer) == ["relu2", "relu2", "fc5", "fc5"])
      #expect(all.map(\.units) == [[0], [2], [0], [2]])
      // Linked with the patches of the layer and with the overview.
      let page = try folder.text("all/index.html")
      #expect(page.matches(of: /href="#fig=unit-relu2-2"/).count == 2)
      #expect(page.matches(of: /href="#fig=patches-relu2"/).count == 2)
      try draw("none", "--unit", "none")
      #expect(!folder.names("none").contains { $0.hasPrefix("unit-") })
      #expect(try !folder.text("none/index.html").contains("href=\"#fig="))
      try folder.expect(
        "no unit: --unit none leaves them out", status: 64,
        from: "visualize", "model.safetensors", "--images", "pictures", "--only", "unit", "--unit",
        "none", "--quiet", "-o", "g")
    }

    @Test func `are linked if they are drawn after the gallery`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--only", "patches", "--layers",
        "relu2", "--units", "3", "-o", "g")
      #expect(try !folder.text("g/index.html").contains("href=\"#fig="))
      try folder.run(
        "unit", "model.safetensors", "relu2:3,relu2:4", "--images", "pictures", "--steps", "0",
        "-o", "g")
      let page = try folder.text("g/index.html")
      #expect(page.matches(of: /href="#fig=unit-relu2-3"/).count == 1)
      #expect(page.matches(of: /href="#fig=unit-relu2-4"/).isEmpty)
      #expect(page.matches(of: /href="#fig=patches-relu2"/).count == 2)
    }

    @Test(arguments: [
      (
        "relu2",
        "'relu2' is a layer without a unit: expected LAYER:UNIT, from 'relu2:0' to 'relu2:15'"
      ),
      (
        "relu2:99",
        "no unit 99 in layer 'relu2': it has 16, from 0 on; for a number of units say 'even:99'"
      ),
      ("relu9:1", "no layer 'relu9'; did you mean 'relu1', 'relu2', 'relu3'?"),
    ])
    func `are refused before any work`(unit: String, message: String) throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        ["unit", "model.safetensors", unit, "--images", "pictures", "--quiet", "-o", "g"],
        in: folder)
      #expect(outcome.errors == "fovea: \(message)\n")
      #expect(outcome.status != 0 && !folder.exists("g"))
    }

    @Test func `need a unit, once`() throws {
      let folder = try Sample.folder()
      for (arguments, message) in [
        ([], "give the units, as LAYER:UNIT or the name of a class"),
        (["relu1:0", "--unit", "relu1:1"], "give the units once: as an argument or with --unit"),
        (["cup"], "expected LAYER:UNIT, such as"),
        (["none"], "expected LAYER:UNIT, such as"),
        (
          ["relu1:0", "--layers", "relu1"],
          "--layers and --units: expected only with 'shown', found the units 'relu1:0'"
        ),
        (["shown", "--layers", "relu9"], "no layer 'relu9'"),
        (
          ["shown", "--layers", "relu1", "--units", "99", "--images", "pictures"],
          "no unit 99 in layer 'relu1'"
        ),
      ] {
        let outcome = try Program.run(
          ["unit", "model.safetensors"] + arguments + ["-o", "g"], in: folder)
        #expect(outcome.errors.contains("fovea: \(message)"), "\(outcome.errors)")
        #expect(outcome.status != 0 && !folder.exists("g"))
      }
    }
  }
}
