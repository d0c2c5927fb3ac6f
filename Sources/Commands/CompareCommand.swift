import ArgumentParser
import Exhibits
import Files
import Galleries

/// Several checkpoints side by side. It draws a folder of its own, with a page of its own, so it is
/// no exhibit, which is of one model.
struct CompareCommand: SeveralCheckpointsCommand {
  typealias Report = ComparisonReport

  static let noun = "a comparison"
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare checkpoints of one architecture: what moved, and what stayed the same.",
    discussion: """
      Epochs, seeds, or a network before and after fine-tuning; the first checkpoint is the \
      reference. All see the same pictures. Prints the accuracies, the predictions that changed, \
      and for each layer the distance of the weights, linear CKA and the overlap of the top nine \
      patches; draws the same, and filters, feature maps, patches, an aligned embedding and \
      saliency side by side, each on one scale for all checkpoints. compare.html shows them. If \
      only the classifiers differ, the layers before are compared.

        fovea compare run/epoch-001.safetensors run/final.safetensors --images mnist
      """)

  @OptionGroup var checkpoint: CheckpointOptions

  @Argument(help: "One or more checkpoints to compare with the first; options apply to all.")
  var others: [String]

  @OptionGroup var options: CompareOptions

  @Flag(help: "Keep the finished figures of an interrupted run.")
  var resume = false

  @OptionGroup var output: OutputOptions

  func draw(
    as arguments: [String], _ console: Console
  ) throws -> (files: [String], found: ComparisonRecord) {
    let paths = [checkpoint.checkpoint] + others
    let comparison = try CheckpointComparison(
      try checkpoint.load(paths, console), names: distinctNames(paths), options,
      command: commandText(arguments), reporter: console)
    let folder =
      output.output ?? "output/\(comparison.names.map(folderName).joined(separator: "-"))"
    let identity = comparison.identity
    let writer = try GalleryWriter(
      folder: folder, reference: comparison.reference, checkpoints: identity.checkpoints,
      kinds: CheckpointComparison.kinds, key: comparison.key(), output, resumes: resume,
      comparison: identity)
    return try writer.written(to: folder, console) {
      let record = try comparison.draw(into: GallerySink(writer, arrays: output.arrays))
      writer.note(record)
      return record
    }
  }

  /// `seed-0/final` as `seed-0-final`.
  private func folderName(_ name: String) -> String {
    name.split(separator: "/").joined(separator: "-")
  }
}
