import Foundation
import TestSupport
import Testing

extension `The program` {
  /// Options that not every layer has a use for.
  @Suite struct `Options that need a kind of layer` {
    @Test(arguments: [
      (
        ["filters", "model.safetensors", "--cluster"], 64,
        "--cluster: none of the layers chosen is a 1×1 convolution"
      ),
      (
        ["features", "model.safetensors", "--images", "pictures", "--blocks", "--layers", "fc4"],
        64,
        "layer 'fc4' is in no block that begins with a convolution: its kind is linear"
      ),
    ])
    func `are refused before any work without one`(
      arguments: [String], status: Int, message: String
    ) throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(arguments + ["--quiet", "-o", "g"], in: folder)
      #expect(outcome.errors.hasPrefix("fovea: \(message)"), "\(outcome.errors)")
      #expect(outcome.status == Int32(status))
      #expect(!folder.exists("g"))
    }

    @Test func `numbers of input channels begin at one`() throws {
      let outcome = try Program.run(
        ["filters", "model.safetensors", "--input-channels", "0", "-o", "g"],
        in: try Sample.folder())
      #expect(outcome.errors.contains("--input-channels must be at least 1, not 0"))
      #expect(outcome.status == 64)
    }

    @Test func `blocks are drawn with the arrays of all their layers`() throws {
      let folder = try Sample.folder()
      let outcome = try Program.run(
        [
          "features", "model.safetensors", "--images", "pictures", "--layers", "conv1,pool1,conv2",
          "--blocks", "--units", "1,0", "--arrays", "safetensors", "--quiet", "-o", "g",
        ], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let figures = try FileManager.default.contentsOfDirectory(atPath: folder["/g"])
        .filter { $0.hasSuffix(".png") }
      // conv1 and pool1 are of one block.
      #expect(figures.count == 2 && figures.allSatisfy { $0.contains("-block-") }, "\(figures)")
    }
  }
}
