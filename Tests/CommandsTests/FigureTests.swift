import Analysis
import Checkpoints
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Single figures` {
    @Test func `a command adds to a gallery and replaces only its own figures`() throws {
      let folder = try Sample.folder()
      try folder.run("filters", "model.safetensors", "-o", "g")
      try folder.run("class-models", "model.safetensors", "-o", "g", "--steps", "3")
      let before = folder.contents("g")
      try folder.run(
        "filters", "model.safetensors", "-o", "g", "--layers", "conv1", "--units", "0,2")
      let after = folder.contents("g")
      #expect(Set(before.keys) == Set(after.keys))
      #expect(before["filters-conv1.png"] != after["filters-conv1.png"])
      #expect(before["filters-conv2.png"] == after["filters-conv2.png"])
      #expect(before["class-models-all.png"] == after["class-models-all.png"])
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(
        figures.compactMap { $0["file"] as? String } == [
          "filters-conv1.png", "filters-conv2.png", "class-models-all.png",
        ])
      #expect(figures.first?["units"] as? [Int] == [0, 2])
    }

    @Test(arguments: [
      ("relu*", ["relu1", "relu2", "relu3", "relu4"]), ("conv1,relu2", ["conv1", "relu2"]),
      ("pool?", ["pool1", "pool2"]), ("fc?,*1", ["conv1", "fc3", "fc4", "fc5", "pool1", "relu1"]),
    ])
    func `layers are chosen by patterns`(pattern: String, expected: [String]) throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "features", "model.safetensors", "--images", "pictures/mug", "--layers", pattern, "-o", "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      // Layers without maps come first.
      #expect(figures.compactMap { $0["layer"] as? String }.sorted() == expected)
      #expect(outcome.lines.count == expected.count + 2)
    }

    @Test(arguments: [
      ("0,3,5", [0, 3, 5]), ("5,", [5]), ("2", [2]), ("1-3,0,2", [1, 2, 3, 0]), ("even:2", [0, 3]),
    ])
    func `units are numbers, ranges or a rule`(units: String, expected: [Int]) throws {
      let folder = try Sample.folder()
      try folder.run(
        "patches", "model.safetensors", "--images", "pictures", "--layers", "conv1", "--units",
        units, "-o", "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(figures.map { $0["units"] as? [Int] } == [expected])
    }

    @Test func `units mean the same for every figure`() throws {
      let folder = try Sample.folder()
      for command in [
        ["filters"], ["features", "--images", "pictures"], ["patches", "--images", "pictures"],
      ] {
        for (units, expected) in [("4", [4]), ("even:3", [0, 2, 4]), ("3-5", [3, 4, 5])] {
          let arguments = [command[0], "model.safetensors", "--layers", "conv1", "--units", units]
          _ = try Program.run(
            arguments + command.dropFirst() + ["-o", "g-\(command[0])"], in: folder)
          let figures =
            try folder.json("g-\(command[0])/gallery.json")["figures"] as? [[String: Any]] ?? []
          #expect(figures.map { $0["units"] as? [Int] } == [expected], "\(command) \(units)")
        }
        _ = try Program.run(
          [command[0], "model.safetensors", "--layers", "conv1", "--units", "strongest:3"]
            + command.dropFirst() + ["-o", "s-\(command[0])"], in: folder)
        let figures =
          try folder.json("s-\(command[0])/gallery.json")["figures"] as? [[String: Any]] ?? []
        #expect(figures.map { ($0["units"] as? [Int])?.count } == [3])
      }
    }

    @Test func `units of the scores go by the names of their classes`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "patches", "model.safetensors", "--images", "pictures", "--layers", "fc5", "--units",
        "mug,CAR,0", "-o", "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(figures.map { $0["units"] as? [Int] } == [[7, 2, 0]])
    }

    @Test func `a class goes by name or by index`() throws {
      let folder = try Sample.folder()
      // "mug" is the eighth of the names in order.
      for (classes, output) in [("mug", "a"), ("7", "b"), ("MUG", "c")] {
        try folder.run(
          "class-models", "model.safetensors", "--classes", classes, "--steps", "4", "-o", output)
      }
      func pixels(_ folder: TemporaryFolder, _ name: String) throws -> Image {
        try Image(contentsOf: folder["/\(name)/class-models-mug.png"])
      }
      #expect(try pixels(folder, "a") == pixels(folder, "b"))
      #expect(try pixels(folder, "a") == pixels(folder, "c"))
    }

    @Test func `a limit takes pictures evenly from all`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "saliency", "model.safetensors", "--images", "pictures", "--limit", "3", "--json", "-o",
        "g")
      #expect(outcome.output.contains("g/saliency-sheet-gradient.png"))
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      let sources = figures.compactMap { $0["source"] as? String }
      #expect(
        sources.map { $0.prefix { $0 != "/" } }
          == ["airplane", "guitar", "sailboat", "pictures (training pictures)"])
    }

    @Test func `attributions lie beside their pictures as N×C×H×W`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "saliency", "model.safetensors", "--images", "pictures", "--limit", "2", "--arrays", "-o",
        "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      let arrays = figures.compactMap { $0["arrays"] as? String }
      // Besides the two pictures, the sheet with both.
      #expect(arrays.count == 3)
      for name in arrays {
        let file = try SafeTensorsFile(folder["/g/\(name)"])
        #expect(file.metadata["kind"] == "saliency")
        let attribution = try file.tensor("attribution")
        #expect(attribution.shape == [name.contains("sheet") ? 2 : 1, 3, 32, 32])
        #expect(attribution.elements.contains { $0 != 0 })
      }
    }

    @Test func `the numbers of patches say what, where and how strong`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "patches", "model.safetensors", "--images", "pictures", "--layers", "conv1,relu2",
        "--units", "4,1", "--arrays", "-o", "g")
      let file = try SafeTensorsFile(folder["/g/patches-relu2.safetensors"])
      #expect(try file.tensor("units").elements == [4, 1])
      let values = try file.tensor("values")
      #expect(values.shape == [2, 9])
      let (pictures, positions) = (try file.tensor("pictures"), try file.tensor("positions"))
      let pixels = try file.tensor("boxes")
      #expect(
        pictures.shape == [2, 9] && positions.shape == [2, 9, 2] && pixels.shape == [2, 9, 4])
      let rows =
        try JSONSerialization.jsonObject(with: Data((file.metadata["files"] ?? "").utf8))
        as? [[String]] ?? []
      #expect(rows.map(\.count) == [9, 9])
      let files = rows.flatMap(\.self)
      let maps = folder["/maps"]
      for place in 0..<18 where !values.elements[place].isNaN {
        let corners = pixels.elements[(4 * place)..<(4 * place + 4)].map { Int($0) }
        // The second ReLU of LeNet-5 has a receptive field of 14 of 32 pixels.
        #expect(corners[2] - corners[0] == 14 && corners[3] - corners[1] == 14)
        let source = files[place]
        #expect(!source.isEmpty && !pictures.elements[place].isNaN)
        guard place == 0 || place == 9 else { continue }
        // The value is in the unit's own map for that picture.
        try folder.run(
          "features", "model.safetensors", "--images", "pictures/\(source)", "--layers", "relu2",
          "--arrays", "-o", maps, "--force")
        let name = try #require(
          folder.names("maps").first { $0.hasSuffix(".safetensors") })
        let map = try SafeTensorsFile("\(maps)/\(name)").tensor("maps")
        let (height, width) = (map.shape[2], map.shape[3])
        let (row, column) = (
          Int(positions.elements[2 * place]), Int(positions.elements[2 * place + 1])
        )
        let unit = place == 0 ? 4 : 1
        let found = map.elements[(unit * height + row) * width + column]
        #expect(abs(found - values.elements[place]) <= 1e-4 * abs(found))
        try FileManager.default.removeItem(atPath: maps)
      }
      let overview = try SafeTensorsFile(folder["/g/patches-overview.safetensors"])
      #expect(try overview.tensor("conv1/units").elements == [4, 1])
      #expect(try overview.tensor("relu2/values").elements.count == 18)
    }

    @Test func `projections lie in their boxes, and start from the activation or from 1`() throws {
      let folder = try Sample.folder()
      for (output, option, value) in [
        ("field", "--crop", "field"), ("one", "--project-from", "one"),
        ("part", "--crop", "effective"), ("whole", "--crop", "outlined"),
      ] {
        try folder.run(
          "patches", "model.safetensors", "--images", "pictures", "--layers", "relu2", "--units",
          "4,1", "--arrays", "--project", "deconvnet", "-o", output, option, value)
      }
      func file(_ name: String) throws -> SafeTensorsFile {
        try SafeTensorsFile(folder["/\(name)/patches-relu2.safetensors"])
      }
      let (field, one) = (
        try file("field").tensor("projections"), try file("one").tensor("projections")
      )
      #expect(field.shape == [2, 9, 3, 14, 14] && one.shape == field.shape)
      let values = try file("field").tensor("values").elements
      for (index, pair) in zip(field.elements, one.elements).enumerated() {
        // A deconvnet is linear.
        let expected = values[index / (3 * 14 * 14)] * pair.1
        #expect(pair.0.isNaN == pair.1.isNaN)
        if !pair.0.isNaN { #expect(abs(pair.0 - expected) <= 1e-3 * max(abs(expected), 1e-3)) }
      }
      #expect(one.elements.contains { abs($0) > 1e-4 })
      let part = try file("part")
      let boxes = try part.tensor("boxes").elements
      let fields = try file("field").tensor("boxes").elements
      for start in stride(from: 0, to: boxes.count, by: 4) where !boxes[start].isNaN {
        // The square with most of the gradient lies inside the field, but for its extension.
        let side = boxes[start + 2] - boxes[start]
        #expect(side == boxes[start + 3] - boxes[start + 1] && side <= 14 && side > 0)
        #expect(boxes[start] < fields[start + 2] && boxes[start + 2] > fields[start])
      }
      #expect(try part.tensor("projections").shape.extents.prefix(3) == [2, 9, 3])
      #expect(try file("whole").tensor("boxes").elements.prefix(4) == fields.prefix(4))
      let caption = try folder.json("part/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(
        (caption.first?["caption"] as? String)?
          .contains("the square with 95 % of the squared gradient of its activation") == true)
    }

    @Test func `every figure of a gallery has its numbers beside it`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--arrays", "-o", "g",
        with: "class-models: {steps: 2}")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      for figure in figures {
        let file = figure["file"] as? String ?? ""
        let arrays = try #require(figure["arrays"] as? String, "\(file)")
        #expect(try !SafeTensorsFile(folder["/g/\(arrays)"]).entries.isEmpty)
      }
      #expect(Set(figures.compactMap { $0["kind"] as? String }).count == 13)
    }

    @Test func `methods of saliency draw different maps`() throws {
      let folder = try Sample.folder()
      var maps: [[Float]] = []
      for method in ["gradient", "guided-backpropagation", "deconvnet"] {
        let outcome = try folder.run(
          "saliency", "model.safetensors", "--images", "pictures/mug", "--limit", "1", "--classes",
          "mug", "--method", method, "--arrays", "-o", "g")
        let array = try #require(outcome.lines.first { $0.hasSuffix(".safetensors") })
        maps.append(try SafeTensorsFile(folder["/\(array)"]).tensor("attribution").elements)
      }
      #expect(maps[0] != maps[1] && maps[1] != maps[2] && maps[0] != maps[2])
      // Three methods, three figures in one gallery.
      #expect(folder.names("g").filter { $0.hasSuffix(".png") }.count == 3)
    }

    @Test func `every parameter of a method is an option`() throws {
      let help = try TemporaryFolder().run("saliency", "--help").output
      for method in attributionMethods {
        #expect(help.contains(method.name))
        for setting in method.settings { #expect(help.contains("--\(setting.name) <")) }
      }
    }

    @Test func `figures of other pictures and classes never replace each other`() throws {
      let folder = try Sample.folder()
      let values: [Float] = (0..<9216).map { (index: Int) -> Float in Float(index % 11) / 11 }
      try folder.write(npy([3, 3, 32, 32], values), "x.npy")
      func files(_ more: String...) throws -> [String] {
        let outcome = try Program.run(
          ["saliency", "model.safetensors", "--images", "x.npy", "-o", "g"] + more, in: folder)
        return outcome.lines.filter { $0.hasSuffix(".png") && !$0.contains("sheet") }
      }
      let all = try files()
      #expect(all == (0..<3).map { "g/saliency-gradient-x-00\($0).png" })
      let classes = try files("--classes", "1,2", "--limit", "1")
      #expect(classes == [1, 2].map { "g/saliency-gradient-x-000-class-\($0).png" })
      for file in all + classes { #expect(folder.exists(file)) }
    }

    @Test func `parameters of a method are recorded by their names`() throws {
      let folder = try Sample.folder()
      try folder.run(
        "saliency", "model.safetensors", "--images", "pictures/mug", "--limit", "1", "--method",
        "smoothgrad", "--samples", "2", "--seed", "3", "-o", "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]]
      let options = try #require(figures?.first?["options"] as? [String: String])
      #expect(options["method"] == "smoothgrad")
      #expect(options["samples"] == "2" && options["noise"] == "0.15" && options["seed"] == "3")
      let refused = try Program.run(
        [
          "saliency", "model.safetensors", "--images", "pictures/mug", "--method", "grad-cam",
          "--layer", "nowhere", "-o", "h",
        ], in: folder)
      #expect(refused.errors.hasPrefix("fovea: --method grad-cam: layer: no layer 'nowhere'"))
      #expect(refused.status == 64)
      #expect(!folder.exists("h"))
    }

    @Test func `an embedding of too few pictures is refused`() throws {
      let folder = try Sample.folder()
      try folder.expect(
        "no embedding of pictures (training pictures): it needs at least three pictures",
        status: 64,
        from: "embedding", "model.safetensors", "--images", "pictures", "--limit", "2", "--quiet",
        "-o", "g")
      #expect(!folder.exists("g"))
    }

    @Test func `arrays are used exactly as they are`() throws {
      let folder = try Sample.folder()
      let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 32, 32), }\n"
      var file = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, UInt8(header.utf8.count), 0])
      file += Data(header.utf8)
      for index in 0..<6144 {
        withUnsafeBytes(of: (Float(index % 7) / 7).bitPattern.littleEndian) {
          file.append(contentsOf: $0)
        }
      }
      try folder.write(file, "array.npy")
      try folder.run(
        "features", "model.safetensors", "--images", "array.npy", "--layers", "conv1", "-o", "g")
      try folder.expect(
        "short.npy: expected 24576 bytes for [2, 3, 32, 32] of '<f4', found 24476", status: 65,
        from: {
          try folder.write(file.dropLast(100), "short.npy")
          return "features"
        }(), "model.safetensors", "--images", "short.npy", "-o", "h")
    }
  }
}
