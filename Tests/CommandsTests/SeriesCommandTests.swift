import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Series and volumes` {
    @Test func `scenes writes series that train reads, and everything but pictures follows`() throws
    {
      let folder = try TemporaryFolder()
      let made = try folder.run(
        "scenes", "--series", "--count", "64", "--length", "32", "-o", "data")
      #expect(made.lines.count == 65 && made.lines.last == "data/factors.csv")
      #expect(
        folder.names("data") == [
          "chirp", "damped", "factors.csv", "noise", "pulses", "sawtooth", "sine", "square", "step",
        ])
      #expect(try folder.text("data/sine/\(folder.names("data/sine")[0])").hasPrefix("value\n"))
      let trained = try folder.run(
        "train", "-a", "series-small", "-d", "data", "-e", "2", "--batch-size", "16", "-o", "run")
      #expect(trained.errors.contains("preparing 64 series\n"))
      let checkpoint = "run/final.safetensors"
      #expect(try folder.run("inspect", checkpoint).output.contains("input 1×32"))
      let predicted = try folder.run("predict", checkpoint, "--images", "data", "--json")
      #expect(predicted.output.contains("sine"))
      let one = "data/sine/\(folder.names("data/sine")[0])"
      #expect(try folder.run("predict", checkpoint, "--images", one, "--csv").lines.count == 2)
      try folder.run("confusion", checkpoint, "--images", "data", "-o", "gallery")
      try folder.run("curves", checkpoint, "-o", "gallery")
      try folder.run("embedding", checkpoint, "--images", "data", "-o", "gallery")
      try folder.run(
        "probe", checkpoint, "data", "--layers", "relu*", "--folds", "2", "-o", "gallery")
      try folder.run("convert", checkpoint, "copy.safetensors")
      try folder.run("finetune", checkpoint, "data", "-e", "1", "-o", "tuned")
      try folder.expect(
        "expected a network of pictures, found 'final.safetensors', which takes series of [1, 32]",
        status: 64, from: "saliency", checkpoint, "--images", "data")
      try folder.expect(
        "expected networks of pictures, found 'final.safetensors', which takes series of [1, 32]",
        status: 64, from: "compare", checkpoint, "copy.safetensors", "--images", "data")
      let drawn = try folder.run("visualize", checkpoint, "--images", "data", "-o", "whole")
      #expect(drawn.errors.contains("no saliency"))
      #expect(folder.names("whole").contains("index.html"))
    }

    @Test func `scenes writes volumes that train reads`() throws {
      let folder = try TemporaryFolder()
      try folder.run(
        "scenes", "--volumes", "--count", "12", "--frames", "4", "--size", "12", "-o", "data")
      let trained = try folder.run(
        "train", "-a", "volume-small", "-d", "data", "-e", "1", "--batch-size", "6", "-o", "run")
      #expect(trained.errors.contains("preparing 12 volumes\n"))
      #expect(
        try folder.run("inspect", "run/final.safetensors").output.contains("input 1×4×12×12"))
      try folder.run("predict", "run/final.safetensors", "--images", "data", "--output", "gallery")
    }

    @Test func `options of other contents are refused`() throws {
      let folder = try TemporaryFolder()
      for (arguments, reason) in [
        (["--series", "--size", "32"], "--size is of pictures"),
        (["--volumes", "--length", "32"], "--length is for --series"),
        (["--frames", "3"], "--frames is for --volumes"),
        (["--series", "--sweep", "x"], "--sweep, --range and --base are for objects"),
        (["--series", "--length", "0"], "--length must be from 1 to 1,000,000, not 0"),
      ] {
        let outcome = try Program.run(["scenes"] + arguments, in: folder)
        #expect(outcome.status == 64 && outcome.errors.contains(reason))
      }
    }

    @Test func `an architecture of series is inspected by its name`() throws {
      let folder = try TemporaryFolder()
      let table = try folder.run("inspect", "series-small", "--input", "2x1000").output
      #expect(table.contains("input 2×1000"))
      try folder.expect(
        "--input 3x8x8: node 'input': takes inputs like [1, 128], not [3, 8, 8]", status: 64,
        from: "inspect", "series-small", "--input", "3x8x8")
    }
  }
}
