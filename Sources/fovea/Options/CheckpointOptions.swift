import ArgumentParser
import Datasets
import Files
import Foundation

/// Which network, and how pictures become its input.
struct CheckpointOptions: ParsableArguments {
  @Argument(help: "A safetensors file, Fovea's own or another program's.")
  var checkpoint: String

  @Option(help: "The architecture, for a file that does not say it.")
  var architecture: String?

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

  @Option(help: "A file with one class name a line.")
  var classNames: String?

  func load() throws -> Model { try Model(self) }

  /// The checkpoint's own preprocessing, or a preset's, with what the options change.
  func preprocessing(kept: Preprocessing?, input: [Int]) throws -> Preprocessing {
    var chosen =
      preprocess.map { Preprocessing($0, input: input) } ?? kept
      ?? Preprocessing(max(input[1], input[2]) >= 160 ? .imagenet : .unit, input: input)
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

  /// The names in the given file, or the checkpoint's own.
  ///
  /// - Parameter count: Of the network's classes.
  func classNames(_ kept: [String], count: Int) throws -> [String] {
    guard let classNames else { return kept }
    let names = String(decoding: try readFile(classNames), as: UTF8.self)
      .split(whereSeparator: \.isNewline).map(String.init)
    guard names.count == count else {
      throw FileError(
        .malformed, classNames, "expected \(count) class names, found \(names.count)")
    }
    return names
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
