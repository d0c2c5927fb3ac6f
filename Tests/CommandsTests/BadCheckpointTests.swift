import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Bad checkpoints` {
    private func expect(
      _ message: String, for file: Data, _ arguments: String...,
      location: SourceLocation = #_sourceLocation
    ) throws {
      let folder = try TemporaryFolder()
      try folder.write(file, "bad.safetensors")
      let outcome = try Program.run(["inspect", "bad.safetensors"] + arguments, in: folder)
      #expect(outcome.errors == "fovea: bad.safetensors: \(message)\n", sourceLocation: location)
      #expect(outcome.output == "", sourceLocation: location)
      #expect(outcome.status == 65 && !outcome.wasKilled, sourceLocation: location)
    }

    @Test func `a header longer than the file`() throws {
      var file = try Sample.bytes()
      file.replaceSubrange(0..<8, with: [0, 0, 0, 0, 0, 1, 0, 0])
      try expect(
        "expected a header of at most \(file.count - 8) bytes, found a length of 1099511627776",
        for: file)
      try expect("expected at least 8 bytes of a safetensors file, found 5", for: file.prefix(5))
    }

    @Test func `tensors that overlap`() throws {
      try expect(
        "expected tensor \"conv1.weight\" to begin at offset 24, found 20: it overlaps another",
        for: Sample.checkpoint { header in
          var entry = header["conv1.weight"] as? [String: Any] ?? [:]
          let offsets = entry["data_offsets"] as? [Int] ?? []
          entry["data_offsets"] = offsets.map { $0 - 4 }
          header["conv1.weight"] = entry
        })
    }

    @Test func `tensors beyond the end`() throws {
      let file = try Sample.checkpoint { _ in }.dropLast(100)
      let folder = try TemporaryFolder()
      try folder.write(file, "bad.safetensors")
      let outcome = try Program.run(["inspect", "bad.safetensors"], in: folder)
      #expect(
        outcome.errors.hasPrefix(
          "fovea: bad.safetensors: expected data_offsets of tensor \"fc5.weight\" within the "))
      #expect(outcome.status == 65)
    }

    @Test(arguments: [
      ("I32", "expected \"conv1.bias\" in floating point, found I32"),
      (
        "F12",
        "expected dtype of tensor \"conv1.bias\" to be one of BOOL, U8, I8, F8_E5M2, F8_E4M3, U16, "
          + "I16, F16, BF16, U32, I32, F32, U64, I64, F64; found the text \"F12\""
      ),
      ("F64", "expected 48 bytes for tensor \"conv1.bias\" of F64 [6], found 24"),
    ])
    func `a wrong type`(type: String, message: String) throws {
      try expect(
        message,
        for: Sample.checkpoint { header in
          var entry = header["conv1.bias"] as? [String: Any] ?? [:]
          entry["dtype"] = type
          header["conv1.bias"] = entry
        })
    }

    @Test func `shapes that do not fit the architecture`() throws {
      try expect(
        "expected \"fc5.bias\" of lenet5 to be [13], found [12]",
        for: Sample.checkpoint("fovea.network") {
          $0.replacing("\"classes\":12", with: "\"classes\":13")
        })
      try expect(
        "lacks 4 of the 6 parameters of mlp, the first \"fc1.bias\", and has 8 that mlp does not "
          + "have; did you mean \"fc4.bias\" or \"fc5.bias\"?",
        for: Sample.checkpoint("fovea.network") { $0.replacing("lenet5", with: "mlp") })
      try expect(
        "expected pictures that lenet5 takes, found [3, 2, 2]: node 'conv2': a window of [5, 5] "
          + "does not fit into images [1, 6, 1, 1]",
        for: Sample.checkpoint("fovea.network") { $0.replacing("32,32", with: "2,2") })
    }

    @Test func `an architecture that nobody knows`() throws {
      try expect(
        "expected the name of an architecture, found \"lenet6\"; "
          + "did you mean \"lenet5\"?",
        for: Sample.checkpoint("fovea.network") { $0.replacing("lenet5", with: "lenet6") })
    }

    @Test func `weights of another program`() throws {
      let plain = try Sample.checkpoint { $0["__metadata__"] = nil }
      try expect(
        "expected the name of an architecture, found \"lenet\"; "
          + "did you mean \"lenet5\" or \"alexnet\"?", for: plain, "--architecture", "lenet")
      try expect(
        "lacks 16 of the 16 parameters of alexnet, the first \"classifier.1.bias\", and has 10 "
          + "that alexnet does not have", for: plain, "--architecture", "alexnet")
    }

    @Test func `numbers that no network has`() throws {
      try expect(
        "expected an input of three extents up to 65536, found [3, 3200000000, 32]",
        for: Sample.checkpoint("fovea.network") { $0.replacing("[3,32", with: "[3,3200000000") })
      try expect(
        "expected an input of three extents up to 65536, found [3, -32, 32]",
        for: Sample.checkpoint("fovea.network") { $0.replacing("[3,32", with: "[3,-32") })
      try expect(
        "expected 1 to 1000000 classes, found 9223372036854775807",
        for: Sample.checkpoint("fovea.network") {
          $0.replacing("\"classes\":12", with: "\"classes\":9223372036854775807")
        })
      try expect(
        "expected the network's design in its metadata, found \"{\"",
        for: Sample.checkpoint("fovea.network") { _ in "{" })
    }

    @Test func `metadata on pictures that make no sense`() throws {
      try expect(
        "metadata \"fovea.preprocessing\": expected positive, finite deviations",
        for: Sample.checkpoint("fovea.preprocessing") {
          $0.replacing(/"deviation":\[[^\]]*\]/, with: "\"deviation\":[0,0,0]")
        })
      try expect(
        "expected Preprocessing in metadata \"fovea.preprocessing\", found \"{\\n}\"",
        for: Sample.checkpoint("fovea.preprocessing") { _ in "{\n}" })
      try expect(
        "expected 12 class names, found 1",
        for: Sample.checkpoint("fovea.classes") { _ in "[\"cat\"]" })
    }

    @Test func `a checkpoint that is not there`() throws {
      let folder = try Sample.folder()
      try folder.expect(
        "no.safetensors: no such file", status: 66, from: "filters", "no.safetensors")
      try folder.expect(
        "pictures: is a folder, not a file", status: 66, from: "filters", "pictures")
      try folder.expect("'': no such file", status: 66, from: "filters", "")
      #expect(!folder.exists("output"))
    }

    @Test func `class names that are too few`() throws {
      let folder = try Sample.folder()
      try folder.write("cat\ndog\n", "names.txt")
      try folder.expect(
        "names.txt: expected 12 class names, found 2", status: 65,
        from: "inspect", "model.safetensors", "--class-names", "names.txt")
    }
  }

  @Suite struct `Bad choices` {
    @Test(arguments: [
      (["filters", "--layers", "conv3"], "no layer 'conv3'; did you mean 'conv1', 'conv2'?"),
      (
        ["filters", "--layers", "relu1"],
        "layer 'relu1' has no filters to draw: its kind is ReLU; there are 'conv1', 'conv2'"
      ),
      (
        ["filters", "--layers", ","],
        "--layers: expected names separated by commas, found ','"
      ),
      (["filters", "--units", "0,99"], "no unit 99 in layer 'conv1': it has 6, from 0 on"),
      (
        ["filters", "--units", "16", "--layers", "conv1"],
        "no unit 16 in layer 'conv1': it has 6, from 0 on; for a number of units say 'even:16'"
      ),
      (["filters", "--units", "a"], "no unit 'a' in layer 'conv1': only classes have names"),
      (
        ["patches", "--images", "pictures", "--units", "0-99"],
        "no unit 6 in layer 'relu1': it has 6, from 0 on"
      ),
      (["class-models", "--classes", "mog"], "no class 'mog'; did you mean 'mug'?"),
      (["class-models", "--classes", "12"], "no class 12: the network has 12, from 0 on"),
      (["class-models", "--classes=-1"], "no class -1: the network has 12, from 0 on"),
      (
        ["features", "--images", "pictures", "--mean", "x"],
        "--mean: expected numbers such as 0.5,0.5,0.5, found 'x'"
      ),
      (
        ["features", "--images", "pictures", "--mean", "1,2,3,4"],
        "preprocessing: expected one mean for each of 3 channels, found 4"
      ),
      (
        ["features", "--images", "pictures", "--std", "0,0,0"],
        "preprocessing: expected positive, finite deviations"
      ),
    ])
    func `unknown layers, units and classes`(arguments: [String], message: String) throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        [arguments[0], "model.safetensors"] + arguments.dropFirst() + ["-o", "out"], in: folder)
      #expect(outcome.errors == "fovea: \(message)\n")
      #expect(outcome.output == "")
      #expect(outcome.status == 64 && !outcome.wasKilled)
      #expect(folder.names() == ["model.safetensors", "pictures"])
    }
  }
}
