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
      "imagenet, caffe, unit or signed, for a file that does not say how it takes pictures.",
      valueName: "preset"))
  var preprocess: Preprocessing.Preset?

  @Option(help: "One value a channel, as 0.485,0.456,0.406.")
  var mean: [Float] = []

  @Option(help: "Standard deviation: one value a channel.")
  var std: [Float] = []

  @Option(help: "What values from 0 to 255 are multiplied by.")
  var scale: Float?

  @Option(help: "rgb or bgr.")
  var channels: Preprocessing.ChannelOrder?

  @Option(help: "The shorter side's length before the crop.")
  var resize: Int?

  @Option(help: "A file with one class name a line.")
  var classNames: String?

  func load() throws -> Model { try Model(self) }
}
