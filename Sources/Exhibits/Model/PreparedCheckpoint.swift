internal import Analysis
package import Checkpoints
package import Datasets
package import Files
internal import Foundation
internal import Networks
internal import TensorCore

/// A checkpoint with all that is known about how to use it.
package struct PreparedCheckpoint {
  package var checkpoint: Checkpoint
  package let preprocessing: Preprocessing
  let origin: PreprocessingOrigin
  /// How the preprocessing was guessed; nil if it is known. It does not matter to arrays.
  package let assumption: String?
  /// What is wrong although the file is valid, one line each.
  package let warnings: [String]
}

extension OwnPreprocessing {
  var words: String { steps.joined(separator: ", then ") }
}

extension OwnPreprocessing.Range {
  var words: String { self == .pixels ? "0…255" : "0…1" }
}

extension Preprocessing {
  /// What is wrong if the graph itself preprocesses pictures of other values; nil if it does not.
  fileprivate func conflict(with network: Network) -> String? {
    guard takesPictures, let own = network.ownPreprocessing, let range = own.range else {
      return nil
    }
    let values = valueRange
    let isFitting =
      switch range {
      // Pixels without their mean also span 255.
      case .pixels: values.upperBound - values.lowerBound > 64
      case .unit: values.lowerBound > -0.1 && values.upperBound < 1.1
      }
    guard !isFitting else { return nil }
    let numbers = [values.lowerBound, values.upperBound].map { String(format: "%.3g", $0) }
    return
      "the graph preprocesses its pictures itself (\(own.words)) and expects \(range.words), but "
      + "gets values from \(numbers[0]) to \(numbers[1]): "
      + "'--preprocess \(range == .pixels ? "raw" : "unit")' gives \(range.words)"
  }
}

extension CheckpointOptions {
  /// - Throws: `FileError` that says what the file is instead of a checkpoint, if known.
  package func openCheckpoint() throws(FileError) -> FileBytes { try Checkpoint.open(checkpoint) }

  /// Loads the open checkpoint with what the options and the files beside it add: class names and
  /// preprocessing. The latter is also put into the metadata.
  ///
  /// - Parameters:
  ///   - source: The open file.
  ///   - memory: For what is read.
  /// - Throws: `FileError`; `UsageError` if the options are invalid.
  package func prepared(
    _ source: FileBytes, _ constants: [String: InputConstant], memory: MemoryBudget
  ) throws -> PreparedCheckpoint {
    try memory.check(source.size, checkpoint, "reading the checkpoint")
    var loaded = try Checkpoint.load(
      source, architecture: architecture, input: try inputShape(), constants: constants,
      head: head, memory: memory)
    let input = loaded.network.graph.inputShape.extents
    guard let kind = ExampleKind(input: input) else {
      throw FileError(
        .malformed, checkpoint,
        "expected a network of pictures, series or volumes, found one of \(input)")
    }
    try nameClasses(of: &loaded)
    let known = try knownPreprocessing(of: &loaded)
    var chosen = try preprocessing(kept: known?.preprocessing, input: input)
    if loaded.takesChannelsLast || known?.preprocessing.arrays == .channelsLast {
      chosen.arrays = .channelsLast
    }
    let preset = Preprocessing.Preset.usual(for: input)
    let origin: PreprocessingOrigin =
      saysPreprocessing && preprocess != .auto
      ? .options : known?.origin ?? .inputSize(preset)
    var assumption: String?
    if kind != .picture {
      if case .inputSize = origin {
        assumption =
          "does not say how \(kind.plural) are normalized; their values are used as they are, and "
          + "--mean and --std change that"
      }
    } else if !chosen.takesPictures {
      loaded.notes.append(
        "takes \(input[0]) channels, which no picture has; arrays are used as they are")
    } else if case .inputSize = origin, preprocess == nil {
      assumption =
        "does not say how pictures are preprocessed; '--preprocess \(preset.rawValue)' is assumed "
        + "from the input's size"
    }
    if case .shorterSide(let side) = chosen.resize, kind == .picture, side < max(input[1], input[2])
    {
      loaded.notes.append(
        "pictures are resized to \(side) pixels, less than the input's \(input[1])×\(input[2]): "
          + "the margin is black")
    }
    loaded.setMetadata(chosen, for: Checkpoint.Key.preprocessing)
    return PreparedCheckpoint(
      checkpoint: loaded, preprocessing: chosen, origin: origin, assumption: assumption,
      warnings: loaded.warnings + [chosen.conflict(with: loaded.network)].compactMap(\.self))
  }

  /// What the checkpoint, a file beside it or the graph says; nil if none does.
  private func knownPreprocessing(
    of loaded: inout Checkpoint
  ) throws -> (preprocessing: Preprocessing, origin: PreprocessingOrigin)? {
    let input = loaded.network.graph.inputShape.extents
    if let kept = try loaded.metadata(Preprocessing.self, for: Checkpoint.Key.preprocessing) {
      return (kept, .checkpoint)
    }
    if let beside = try preprocessingBeside() {
      loaded.notes.append("the preprocessing is taken from \(beside.path)")
      return (beside.preprocessing, .beside(beside.path))
    }
    guard preprocess?.preset == nil else { return nil }
    if loaded.takesIntegers {
      let kind = ExampleKind(input: input) ?? .picture
      let use = kind == .picture ? "given to it as 0…255" : "used as they are"
      loaded.notes.append("takes integers: \(kind.plural) are \(use)")
      return (Preprocessing(input: input, scale: 1), .integers)
    }
    guard ExampleKind(input: input) == .picture, let own = loaded.network.ownPreprocessing,
      let range = own.range
    else { return nil }
    loaded.notes.append(
      "preprocesses its pictures itself (\(own.words)): they are given to it as \(range.words)")
    // Cropped as is usual for the size of the input.
    let usual = Preprocessing(.usual(for: input), input: input)
    return (
      Preprocessing(
        input: input, resize: usual.resize, centering: usual.centering,
        scale: range == .pixels ? 1 : 1 / 255), .graph
    )
  }

  private func nameClasses(of loaded: inout Checkpoint) throws {
    let count = loaded.network.classCount
    if let classNames {
      if case .none = kindOfFile(classNames), let known = knownClassNames[classNames] {
        guard known.count == count else {
          throw UsageError(
            "--class-names: \(classNames) has \(known.count) classes, and the network \(count)")
        }
        loaded.classNames = known
      } else {
        loaded.classNames = try readClassNames(classNames, count: count)
      }
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
