import ArgumentParser
import Checkpoints
import Files

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write any checkpoint as Fovea's own, so that it is set up once.",
    discussion: """
      The file keeps the network, the class names and the way pictures become input; commands \
      that read it need none of these options. An optimizer's state is left behind.

        fovea convert resnet18.pth resnet18.safetensors --class-names imagenet_classes.txt
      """)

  @OptionGroup var checkpoint: CheckpointOptions

  @Argument(help: "The safetensors file to write.")
  var destination: String

  @Flag(help: "Half the bytes, about three decimal digits.")
  var halfPrecision = false

  @Flag(help: "Replace a file that is there already.")
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
      throw FileError(.unwritable, destination, "is there already; --force replaces it")
    }
    var converted = try checkpoint.prepared().checkpoint
    checkpoint.say(
      converted.notes, warnings: converted.warnings, on: reporting.console)
    converted.state = [:]
    try converted.save(to: destination, precision: halfPrecision ? .half : .single)
    reporting.report([destination])
  }
}
