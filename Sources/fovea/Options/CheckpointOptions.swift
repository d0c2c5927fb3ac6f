import ArgumentParser
import Datasets
import Files
import Foundation
import TensorCore

/// Which network, and how pictures become its input.
struct CheckpointOptions: ParsableArguments {
  @Argument(
    help: "Fovea's own safetensors file, or weights of another program's: safetensors, .pth, ONNX.")
  var checkpoint: String

  @Option(
    help: "The architecture, for a file that does not say it; guessed from its tensors otherwise.")
  var architecture: String?

  @Option(
    help: ArgumentHelp(
      "The input's channels and size, for a file that does not say them: 3x224x224.",
      valueName: "CxHxW"))
  var input: String?

  @Option(
    help: ArgumentHelp(
      "How pictures become input, for a file that does not say it: imagenet, caffe, unit, signed.",
      valueName: "preset"))
  var preprocess: Preprocessing.Preset?

  @Option(help: "Subtracted from each channel, as 0.485,0.456,0.406.")
  var mean: String?

  @Option(help: "The deviation that each channel is divided by.")
  var std: String?

  @Option(help: "What values from 0 to 255 are multiplied by.")
  var scale: Float?

  @Option(help: "The order of the channels: rgb or bgr.")
  var channels: Preprocessing.ChannelOrder?

  @Option(help: "The shorter side's length before the middle is cropped.")
  var resize: Int?

  @Option(
    help: "A file of class names: one a line, a table (.csv), JSON, or ImageNet's list of synsets.")
  var classNames: String?

  /// Loads the model and says what a user should know about how.
  func load(_ console: Console) throws -> Model {
    let model = try Model(self)
    say(model.notes, warnings: model.warnings, on: console)
    return model
  }

  func say(_ notes: [String], warnings: [String], on console: Console) {
    let name = baseNameWithExtension(checkpoint)
    for note in notes { console.say("\(name): \(note)") }
    for warning in warnings { console.warn("\(name): \(warning)") }
  }

  /// The input that the options name; nil where they do not.
  func inputShape() throws -> Shape? {
    guard let input else { return nil }
    let extents = input.split { "x×,".contains($0) }.compactMap { Int($0) }
    guard extents.count == 3, extents.allSatisfy({ $0 > 0 }) else {
      throw UsageError("--input: expected channels and a size such as 3x224x224, found '\(input)'")
    }
    return Shape(extents)
  }

  /// Whether any option says how pictures become input.
  var saysPreprocessing: Bool {
    preprocess != nil || mean != nil || std != nil || scale != nil || channels != nil
      || resize != nil
  }

  /// What a checkpoint or a file beside it keeps, or a preset's, with what the options change.
  func preprocessing(kept: Preprocessing?, input: [Int]) throws -> Preprocessing {
    var chosen =
      preprocess.map { Preprocessing($0, input: input) } ?? kept
      ?? Preprocessing(.usual(for: input), input: input)
    chosen.mean = try mean.map { try numbers($0, "--mean") } ?? chosen.mean
    chosen.deviation = try std.map { try numbers($0, "--std") } ?? chosen.deviation
    chosen.scale = scale ?? chosen.scale
    chosen.channelOrder = channels ?? chosen.channelOrder
    chosen.resize = resize.map { .shorterSide($0) } ?? chosen.resize
    if let problem = chosen.problem { throw UsageError("preprocessing: \(problem)") }
    guard chosen.input == input else {
      throw FileError(
        .malformed, checkpoint,
        "expected preprocessing for an input of \(input), found \(chosen.input)")
    }
    return chosen
  }

  private func numbers(_ text: String, _ option: String) throws -> [Float] {
    let parts = text.split(separator: ",").map { Float($0.trimmingCharacters(in: .whitespaces)) }
    let values = parts.compactMap { $0 }
    guard values.count == parts.count, !values.isEmpty else {
      throw UsageError("\(option): expected numbers such as 0.5,0.5,0.5, found '\(text)'")
    }
    return values
  }
}

extension Preprocessing.Preset {
  /// What networks for pictures of some size are most often trained with.
  static func usual(for input: [Int]) -> Self {
    let smallestOfImageNet = 160
    return max(input[1], input[2]) >= smallestOfImageNet ? .imagenet : .unit
  }
}
