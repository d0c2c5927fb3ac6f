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
      ] {
        let outcome = try Program.run(
          ["unit", "model.safetensors"] + arguments + ["-o", "g"], in: folder)
        #expect(outcome.errors.contains("fovea: \(message)"), "\(outcome.errors)")
        #expect(outcome.status != 0 && !folder.exists("g"))
      }
    }
  }
}
