public import ArgumentParser
internal import Checkpoints
public import Datasets
package import Files
internal import Foundation
package import TensorCore

/// Which network, and how pictures become its input.
public struct CheckpointOptions: ParsableArguments {
  @Argument(
    help: "Fovea's own safetensors file, or another program's safetensors, .pth or ONNX.")
  public var checkpoint: String

  @Option(
    help: """
      Architecture, if the file does not name it and its tensors do not determine it; \
      'fovea train --help' lists all architectures.
      """)
  public var architecture: String?

  @Option(
    help: ArgumentHelp(
      "Channels and size of the input, if the file does not give them: 3x224x224; 1x128 of series.",
      valueName: "CxHxW"))
  public var input: String?

  @Option(
    name: .customLong("constant"), parsing: .singleValue,
    help: ArgumentHelp(
      """
      For an ONNX file with several inputs, the value of one that takes no pictures: a number, \
      or an array (.npy, .npz, .safetensors). Give the option once for each such input.
      """, valueName: "NAME=VALUE|FILE"))
  public var constants: [String] = []

  @Option(
    help: ArgumentHelp(
      "For an ONNX file with several outputs, the one where the network ends; by default the first.",
      valueName: "name"))
  public var head: String?

  @Option(
    help: ArgumentHelp(
      """
      How pictures are preprocessed, if the file does not describe it. Where a command takes \
      pictures, 'auto' tries all presets on them, in both channel orders, and reports which fits \
      best.
      """, valueName: "preset"))
  public var preprocess: PreprocessingChoice?

  @Option(help: "Mean to subtract from each channel, such as 0.485,0.456,0.406.")
  public var mean: String?

  @Option(help: "Standard deviation to divide each channel by.")
  public var std: String?

  @Option(help: "Factor for pixel values from 0 to 255.")
  public var scale: Float?

  @Option(help: "Order of the channels in the input.")
  public var channels: Preprocessing.ChannelOrder?

  @Option(help: "Length of the shorter side before the centre is cropped.")
  public var resize: Int?

  @Option(
    help: ArgumentHelp(
      """
      A file of class names: one per line, a table (.csv), JSON, or ImageNet's list of synsets; or \
      \(knownClassNames.keys.sorted().joined(separator: ", ")) for the names of that data set.
      """, valueName: "file"))
  public var classNames: String?

  @OptionGroup public var memoryOptions: MemoryOptions

  public init() {}

  package var memory: MemoryBudget { memoryOptions.budget }

  /// Loads the model and says what a user should know about how.
  ///
  /// - Parameter memory: What the model may use; nil for what the options allow.
  package func load(_ reporter: any Reporter, memory: MemoryBudget? = nil) throws -> Model {
    let model = try Model(self, memory: memory ?? self.memory)
    say(model.notes, warnings: model.warnings, to: reporter)
    return model
  }

  package func say(_ notes: [String], warnings: [String], to reporter: any Reporter) {
    let name = baseNameWithExtension(checkpoint)
    for note in notes { reporter.say("\(name): \(note)") }
    for warning in warnings { reporter.warn("\(name): \(warning)") }
  }

  /// - Throws: `UsageError` if the preprocessing is to be found by trying it on pictures.
  package func refuseTrial(by command: String) throws {
    guard preprocess == .auto else { return }
    throw UsageError(
      "--preprocess auto needs pictures to try, and \(command) takes none; predict does"
    )
  }

  /// The input that the options name; nil where they do not.
  package func inputShape() throws -> Shape? {
    guard let input else { return nil }
    let extents = input.split { "x×,".contains($0) }.compactMap { Int($0) }
    guard ExampleKind(input: extents) != nil, extents.allSatisfy({ $0 > 0 }) else {
      throw UsageError("--input: expected channels and a size such as 3x224x224, found '\(input)'")
    }
    return Shape(extents)
  }

  /// Whether any option is about a file and not only about a network's shapes.
  package var isAboutFile: Bool {
    saysPreprocessing || architecture != nil || head != nil || classNames != nil
      || !constants.isEmpty
  }

  /// Whether any option says how pictures become input.
  var saysPreprocessing: Bool {
    preprocess != nil || mean != nil || std != nil || scale != nil || channels != nil
      || resize != nil
  }

  /// What a checkpoint or a file beside it keeps, or a preset's, with what the options change.
  func preprocessing(kept: Preprocessing?, input: [Int]) throws -> Preprocessing {
    let kind = ExampleKind(input: input) ?? .picture
    guard kind == .picture || preprocess == nil && channels == nil && resize == nil else {
      throw UsageError(
        "--preprocess, --channels and --resize are for pictures, and '\(checkpoint)' takes "
          + "\(kind.plural) of \(input); --scale, --mean and --std normalize them")
    }
    if preprocess == .auto { try checkTrial(input) }
    let preset = preprocess?.preset
    if let preset, [.imagenet, .caffe].contains(preset),
      !Preprocessing(input: input).takesPictures
    {
      throw UsageError(
        "--preprocess: \(preset.rawValue) is for networks of 1 or 3 channels, "
          + "found one of \(input[0])")
    }
    var chosen =
      preset.map { Preprocessing($0, input: input) } ?? kept
      ?? Preprocessing(.usual(for: input), input: input)
    // Each colour keeps its mean and deviation.
    if let channels, channels != chosen.channelOrder { chosen = chosen.withOppositeChannels }
    chosen.mean = try mean.map { try numbers($0, "--mean") } ?? chosen.mean
    chosen.deviation = try std.map { try numbers($0, "--std") } ?? chosen.deviation
    chosen.scale = scale ?? chosen.scale
    chosen.resize = resize.map { .shorterSide($0) } ?? chosen.resize
    if let problem = chosen.problem { throw UsageError("preprocessing: \(problem)") }
    guard chosen.input == input else {
      throw FileError(
        .malformed, checkpoint,
        "expected preprocessing for an input of \(input), found \(chosen.input)")
    }
    return chosen
  }

  /// - Throws: `UsageError` if there is nothing to try.
  private func checkTrial(_ input: [Int]) throws {
    guard mean == nil, std == nil, scale == nil, channels == nil else {
      throw UsageError(
        "--preprocess auto finds --mean, --std, --scale and --channels by itself; give either")
    }
    guard Preprocessing(input: input).takesPictures else {
      throw UsageError(
        "--preprocess: auto is for networks of 1 or 3 channels, found one of \(input[0])")
    }
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
    guard Preprocessing(input: input).takesPictures else { return .unit }
    return max(input[1], input[2]) >= smallestOfImageNet ? .imagenet : .unit
  }
}

extension CheckpointOptions {
  /// What else to type, besides the checkpoint, to read it in the same way in any folder.
  package var readingOptions: [String] {
    // A file wherever it is; other values as they are.
    func anywhere(_ value: String) -> String {
      FileManager.default.fileExists(atPath: value) ? resolvedPath(value) : value
    }
    let values: [(String, String?)] = [
      ("architecture", architecture), ("input", input), ("head", head),
      ("preprocess", preprocess?.defaultValueDescription), ("mean", mean), ("std", std),
      ("scale", scale.map { "\($0)" }), ("channels", channels?.rawValue),
      ("resize", resize.map(String.init)), ("class-names", classNames.map(anywhere)),
    ]
    let given = values.compactMap { name, value in value.map { "--\(name)=\($0)" } }
    return given
      + constants.map { constant in
        let parts = constant.split(separator: "=", maxSplits: 1).map(String.init)
        let place = parts.dropLast() + parts.suffix(1).map(anywhere)
        return "--constant=" + place.joined(separator: "=")
      }
  }
}
