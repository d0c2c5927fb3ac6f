import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Linear probes` {
    @Test func `are a figure, a table and text, and keep the features`() throws {
      let folder = try Sample.folder()
      let arguments = ["probe", "model.safetensors", "pictures", "--folds", "2", "-o", "g"]
      // A cache is only there if there is a folder for it.
      let first = try Program.run(arguments, in: folder)
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.errors.contains("SVM (1) relu1"))
      #expect(folder.names("g").contains("probe-pictures.png"))
      let csv = String(decoding: try folder.data("g/probe-pictures.csv"), as: UTF8.self)
      let rows = csv.split(separator: "\n")
      #expect(
        rows[0].hasPrefix("classifier,number,layer,features,classes,per_class,training,tested,"))
      #expect(rows.dropFirst().allSatisfy { $0.contains(",12,all,24,24,2,") })
      #expect(rows.last?.hasPrefix("softmax,") == true)
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(figures.count == 1 && figures[0]["arrays"] as? String == "probe-pictures.csv")
    }

    @Test func `learn any classes, so nothing is said of labels that the network does not have`()
      throws
    {
      let folder = try Sample.folder()
      for (place, name) in ["mug": "alpha", "car": "beta"] {
        try folder.copy(folder["/pictures/\(place)"], as: "others/\(name)")
      }
      func remark(_ kind: String) throws -> Bool {
        let outcome = try folder.run(
          "visualize", "model.safetensors", "--images", "others", "--only", kind, "-o", kind)
        return outcome.errors.contains("is one of the network's")
      }
      #expect(try !remark("probe"))
      #expect(try remark("embedding"))
      #expect(try remark("embedding,probe"))
    }

    @Test func `go to a file with its table beside it`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "probe", "model.safetensors", "--images", "pictures", "--folds", "2", "--layers", "relu2",
        "--softmax", "none", "-o", "probe.png")
      #expect(Set(outcome.lines) == ["probe.png", "probe.csv"])
    }

    @Test func `are in a gallery and a batch only if they are asked for`() throws {
      let folder = try Sample.folder()
      try folder.write("probe: {folds: 2}", "options.yaml")
      try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--only", "probe", "--with",
        "options.yaml", "-o", "g")
      #expect(folder.names("g").contains("probe-pictures.png"))
      try folder.write(
        "renders: [{command: probe, checkpoint: model.safetensors, images: pictures, "
          + "folds: 2, layers: relu1, output: b}]", "batch.yaml")
      try folder.run("batch", "batch.yaml")
      #expect(folder.names("b").contains("probe-pictures.png"))
    }

    @Test(arguments: [
      (["--folds", "5"], 64, "--folds 5: expected 5 or more pictures of each class, found 4"),
      (["--per-class", "4"], 64, "--per-class 4: expected 5 or more pictures of each class"),
      (["--layers", "fc9"], 64, "no layer 'fc9'"),
      (["--folds", "0"], 64, "--folds must be from 1 to 1,000, not 0"),
      (["--pooling", "max"], 64, "The value 'max' is invalid for '--pooling <pooling>'"),
      (["--images", "others"], 64, "give the pictures either by themselves or with --images"),
    ])
    func `find mistakes before work starts`(
      arguments: [String], status: Int, message: String
    ) throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        ["probe", "model.safetensors", "pictures", "-o", "g"] + arguments, in: folder)
      #expect(outcome.errors.hasPrefix("fovea: \(message)"), "\(outcome.errors)")
      #expect(outcome.status == Int32(status))
      #expect(!folder.exists("g"))
    }

    @Test func `name the features that are not finite`() throws {
      let folder = try Sample.folder()
      try folder.write(try Sample.withNaN("conv1.weight"), "nan.safetensors")
      let outcome = try Program.run(
        ["probe", "nan.safetensors", "pictures", "--folds", "2", "-o", "g"], in: folder)
      #expect(
        outcome.errors.contains("expected finite features at 'relu1', found others for 48 of 48"),
        "\(outcome.errors)")
      #expect(outcome.status == 65 && !folder.exists("g"))
    }
  }
}
