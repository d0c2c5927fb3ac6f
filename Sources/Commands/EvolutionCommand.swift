import Analysis
import ArgumentParser
import Exhibits
import Files
import Foundation
import Galleries

/// Checkpoints of a training run, in order. Like a comparison, it draws a folder of its own.
struct EvolutionCommand: SeveralCheckpointsCommand {
  typealias Report = EvolutionReport

  static let noun = "an evolution"
  static let configuration = CommandConfiguration(
    commandName: "evolution",
    abstract: "Draw how features evolve during training, from checkpoint to checkpoint.",
    discussion: """
      For each unit, its strongest activation over the pictures at each checkpoint, projected back \
      to the pixels, in a strip from left to right; frames mark where another picture becomes the \
      strongest (Zeiler and Fergus 2014, figure 4). Prints and draws the accuracy of each \
      checkpoint, and how far the features of each layer moved since the one before: 1 − linear \
      CKA, which no change of scale affects. evolution.html shows all of it.

        fovea evolution samples/epochs samples/objects.safetensors
        fovea evolution output/mnist --epochs 1,5,10 --layers relu2 --units 0-7
      """)

  @OptionGroup var checkpoint: CheckpointOptions

  @Argument(
    help: """
      More checkpoints, in the order of training, if the first argument is not the folder of a \
      training run; options apply to all.
      """)
  var others: [String] = []

  @OptionGroup var options: EvolutionOptions

  @Flag(help: "Keep the finished figures of an interrupted run.")
  var resume = false

  @OptionGroup var output: OutputOptions

  func draw(
    as arguments: [String], _ console: Console
  ) throws -> (files: [String], found: EvolutionRecord) {
    let given = [checkpoint.checkpoint] + others
    let paths = try evolutionCheckpoints(given, epochs: options.epochs)
    let evolution = try CheckpointEvolution(
      try checkpoint.loadInTurn(paths, console), options,
      command: commandText(arguments), reporter: console)
    let folder = output.output ?? "output/\(name(of: given[given.count - 1]))-evolution"
    let identity = evolution.identity
    let writer = try GalleryWriter(
      folder: folder, reference: evolution.reference, checkpoints: identity.checkpoints,
      kinds: CheckpointEvolution.kinds, key: evolution.key(), output, resumes: resume,
      evolution: identity)
    return try writer.written(to: folder, console) {
      let record = try evolution.draw(into: GallerySink(writer, arrays: output.arrays))
      writer.note(record)
      return record
    }
  }

  /// Of a run's folder, or of a checkpoint.
  private func name(of path: String) -> String {
    kindOfFile(path) == .folder
      ? URL(filePath: path).standardizedFileURL.lastPathComponent : galleryName(for: path)
  }
}
