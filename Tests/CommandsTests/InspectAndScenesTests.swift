import Files
import Foundation
import Images
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Help and usage` {
    @Test func `help names every command`() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.run("--help")
      #expect(outcome.errors == "")
      #expect(outcome.lines.first == "OVERVIEW: See what a convolutional network has learned.")
      for command in [
        "visualize", "filters", "handcrafted", "features", "patches", "unit", "embedding",
        "receptive-field", "invariance", "saliency", "occlusion", "correspondence", "class-models",
        "confusion", "mistakes", "probe", "curves", "predict", "compare", "evolution", "inspect",
        "arithmetic", "convolve", "convert", "train", "finetune", "experiment", "scenes", "batch",
      ] {
        #expect(outcome.lines.contains { $0.hasPrefix("  \(command) ") })
        #expect(try folder.run(command, "--help").output.hasPrefix("OVERVIEW: "))
      }
    }

    @Test func `the version is one line`() throws {
      let outcome = try TemporaryFolder().run("--version")
      #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test func `wrong usage is one line that names the help`() throws {
      let folder = try TemporaryFolder()
      try folder.expect(
        "no command 'bogus'; there are 'arithmetic', 'batch', 'class-models', 'compare', "
          + "'confusion', 'convert', 'convolve', 'correspondence', 'curves', 'embedding', "
          + "'evolution', 'experiment', 'features', 'filters', 'finetune', 'handcrafted', 'inspect', "
          + "'invariance', 'manual', 'mistakes', …",
        status: 64, from: "bogus")
      try folder.expect(
        "Missing expected argument '<checkpoint>' (see fovea filters --help)", status: 64,
        from: "filters")
      try folder.expect(
        "Unknown option '--bogus' (see fovea filters --help)", status: 64,
        from: "filters", "x", "--bogus")
    }

    /// Every option with a fixed set of values, with its command.
    private func choices() throws -> [(command: String, argument: ToolInfo.Argument)] {
      let help = try TemporaryFolder().run("--experimental-dump-help").output
      let info = try JSONDecoder().decode(ToolInfo.self, from: Data(help.utf8))
      return (info.command.subcommands ?? []).flatMap { command in
        (command.arguments ?? []).filter { $0.allValues?.isEmpty == false }
          .map { (command.commandName, $0) }
      }
    }

    @Test func `the values that help lists are the values that are taken`() throws {
      let folder = try TemporaryFolder()
      let choices = try choices()
      #expect(
        Set(choices.compactMap(\.argument.option)) == [
          "--preprocess", "--channels", "--map-scale", "--order", "--filter-scale",
          "--pooling", "--optimizer", "--schedule", "--initialization", "--theme", "--arrays",
          "--class-ranking", "--marks", "--project", "--project-from", "--crop", "--method",
          "--distance", "--padding", "--scale", "--scaling", "--precision",
        ])
      for (command, argument) in choices {
        let option = try #require(argument.option)
        let help = try folder.run(command, "--help").output
          .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let values = try #require(argument.allValues)
        #expect(help.contains("(values: \(values.joined(separator: ", "))"))
        for value in values {
          let outcome = try Program.run([command, "nowhere", option, value], in: folder)
          #expect(!outcome.errors.contains("is invalid for '\(option)"), "\(outcome.errors)")
        }
        #expect(
          try Program.run([command, "nowhere", option, "bogus"], in: folder).errors
            .contains("The value 'bogus' is invalid for '\(option)"))
        // A list written by hand would eventually be out of date.
        let words = argument.abstract.map { $0.matches(of: /[a-z]+(-[a-z]+)+/) } ?? []
        for word in words { #expect(values.contains(String(word.output.0))) }
      }
    }

    @Test func `lists of words in help are complete`() throws {
      let folder = try TemporaryFolder()
      let kinds = [
        "filters", "handcrafted", "features", "patches", "unit", "embedding", "receptive-field",
        "invariance", "saliency", "occlusion", "correspondence", "class-models", "confusion",
        "mistakes", "probe", "curves",
      ]
      let help = try folder.run("visualize", "--help").output
        .split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(help.contains("separated by commas: \(kinds.joined(separator: ", "))."))
      for kind in kinds {
        try folder.expect(
          "nowhere: no such file", status: 66, from: "visualize", "nowhere", "--only", kind)
      }
    }

    @Test(arguments: ["99999999999999999999", "even:0", "strongest:x", "7-3", ",", "first:4"])
    func `units that are none`(units: String) throws {
      let outcome = try Program.run(["filters", "x", "--units", units], in: TemporaryFolder())
      #expect(
        outcome.errors
          == "fovea: --units: expected units such as 0,5,17 or 8-15, names of classes, strongest:16, "
          + "even:16 or selective:16, found '\(units)' (see fovea filters --help)\n")
      #expect(outcome.status == 64)
    }

    @Test(arguments: [
      (["patches", "x", "--limit", "many"], "The value 'many' is invalid for '--limit <limit>'"),
      (["patches", "x", "--limit", "0"], "--limit must be at least 1, not 0"),
      (["patches", "x", "--per-picture", "99"], "--per-picture must be from 1 to 9, not 99"),
      (["saliency", "x", "--top", "0"], "--top must be from 1 to 100, not 0"),
      (["class-models", "x", "--steps=-1"], "--steps must be from 0 to 100,000, not -1"),
      (
        ["class-models", "x", "--rate", "nan"],
        "--rate must be positive and --lambda must not be negative"
      ),
      (["class-models", "x", "--shift", "1001"], "--shift must be from 0 to 1000, not 1001"),
      (
        ["features", "x", "--pictures=-3"], "--pictures must be at least 1, not -3"
      ),
      (
        ["visualize", "x", "--only", "filtres"],
        "--only: no kind 'filtres'; did you mean 'filters'?"
      ),
      (
        ["visualize", "x", "--only", ","],
        "--only: expected names separated by commas, found ','"
      ),
      (
        ["saliency", "x", "--method", "guided"],
        "--method guided: no method 'guided'; did you mean 'guided-backpropagation', "
          + "'guided-grad-cam'?"
      ),
      (
        ["saliency", "x", "--method", "grad-cam", "--steps", "3"],
        "--method grad-cam: method 'grad-cam' has no parameter 'steps'; its parameters are 'layer'"
      ),
      (
        ["saliency", "x", "--method", "vargrad", "--noise", "11"],
        "--method vargrad: noise: expected a number from 1e-06 to 10, found '11'"
      ),
      (
        ["saliency", "x", "--method", "lrp"],
        "--method lrp: no method 'lrp'; did you mean 'lrp-epsilon-plus-flat', "
          + "'lrp-epsilon-gamma-box', 'lrp-epsilon-alpha2-beta1-flat'?"
      ),
      (["filters", "x", "--output", ""], "--output: expected a folder, found nothing"),
      (
        ["filters", "x", "--output", "a.jpg"],
        "--output: expected a file that ends in .png, .pdf or .svg, or a folder, found 'a.jpg', "
          + "which ends in .jpg; a folder of this name is 'a.jpg/'"
      ),
      (
        ["scenes", "--output", "a.png"],
        "--output: expected a folder, found a file's name, 'a.png'; a folder of this name is "
          + "'a.png/'"
      ),
      (["train", "x", "--threads", "0"], "--threads must be from 1 to 1024, not 0"),
      (["filters", "x", "--threads", "1025"], "--threads must be from 1 to 1024, not 1025"),
      (["scenes", "--count", "0"], "--count must be from 1 to 1,000,000, not 0"),
      (["scenes", "--size", "4097"], "--size must be from 8 to 4096, not 4097"),
      (
        ["scenes", "--base", "9223372036854775807"],
        "--base must be from 0 to 1,000,000,000, not 9223372036854775807"
      ),
    ])
    func `wrong values for options`(arguments: [String], message: String) throws {
      let folder = try TemporaryFolder()
      let outcome = try Program.run(arguments, in: folder)
      #expect(outcome.errors == "fovea: \(message) (see fovea \(arguments[0]) --help)\n")
      #expect(outcome.output == "")
      #expect(outcome.status == 64 && !outcome.wasKilled)
      #expect(folder.names() == [])
    }
  }

  @Suite struct `Inspecting` {
    @Test func `a table of layers with shapes, parameters and receptive fields`() throws {
      let folder = try Sample.folder()
      let lines = try folder.run("inspect", "model.safetensors").lines
      #expect(lines[0] == "model.safetensors: lenet5, input 3×32×32, 12 classes")
      #expect(
        lines[1].split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
          == "layer kind output gallery parameters share multiply-adds share receptive field stride "
          + "offset")
      func row(_ index: Int) -> [Substring] { lines[index].split(separator: " ") }
      // 6 filters of 3 × 5 × 5 and 6 biases; 6 × 28 × 28 times 75.
      #expect(
        row(2) == [
          "conv1", "convolution", "6×28×28", "456", "0.73", "%", "352,800", "54.1", "%", "5", "1",
          "0",
        ])
      #expect(
        row(5) == [
          "conv2", "convolution", "16×10×10", "2,416", "3.89", "%", "240,000", "36.8", "%", "14",
          "2", "0",
        ])
      let total = try #require(lines.indices.first { lines[$0].hasPrefix("total") })
      #expect(row(total) == ["total", "12", "layers", "62,176", "651,888"])
      #expect(
        Array(lines[(total + 1)...]) == [
          "Included in a gallery by default:", "  ● relu1: convolution 1 of 2",
          "  ● relu2: convolution 2 of 2", "  ● fc5: class scores, before softmax",
          "A picture is (as the checkpoint says):",
          "  resized to 32×32 pixels, whatever its proportions",
          "  split into channels in the order red, green, blue",
          "  scaled by 1/255 (pixel values are 0…255)", "  reduced by the mean 0.425, 0.448, 0.443",
          "  divided by the standard deviation 0.243, 0.195, 0.232",
          "  given to the network with values from −2.3 to 2.83",
        ])
    }

    @Test func `an unknown operator is an error, and the nodes are shown all the same`() throws {
      // Messages and fields by their numbers in onnx.proto.
      func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
      }
      func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }
      let node = field(1, text(1, "x") + text(2, "y") + text(3, "door") + text(4, "Teleport"))
      let float = field(2, field(1, [0x08, 1]))
      let graph = field(
        7, node + text(2, "g") + field(11, text(1, "x") + float) + field(12, text(1, "y")))
      let model = [0x08, 0x08] + graph + field(8, [0x10, 13])
      let folder = try TemporaryFolder()
      try folder.write(Data(model), "odd.onnx")
      let outcome = try Program.run(
        ["inspect", "odd.onnx", "--input", "3x8x8"], in: folder)
      #expect(outcome.status == 65)
      #expect(
        outcome.output == """
          odd.onnx: ONNX, opsets ai.onnx 13, 1 nodes
          node  operator  inputs  outputs
          door  Teleport  x       y

          """)
      for fact in ["odd.onnx", "door", "Teleport", "13"] {
        #expect(outcome.errors.contains(fact), "\(outcome.errors)")
      }
    }

    @Test func `an architecture without a checkpoint`() throws {
      let folder = try TemporaryFolder()
      let lines = try folder.run("inspect", "alexnet-original").lines
      #expect(lines[0] == "alexnet-original: input 3×227×227, 1000 classes, no weights")
      func row(_ name: String) throws -> [Substring] {
        try #require(lines.first { $0.hasPrefix("\(name) ") }).split(separator: " ")
      }
      // Krizhevsky et al. 2012: 96 kernels of 11×11×3 with stride 4; groups in the second layer.
      #expect(try row("conv1").contains("34,944") && row("conv1").contains("105,415,200"))
      #expect(try row("total").contains("60,965,224"))
      #expect(!lines.contains { $0.contains("A picture is") })
      let object =
        try JSONSerialization.jsonObject(
          with: Data(
            folder.run("inspect", "lenet5", "--classes", "12", "--input", "3x32x32", "--json")
              .output.utf8)) as? [String: Any]
      #expect(object?["parameters"] as? Int == 62_176)
      #expect(object?["multiplyAdds"] as? Int == 651_888)
      #expect(object?["checkpoint"] == nil)
      let layers = object?["layers"] as? [[String: Any]] ?? []
      for key in ["parameterShare", "multiplyAddShare"] {
        let shares = layers.compactMap { $0[key] as? Double }
        #expect(shares.count == layers.count && abs(shares.reduce(0, +) - 1) < 1e-9)
      }
      for name in ["vgg16", "resnet152", "inception_v3"] {
        #expect(try folder.run("inspect", name).errors == "")
      }
      #expect(folder.names() == [])
    }

    @Test func `an architecture takes a shape and classes, and no options of files`() throws {
      let folder = try TemporaryFolder()
      try folder.expect(
        "alexnet-orignal: no such file or architecture; did you mean 'alexnet-original', "
          + "'alexnet-mini'?",
        status: 66,
        from: "inspect", "alexnet-orignal")
      try folder.expect(
        "alexnet is an architecture without a checkpoint, which takes only --input and --classes",
        status: 64, from: "inspect", "alexnet", "--preprocess", "imagenet")
      let small = try Program.run(["inspect", "alexnet", "--input", "3x8x8"], in: folder)
      #expect(small.status == 64 && small.errors.hasPrefix("fovea: --input 3x8x8: "))
      try folder.write("", "lenet5")
      let file = try Program.run(["inspect", "lenet5"], in: folder)
      #expect(file.status == 65)
    }

    @Test func `the same as JSON`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run("inspect", "model.safetensors", "--json")
      let object =
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      #expect(object?["architecture"] as? String == "lenet5")
      #expect(object?["classes"] as? Int == 12)
      #expect(
        object?["sha256"] as? String == fingerprint(of: try folder.data("model.safetensors")))
      let layers = try #require(object?["layers"] as? [[String: Any]])
      let conv2 = try #require(layers.first { $0["name"] as? String == "conv2" })
      #expect(conv2["output"] as? [Int] == [16, 10, 10])
      #expect(conv2["receptiveField"] as? [Int] == [14, 14])
      #expect(conv2["stride"] as? [Int] == [2, 2])
      #expect(conv2["parameters"] as? Int == 2416)
    }
  }

  @Suite struct `Rendering scenes` {
    @Test func `a folder a class, and a table of factors`() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.run("scenes", "-c", "24", "--size", "16", "-o", "s")
      #expect(outcome.lines.count == 25)
      #expect(outcome.lines.last == "s/factors.csv")
      let rows = try folder.text("s/factors.csv").split(separator: "\n")
      #expect(rows.count == 25)
      for line in outcome.lines.dropLast() {
        let image = try Image(contentsOf: folder["/\(line)"])
        #expect(image.width == 16 && image.height == 16)
      }
      let again = try TemporaryFolder()
      try again.run("scenes", "-c", "24", "--size", "16", "-o", "s")
      for line in outcome.lines { #expect(try folder.data(line) == again.data(line)) }
    }

    @Test func `what was written is learned from, with its table`() throws {
      let folder = try TemporaryFolder()
      try folder.run("scenes", "-c", "24", "--size", "16", "-o", "s", "--flat")
      let outcome = try folder.run("train", "-a", "mlp", "-d", "s", "-e", "1", "-o", "t")
      #expect(
        outcome.errors.contains("s/factors.csv: 31 factors and boxes for all 24 pictures\n"))
      let figures = try folder.run(
        "patches", "t/final.safetensors", "--images", "s", "--layers", "relu1", "-o", "g")
      #expect(
        figures.errors.contains("s/factors.csv: 31 factors and boxes for all 24 pictures\n"))
      try folder.write("file,age\nnobody.png,3\n", "s/annotations.csv")
      try folder.expect(
        "s/annotations.csv: expected names of pictures in column file, such as "
          + "'scene-000-chair.png', found 'nobody.png' in line 2", status: 65,
        from: "train", "-a", "mlp", "-d", "s", "-e", "1", "-o", "u")
    }

    @Test func `a second run replaces the first, and refuses other files`() throws {
      let folder = try TemporaryFolder()
      try folder.run("scenes", "-c", "13", "--size", "16", "-o", "s")
      try folder.run("scenes", "-c", "1", "--size", "16", "-o", "s")
      #expect(folder.names("s") == ["chair", "factors.csv"])
      try folder.write("mine", "s/notes.txt")
      try folder.expect(
        "s: holds files that factors.csv does not list (notes.txt); use another --output, or "
          + "--force to write beside them", status: 73, from: "scenes", "-c", "1", "-o", "s")
      try folder.run("scenes", "-c", "1", "--size", "16", "-o", "s", "--force")
      #expect(folder.names("s") == ["chair", "factors.csv", "notes.txt"])
    }

    @Test func `a sweep changes one factor`() throws {
      let folder = try TemporaryFolder()
      let outcome = try folder.run(
        "scenes", "--sweep", "azimuth", "--range", "0...90", "-c", "3", "--size", "16", "-o", "s")
      #expect(
        outcome.lines.map { $0.prefix(13) } == [
          "s/azimuth-000", "s/azimuth-001", "s/azimuth-002", "s/factors.csv",
        ])
      let rows = try folder.text("s/factors.csv").split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let differing = rows[0].indices.filter { column in rows[1][column] != rows[3][column] }
      #expect(differing.map { rows[0][$0] }.contains("azimuth"))
      // Besides the factor and the box, only the columns that name the picture.
      #expect(differing.filter { !rows[0][$0].hasPrefix("box_") }.count <= 3)
    }

    @Test func `a sweep of nonsense is refused`() throws {
      let folder = try TemporaryFolder()
      let outcome = try Program.run(["scenes", "--sweep", "azimut"], in: folder)
      #expect(outcome.errors.hasPrefix("fovea: no factor 'azimut'; there are class, style, "))
      #expect(outcome.status == 64)
      for range in ["9", "90...0", "nan...nan", "inf...inf", "-1e300...1e300"] {
        try folder.expect(
          "--range: expected two numbers such as 0...90, found '\(range)'", status: 64,
          from: "scenes", "--sweep", "azimuth", "--range=\(range)")
      }
      #expect(folder.names() == [])
    }
  }
}

/// The argument parser's own description of the commands.
private struct ToolInfo: Decodable {
  struct Command: Decodable {
    let commandName: String
    let arguments: [Argument]?
    let subcommands: [Command]?
  }

  struct Argument: Decodable {
    struct Name: Decodable { let kind, name: String }
    let names: [Name]?
    let abstract: String?
    let allValues: [String]?

    var option: String? { names?.first { $0.kind == "long" }.map { "--\($0.name)" } }
  }

  let command: Command
}
