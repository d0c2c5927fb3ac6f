import Checkpoints
import Foundation
import TensorCore
import TestSupport
import Testing

private typealias Node = SyntheticONNX.Node

enum ManyInputs {
  /// `[N, 1, …]` in NumPy's format.
  static func npy(_ tensor: Tensor) -> Data {
    TestSupport.npy(tensor.shape.extents, tensor.elements)
  }

  /// A convolution, a ReLU and three class scores, for 12 × 12 pixels.
  static func model(channels: Int, constant: Bool = false) -> SyntheticONNX {
    let weights = Tensor.separated([4, channels, 3, 3], seed: channels).elements
    var model = SyntheticONNX(
      nodes: [
        Node("Conv", ["x", "w"], ["conv"]), Node("Relu", ["conv"], ["relu"]),
        Node("GlobalAveragePool", ["relu"], ["pool"]), Node("Flatten", ["pool"], ["flat"]),
        Node("MatMul", [constant ? "shifted" : "flat", "v"], ["y"]),
      ],
      initializers: [
        .init("w", [4, channels, 3, 3], weights.map { $0 * 0.1 }),
        .init("v", [4, 3], Tensor.separated([4, 3], seed: 7).elements),
      ], extents: [nil, channels, 12, 12])
    if constant {
      model.nodes.append(Node("Add", ["flat", "meta"], ["shifted"]))
      model.moreInputs = [.init("meta", [nil, 4])]
    }
    return model
  }
}

extension `The program` {
  @Suite struct `Networks of other inputs than pictures` {
    private func folder(channels: Int) throws -> TemporaryFolder {
      let folder = try Sample.folder()
      try folder.write(ManyInputs.model(channels: channels).data, "net.onnx")
      let arrays = Tensor.separated([5, channels, 12, 12], seed: 3)
      try folder.write(ManyInputs.npy(arrays), "arrays.npy")
      return folder
    }

    @Test(arguments: [2, 4, 13])
    func `every command works on arrays of any number of channels`(channels: Int) throws {
      let folder = try folder(channels: channels)
      let inspected = try folder.run("inspect", "net.onnx")
      #expect(inspected.output.hasPrefix("net.onnx: a graph of its own, input \(channels)×12×12"))
      #expect(
        inspected.errors
          == "net.onnx: takes \(channels) channels, which no picture has; arrays are used as they "
          + "are\n")
      try folder.run(
        "visualize", "net.onnx", "--images", "arrays.npy", "-o", "g", "--quiet",
        with: "class-models: {steps: 3}")
      let figures = try folder.json("g/gallery.json")["figures"] as? [[String: Any]] ?? []
      let kinds = Set(figures.compactMap { $0["kind"] as? String })
      #expect(
        kinds == [
          "filters", "features", "patches", "unit", "embedding", "receptive-field", "invariance",
          "saliency", "class-models",
        ])
      let remark = "The input has \(channels) channels; it is shown as their mean"
      for figure in figures {
        let caption = figure["caption"] as? String ?? ""
        let kind = figure["kind"] as? String ?? ""
        switch kind {
        case "features", "patches", "unit", "saliency": #expect(caption.contains(remark), "\(kind)")
        case "class-models":
          #expect(caption.contains("shown as the mean of its \(channels) channels"))
        case "filters": #expect(!caption.contains(remark))
        default: break
        }
      }
    }

    @Test func `a picture is refused by its name where pictures are needed`() throws {
      let folder = try folder(channels: 4)
      try folder.run("filters", "net.onnx", "-o", "f", "--quiet")
      let name = try #require(folder.names("pictures/mug").first)
      try folder.expect(
        "\(name): expected 4 channels, found a picture of 3, red, green and blue (transparency is "
          + "no channel); give an array of [4, 12, 12] as .npy, .npz or .safetensors",
        status: 65, from: "features", "net.onnx", "--images", "pictures/mug/\(name)", "--quiet")
      try folder.expect(
        "--preprocess: imagenet is for networks of 1 or 3 channels, found one of 4", status: 64,
        from: "inspect", "net.onnx", "--preprocess", "imagenet")
    }

    @Test func `a second input is given a constant, by every command`() throws {
      let folder = try Sample.folder()
      try folder.write(ManyInputs.model(channels: 1, constant: true).data, "net.onnx")
      let values = Tensor(shape: [1, 4], repeating: 0.25)
      try folder.write(ManyInputs.npy(values), "meta.npy")
      try folder.write(SafeTensorsFile.bytes(["meta": values]), "meta.safetensors")
      let refusal = try Program.run(["inspect", "net.onnx"], in: folder)
      #expect(refusal.status == 65)
      #expect(
        refusal.errors
          == "fovea: net.onnx: expected one input for pictures, found \"x\" [any, 1, 12, 12] and "
          + "\"meta\" [any, 4]; all but one need a constant: --constant NAME=VALUE|FILE\n")
      for (value, output) in [("0.25", "a"), ("meta.npy", "b"), ("meta.safetensors", "c")] {
        try folder.run(
          "saliency", "net.onnx", "--constant", "meta=\(value)", "--images", "pictures/mug",
          "--arrays", "--quiet", "-o", output)
      }
      for name in folder.names("a") where name.hasSuffix(".safetensors") {
        #expect(try folder.data("a/\(name)") == folder.data("b/\(name)"))
        #expect(try folder.data("a/\(name)") == folder.data("c/\(name)"))
      }
      try folder.run("convert", "net.onnx", "own.safetensors", "--constant", "meta=0.25", "--quiet")
      let own = try Checkpoint.load(folder["/own.safetensors"])
      #expect(own.metadata["onnx.constants"] == #"{"meta":"0.25"}"#)
      try folder.run("inspect", "own.safetensors")
      try folder.expect(
        "--constant: expected NAME=VALUE or NAME=FILE, found 'meta'", status: 64, from: "inspect",
        "net.onnx", "--constant", "meta")
      try folder.expect(
        "none.npy: no such file", status: 66, from: "inspect", "net.onnx", "--constant",
        "meta=none.npy")
    }

    @Test func `a batch gives several constants as a list`() throws {
      let folder = try Sample.folder()
      try folder.write(ManyInputs.model(channels: 1, constant: true).data, "net.onnx")
      try folder.write(
        """
        renders:
          - command: filters
            checkpoint: net.onnx
            constant: [meta=1]
            output: g
        """, "batch.yaml")
      try folder.run("batch", "batch.yaml")
      #expect(folder.names("g").contains("filters-conv.png"))
    }
  }
}
