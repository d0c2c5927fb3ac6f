import Checkpoints
import Foundation
import TensorCore
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Converting` {
    /// A folder with pictures and `lenet5.pth`, a PyTorch state dict.
    private func folder() throws -> TemporaryFolder {
      let folder = try Sample.folder()
      try folder.copy(
        "\(Program.package)/Tests/CheckpointsTests/Fixtures/lenet5.pth", as: "lenet5.pth")
      return folder
    }

    private static let guess =
      "lenet5.pth: the names and shapes of the weights are those of lenet5; assuming 10 classes "
      + "and an input of 1×28×28\n"
    private static let unknown =
      "lenet5.pth: does not say how pictures are preprocessed; '--preprocess unit' is assumed from "
      + "the input's size\n"

    @Test func `a state dict becomes a checkpoint that needs no options`() throws {
      let folder = try folder()
      try folder.write((0..<10).map { "digit \($0)" }.joined(separator: "\n"), "digits.txt")
      let outcome = try folder.run(
        "convert", "lenet5.pth", "own.safetensors", "--class-names", "digits.txt", "--preprocess",
        "signed")
      #expect(outcome.output == "own.safetensors\n")
      #expect(outcome.errors == Self.guess)
      let own = try Checkpoint.load(folder["/own.safetensors"])
      #expect(own.classNames == (0..<10).map { "digit \($0)" })
      #expect(own.metadata[Checkpoint.Key.preprocessing]?.contains("0.5") == true)
      let (written, read) = (
        try SafeTensorsFile(folder["/own.safetensors"]), try PyTorchFile(folder["/lenet5.pth"])
      )
      #expect(written.entries == read.entries)
      for entry in read.entries {
        #expect(
          try written.tensor(entry.name).elements == read.tensor(entry.name).elements)
      }
      #expect(try folder.run("inspect", "own.safetensors").errors == "")
    }

    @Test func `a converted checkpoint is seen as the one it was made of`() throws {
      let folder = try folder()
      try folder.run("convert", "lenet5.pth", "own.safetensors", "--quiet")
      for (checkpoint, output) in [("lenet5.pth", "a"), ("own.safetensors", "b")] {
        try folder.run(
          "features", checkpoint, "--images", "pictures", "--limit", "1", "--layers", "relu1,conv2",
          "--arrays", "-o", output)
      }
      let arrays = folder.names("a").filter { $0.hasSuffix(".safetensors") }
      #expect(!arrays.isEmpty)
      for name in arrays { #expect(try folder.data("a/\(name)") == folder.data("b/\(name)")) }
    }

    @Test func `what was guessed is said, but not when quiet`() throws {
      let folder = try folder()
      #expect(try folder.run("filters", "lenet5.pth").errors.hasPrefix(Self.guess + Self.unknown))
      #expect(try folder.run("filters", "lenet5.pth", "--quiet").errors == "")
      #expect(
        try folder.run(
          "inspect", "lenet5.pth", "--architecture", "lenet5", "--mean", "0.5"
        ).errors == "")
      #expect(
        try folder.run("inspect", "lenet5.pth", "--input", "1x32x32").output.hasPrefix(
          "lenet5.pth: lenet5, input 1×32×32, 10 classes\n"))
      try folder.expect(
        "--input: expected channels and a size such as 3x224x224, found '224'", status: 64,
        from: "inspect", "lenet5.pth", "--input", "224")
    }

    @Test func `files beside a checkpoint are found`() throws {
      let folder = try folder()
      try folder.write((0..<10).map { "d\($0)" }.joined(separator: "\n"), "lenet5.classes.txt")
      try folder.write(
        """
        {"input": [1, 28, 28], "resize": "exact", "channelOrder": "rgb", "scale": 1,
         "mean": [7], "deviation": [2]}
        """, "lenet5.preprocessing.json")
      let outcome = try folder.run(
        "convert", "lenet5.pth", "own.safetensors", "--architecture", "lenet5", "--std", "3")
      #expect(
        outcome.errors == """
          lenet5.pth: the class names are taken from lenet5.classes.txt
          lenet5.pth: the preprocessing is taken from lenet5.preprocessing.json

          """)
      let own = try Checkpoint.load(folder["/own.safetensors"])
      #expect(own.classNames.first == "d0")
      #expect(
        own.metadata[Checkpoint.Key.preprocessing]
          == #"{"channelOrder":"rgb","deviation":[3],"input":[1,28,28],"mean":[7],"#
          + #""resize":{"exact":{}},"scale":1}"#)
    }

    @Test(arguments: [
      ("{", "expected JSON or YAML: "),
      ("a: 1", "expected a value for 'input', found none"),
      (
        "{input: [1], resize: {none: {}}, channelOrder: rgb, scale: 1, mean: [], deviation: []}",
        "expected an input of two to four positive extents, found [1]"
      ),
      ("input: x", "expected another kind of value for 'input'"),
    ])
    func `a preprocessing that is none is refused`(text: String, reason: String) throws {
      let folder = try folder()
      try folder.write(text, "lenet5.preprocessing.yaml")
      let outcome = try Program.run(["inspect", "lenet5.pth"], in: folder)
      #expect(outcome.errors.hasPrefix("fovea: lenet5.preprocessing.yaml: \(reason)"))
      #expect(outcome.errors.split(separator: "\n").count == 1)
      #expect(outcome.status == 65)
    }

    @Test func `nothing is overwritten without force`() throws {
      let folder = try folder()
      try folder.write("mine", "own.safetensors")
      try folder.expect(
        "own.safetensors: already exists; --force replaces it", status: 73,
        from: "convert", "lenet5.pth", "own.safetensors")
      #expect(try folder.text("own.safetensors") == "mine")
      try folder.run("convert", "lenet5.pth", "own.safetensors", "--force", "--half-precision")
      let half = try folder.data("own.safetensors").count
      try folder.run("convert", "own.safetensors", "own.safetensors", "--force")
      #expect(try folder.data("own.safetensors").count > half * 3 / 2)
      try folder.expect(
        "expected a file to write that ends in .safetensors, found 'own.onnx' "
          + "(see fovea convert --help)", status: 64, from: "convert", "lenet5.pth", "own.onnx")
    }

    @Test func `a pickle of a module is refused with a way out`() throws {
      let folder = try folder()
      try folder.copy(
        "\(Program.package)/Tests/CheckpointsTests/Fixtures/whole-module.pth", as: "net.pth")
      try folder.expect(
        "net.pth: expected a state dict, found a pickled \"__main__.Net\", which is neither built "
          + "nor run here; save one in Python: torch.save(model.state_dict(), \"weights.pth\")",
        status: 65, from: "filters", "net.pth")
    }
  }
}
