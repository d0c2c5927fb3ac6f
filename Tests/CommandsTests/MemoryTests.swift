import Checkpoints
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Too little memory` {
    /// From too little for anything to enough for everything.
    @Test(arguments: [
      ["features", "model.safetensors", "--images", "pictures", "-o", "out"],
      ["patches", "model.safetensors", "--images", "pictures", "-o", "out"],
      ["embedding", "model.safetensors", "--images", "pictures", "-o", "out"],
      ["saliency", "model.safetensors", "--images", "pictures", "--limit", "2", "-o", "out"],
      ["class-models", "model.safetensors", "--steps", "1", "-o", "out"],
      ["filters", "model.safetensors", "-o", "out"],
      ["inspect", "model.safetensors"],
      ["convert", "model.safetensors", "own.safetensors"],
      ["train", "-a", "lenet5", "-d", "pictures", "-e", "1", "--quiet", "-o", "out"],
    ])
    func `is an error with the size that is needed, until it is enough`(
      arguments: [String]
    ) throws {
      let folder = try Sample.folder()
      var statuses: [Int32] = []
      for size in ["1K", "30M", "60M", "80M", "160M"] {
        let outcome = try Program.run(arguments + ["--memory", size], in: folder)
        #expect(!outcome.wasKilled)
        statuses.append(outcome.status)
        guard outcome.status != 0 else { break }
        let error = try #require(outcome.errors.split(separator: "\n").last)
        #expect(outcome.status == 71, "\(error)")
        #expect(error.hasPrefix("fovea: ") && error.contains(" of memory, more than the limit of "))
        #expect(error.hasSuffix(" (--memory allows more)"))
      }
      #expect(statuses.first == 71 && statuses.last == 0, "\(statuses)")
    }

    @Test func `makes batches smaller before it refuses one picture`() throws {
      let folder = try Sample.folder()
      func pictures(_ output: String, _ options: String...) throws -> [String] {
        let outcome = try Program.run(
          ["patches", "model.safetensors", "--images", "pictures", "-o", output] + options,
          in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return folder.names(output).filter { $0.hasSuffix(".png") }
      }
      // Of these, the program and its drawing take 75.
      #expect(try pictures("few", "--memory", "84M") == pictures("all"))
    }

    @Test func `says what a step of training takes`() throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        ["train", "-a", "lenet5", "-d", "pictures", "--memory", "44M"], in: folder)
      let step = #/fovea: lenet5: a step of 64 pictures would need [0-9.]+ MiB of memory, /#
      #expect(outcome.errors.contains(step), "\(outcome.errors)")
      #expect(
        outcome.errors.hasSuffix(
          "; a smaller --batch-size takes less (--memory allows more)\n"))
    }

    /// A ResNet-18 with 45 MB of weights: with batch norm fused into them and rearranged, they take
    /// three times as much.
    @Test(
      .enabled(if: Program.memoryIsKnown && Program.canBeBounded),
      arguments: ["patches", "saliency", "visualize"])
    func `what is used stays below it`(command: String) throws {
      let folder = try Sample.folder()
      let blueprint = try Architecture.resnet18.blueprint(classes: 12, inputShape: [3, 96, 96])
      try Checkpoint(blueprint.network(seed: 1, initialization: .he), design: nil)
        .save(to: folder["/big.safetensors"])
      var statuses: [Int32] = []
      for megabytes in [100, 200, 300, 450, 700, 1200] {
        let (outcome, peak) = try Program.measured(
          [
            command, "big.safetensors", "--preprocess", "unit", "--images", "pictures", "--limit",
            "12", "--memory", "\(megabytes)M", "--quiet", "--force", "-o", "out",
          ], in: folder)
        statuses.append(outcome.status)
        #expect([0, 71].contains(outcome.status) && !outcome.wasKilled, "\(outcome.errors)")
        // The system's allocator keeps some of what is freed; and of the program's code, a whole
        // gallery runs 4 MiB more than a program that has read nothing.
        #expect(
          peak <= (megabytes * 11 / 10 + 4) << 20,
          "\(peak >> 20) MB of \(megabytes), \(outcome.status)"
        )
        if outcome.status == 0, megabytes > 300 { break }
      }
      #expect(statuses.first == 71 && statuses.last == 0, "\(statuses)")
    }

    @Test(arguments: ["0", "-4G", "much"])
    func `a size that is none is wrong usage`(size: String) throws {
      let outcome = try Program.run(
        ["inspect", "x.onnx", "--memory=\(size)"], in: TemporaryFolder())
      #expect(outcome.status == 64 && outcome.errors.hasPrefix("fovea: The value '\(size)'"))
    }

    /// Files of a few kilobytes that used to need up to 3.7 GB.
    @Test(
      .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"),
      arguments: [
        "memory-3.7GB-from-2KB.onnx", "p16384.png", "bomb.npz", "bomb-images-idx3-ubyte.gz",
      ], ["features", "saliency", "patches", "embedding", "visualize"])
    func `holds against files that were made to take it`(file: String, command: String) throws {
      let folder = try Sample.folder()
      let path = SharedData.path("broken/\(file)")
      let (model, images) =
        file.hasSuffix(".onnx") ? (path, "pictures/mug") : ("model.safetensors", path)
      // In addition to the 200 MiB, there are the libraries and their threads' stacks.
      let outcome = try Program.run(
        [command, model, "--images", images, "--memory", "200M", "-o", "out"], in: folder,
        within: 1_500_000)
      #expect(!outcome.wasKilled && [0, 64, 65, 71].contains(outcome.status), "\(outcome.errors)")
    }
  }
}
