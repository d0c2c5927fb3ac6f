import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Learned and handcrafted filters` {
    @Test func `are drawn beside each other, with their numbers`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "handcrafted", "model.safetensors", "--arrays", "csv", "-o", "g")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      #expect(
        figures.compactMap { $0["file"] as? String } == [
          "handcrafted-conv1.png", "handcrafted-conv1-tuning.png", "handcrafted-conv1-shares.png",
          "handcrafted-conv1-spectra.png",
        ])
      for figure in figures {
        #expect(outcome.lines.contains("g/\(figure["file"] as? String ?? "")"))
      }
      #expect(
        outcome.errors.contains("conv1: Do the learned filters resemble handcrafted ones? "))
      let options = try #require(figures.first?["options"] as? [String: String])
      #expect(options["verdict"] != nil && options["seed"] == "0")
      #expect(outcome.errors.contains(try #require(options["answer"])))
      let lines = try folder.text("g/handcrafted-conv1.csv").split(separator: "\n")
      // lenet5 has six filters.
      try #require(lines.count == 7)
      #expect(
        lines[0]
          == "unit,norm,kernel,correlation,kernel_share,row_shift,column_shift,point,gabor_share,x,y,"
          + "theta,lambda,sigma,gamma,psi,orientation,preferred_frequency,gabor_red,gabor_green,"
          + "gabor_blue,color,grey_share,product_share,axis_red,axis_green,axis_blue")
      for (unit, line) in lines.dropFirst().enumerated() { #expect(line.hasPrefix("\(unit),")) }
      let shares = try folder.text("g/handcrafted-conv1-shares.csv").split(separator: "\n")
      #expect(shares[0] == "filters,explained_by,share")
      #expect(shares.count { $0.hasPrefix("learned,gabor,") } == 6)
      #expect(shares.count { $0.hasPrefix("random,kernel,") } >= 64)
    }

    @Test func `are the same again, and others for another seed`() throws {
      let folder = try Sample.folder()
      for (name, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
        try folder.run(
          "handcrafted", "model.safetensors", "--seed", seed, "--units", "4,1", "--arrays",
          "safetensors", "-o", name)
      }
      func data(_ name: String, _ figure: String) throws -> Data {
        try folder.data("\(name)/handcrafted-conv1\(figure).safetensors")
      }
      for figure in ["", "-shares", "-spectra"] {
        #expect(try data("a", figure) == data("b", figure))
      }
      #expect(try data("a", "") == data("c", ""))
      #expect(try data("a", "-shares") != data("c", "-shares"))
    }

    @Test func `are one figure in a single file`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run("handcrafted", "model.safetensors", "-o", "fig.pdf")
      #expect(outcome.lines == ["fig.pdf"])
    }

    @Test(arguments: [
      (["--layers", "conv2"], "layer 'conv2' has no filters that see the picture itself"),
      (["--layers", "relu1"], "layer 'relu1' has no filters to draw: its kind is"),
      (["--layers", "conv9"], "no layer 'conv9'"),
      (["--units", "6"], "no unit 6 in layer 'conv1': it has 6, from 0 on"),
      (["--seed=-1"], "The value '-1' is invalid for '--seed <seed>'"),
    ])
    func `mistakes are found before work starts`(arguments: [String], message: String) throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        ["handcrafted", "model.safetensors", "-o", "g"] + arguments, in: folder)
      #expect(outcome.errors.hasPrefix("fovea: \(message)"), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
      #expect(outcome.status == 64)
      #expect(!folder.exists("g"))
    }

    @Test func `small filters are in no gallery, and compared on their own`() throws {
      let folder = try Sample.folder()
      try folder.write(ManyInputs.model(channels: 3).data, "net.onnx")
      let outcome = try folder.run("handcrafted", "net.onnx", "-o", "g")
      #expect(outcome.lines.contains("g/handcrafted-conv.png"))
      #expect(!folder.exists("g/handcrafted-conv-tuning.png"))
      let alone = try Program.run(
        ["visualize", "net.onnx", "--only", "handcrafted", "-o", "h"], in: folder)
      #expect(alone.status != 0)
      #expect(alone.errors.contains("no handcrafted: the filters of layer 'conv' are not those"))
    }
  }
}
