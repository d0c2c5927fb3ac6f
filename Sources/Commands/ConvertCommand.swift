import ArgumentParser
import Checkpoints
import Exhibits
import Files
import Foundation
import Training

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert any checkpoint to Fovea's own format.",
    discussion: """
      The file contains the network, the class names and the preprocessing, so commands that read \
      it need none of these options. The optimizer's state is dropped.

        fovea convert resnet18.pth resnet18.safetensors --class-names imagenet_classes.txt
      """)

  @OptionGroup var checkpoint: CheckpointOptions

  @Argument(help: "The safetensors file to write.")
  var destination: String

  @Flag(help: "Write half precision: half the size, about three decimal digits.")
  var halfPrecision = false

  @Flag(help: "Replace an existing file.")
  var force = false

  @OptionGroup var reporting: ReportingOptions

  func validate() throws {
    guard destination.lowercased().hasSuffix(".safetensors") else {
      throw ValidationError(
        "expected a file to write that ends in .safetensors, found '\(destination)'")
    }
  }

  func run() throws {
    var isFree: Bool { if case .none = kindOfFile(destination) { true } else { false } }
    guard force || isFree else {
      throw FileError(.unwritable, destination, "already exists; --force replaces it")
    }
    let memory = checkpoint.memory
    let prepared = try checkpoint.prepared(
      checkpoint.openCheckpoint(), checkpoint.inputConstants(memory: memory), memory: memory)
    try checkpoint.refuseTrial(by: "convert")
    var converted = prepared.checkpoint
    checkpoint.say(
      converted.notes + [prepared.assumption].compactMap(\.self), warnings: prepared.warnings,
      to: reporting.console)
    converted.state = [:]
    if let recipe = try converted.metadata(Recipe.self, for: Checkpoint.Key.recipe) {
      converted.setMetadata(recipe.withoutFolders, for: Checkpoint.Key.recipe)
    }
    // A symbolic link stays, and its target is replaced.
    let place = resolvedPath(destination) as NSString
    removePartialFiles(in: place.deletingLastPathComponent, of: place.lastPathComponent)
    let isEarlier = !isFree
    try Signals.saying({ [destination] in
      "\(destination) is \(isEarlier ? "as it was" : "not written")"
    }) {
      try converted.save(to: destination, precision: halfPrecision ? .half : .single)
    }
    try reporting.report([destination])
  }
}
