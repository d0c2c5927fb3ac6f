package import Checkpoints
package import Datasets
package import Files
internal import Foundation
internal import Networks
internal import TensorCore

extension CheckpointOptions {
  /// - Throws: `FileError` that says what the file is instead of a checkpoint, if known.
  package func openCheckpoint() throws(FileError) -> FileBytes { try Checkpoint.open(checkpoint) }

  /// Loads the open checkpoint with what the options and the files beside it add: class names and
  /// preprocessing. The latter is also put into the metadata.
  ///
  /// - Returns: `assumption` says how the preprocessing was guessed; nil if it is known. It does not
  ///   matter to arrays.
  /// - Throws: `FileError`; `UsageError` if the options are invalid.
  package func prepared(
    _ source: FileBytes, _ constants: [String: InputConstant]
  ) throws -> (checkpoint: Checkpoint, preprocessing: Preprocessing, assumption: String?) {
    try memory.check(source.size, checkpoint, "reading the checkpoint")
    var loaded = try Checkpoint.load(
      source, architecture: architecture, input: try inputShape(), constants: constants,
      memory: memory)
    let input = loaded.network.graph.inputShape.extents
    guard input.count == 3 else {
      throw FileError(
        .malformed, checkpoint, "expected a network of pictures [C, H, W], found one of \(input)")
    }
    try nameClasses(of: &loaded)
    var kept = try loaded.metadata(Preprocessing.self, for: Checkpoint.Key.preprocessing)
    if kept == nil, let beside = try preprocessingBeside() {
      kept = beside.preprocessing
      loaded.notes.append("the preprocessing is taken from \(beside.path)")
    }
    if kept == nil, preprocess == nil, loaded.takesIntegers {
      kept = Preprocessing(input: input, scale: 1)
      loaded.notes.append("takes integers: pictures are given to it as 0…255")
    }
    var chosen = try preprocessing(kept: kept, input: input)
    if loaded.takesChannelsLast || kept?.arrays == .channelsLast { chosen.arrays = .channelsLast }
    var assumption: String?
    if !chosen.takesPictures {
      loaded.notes.append(
        "takes \(input[0]) channels, which no picture has; arrays are used as they are")
    } else if kept == nil, !saysPreprocessing {
      let preset = Preprocessing.Preset.usual(for: input)
      assumption =
        "does not say how pictures are preprocessed; '--preprocess \(preset.rawValue)' is assumed "
        + "from the input's size"
    }
    if case .shorterSide(let side) = chosen.resize, side < max(input[1], input[2]) {
      loaded.notes.append(
        "pictures are resized to \(side) pixels, less than the input's \(input[1])×\(input[2]): "
          + "the margin is black")
    }
    loaded.setMetadata(chosen, for: Checkpoint.Key.preprocessing)
    return (loaded, chosen, assumption)
  }

  private func nameClasses(of loaded: inout Checkpoint) throws {
    let count = loaded.network.classCount
    if let classNames {
      loaded.classNames = try readClassNames(classNames, count: count)
    } else if loaded.classNames.isEmpty,
      let beside = findClassNames(beside: checkpoint, count: count)
    {
      loaded.classNames = beside.names
      loaded.notes.append("the class names are taken from \(beside.path)")
    }
  }

  /// What a file beside the checkpoint says, in the form of Fovea's own metadata: for
  /// `NAME.onnx`, `NAME.preprocessing.json` or `NAME.preprocessing.yaml`.
  private func preprocessingBeside() throws -> (preprocessing: Preprocessing, path: String)? {
    for ending in ["json", "yaml", "yml"] {
      let path = (checkpoint as NSString).deletingPathExtension + ".preprocessing." + ending
      guard case .regular = kindOfFile(path) else { continue }
      let data = try readFile(path, limit: YAMLText.mostBytes)
      do {
        // JSON is also YAML.
        return (try YAMLText(data).decode(Preprocessing.self), path)
      } catch let error as YAMLDefect {
        throw FileError(.malformed, path, "expected JSON or YAML: \(error)")
      } catch let error as DecodingError {
        throw FileError(.malformed, path, Self.words(for: error))
      }
    }
    return nil
  }

  /// In one line.
  private static func words(for error: DecodingError) -> String {
    switch error {
    case .dataCorrupted(let context): return context.debugDescription
    case .keyNotFound(let key, _): return "expected a value for '\(key.stringValue)', found none"
    case .valueNotFound(_, let context), .typeMismatch(_, let context):
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      return place.isEmpty
        ? "expected the keys and values of a preprocessing"
        : "expected another kind of value for '\(place)'"
    @unknown default: return "expected a preprocessing"
    }
  }
}
