public import Files
internal import Networks
public import TensorCore

extension Checkpoint {
  /// Loads a network from a file of any supported format: safetensors (Fovea's own, any other
  /// program's, and the index of several files), PyTorch's state dicts, and ONNX.
  ///
  /// - Parameters:
  ///   - architecture: By name; inferred from the tensors if neither this nor the file specifies
  ///     it.
  ///   - input: `[C, H, W]`, for a file that does not specify it.
  ///   - constants: For the inputs of an ONNX model that do not take pictures, by name.
  ///   - head: Of an ONNX model with several outputs, the one where the network ends; nil for the
  ///     first.
  /// - Throws: `FileError` that names the first parameter that is missing or does not fit, or says
  ///   what the file is instead of a checkpoint.
  public static func load(
    _ path: String, architecture: String? = nil, input: Shape? = nil,
    constants: [String: InputConstant] = [:], head: String? = nil,
    memory: MemoryBudget = .ofMachine()
  ) throws(FileError) -> Checkpoint {
    try load(
      open(path), architecture: architecture, input: input, constants: constants, head: head,
      memory: memory)
  }

  /// Opens a file to load a network from; it keeps track of other files that belong to it.
  ///
  /// - Throws: `FileError` if it cannot be read, or is a folder in another program's format.
  public static func open(_ path: String) throws(FileError) -> FileBytes {
    if case .folder = kindOfFile(path), let foreign = ForeignFormat(folder: path) {
      throw foreign.error(path)
    }
    return FileBytes(try OpenFile(path))
  }

  /// - Throws: The same errors as `load(_:architecture:input:constants:head:memory:)`.
  public static func load(
    _ source: FileBytes, architecture: String? = nil, input: Shape? = nil,
    constants: [String: InputConstant] = [:], head: String? = nil,
    memory: MemoryBudget = .ofMachine()
  ) throws(FileError) -> Checkpoint {
    let format = try CheckpointFormat(of: source)
    if !constants.isEmpty {
      guard case .onnx = format else {
        throw FileError(
          .malformed, source.path,
          "has one input, for pictures; constants are for ONNX models with several")
      }
    }
    if let head {
      guard case .onnx = format else {
        throw FileError(
          .malformed, source.path,
          "names no outputs, so there is no \(quoted(head)); heads are for ONNX models")
      }
    }
    switch format {
    case .safeTensors:
      return try load(SafeTensorsFile(source), architecture: architecture, input: input)
    case .safeTensorsIndex:
      return try load(ShardedSafeTensors(source), architecture: architecture, input: input)
    case .pyTorch:
      let file = try PyTorchFile(source)
      var checkpoint = try load(file, architecture: architecture, input: input)
      if !file.keys.isEmpty {
        let keys = file.keys.map(quoted).joined(separator: ", ")
        checkpoint.notes.insert("the weights are those under \(keys)", at: 0)
      }
      return checkpoint
    case .onnx:
      guard architecture == nil else {
        throw FileError(
          .malformed, source.path,
          "is an ONNX model, which contains its own graph; do not give an architecture")
      }
      return try load(
        ONNXModel(source), input: input, constants: constants, head: head, memory: memory)
    case .foreign(let format): throw format.error(source.path)
    }
  }

  /// Puts weights into the network that they belong to.
  ///
  /// - Throws: The same errors as `load(_:architecture:input:constants:head:memory:)`.
  public static func load(
    _ file: any WeightsFile, architecture: String? = nil, input: Shape? = nil
  ) throws(FileError) -> Checkpoint {
    let design: Design?
    let network: Network
    var notes: [String] = []
    if let graph = try StoredDesign(file).graph() {
      design = nil
      network = try StoredDesign(file).network(graph)
    } else if let stored = try StoredDesign(file).design(expecting: architecture) {
      design = stored
      network = try WeightsFitting(BareWeights(file, names: .own)).network(stored)
    } else {
      let fitting = WeightsFitting(BareWeights(file, names: .wrapped))
      let found = try fitting.design(architecture: architecture, input: input)
      design = found
      network = try fitting.network(found)
      if architecture == nil { notes.append(found.guess) }
    }
    try refuseWithoutPictures(network, file.path)
    notes += batchNotes(network)
    var state: [String: Tensor] = [:]
    for entry in file.entries where isState(entry.name) {
      state[stateName(of: entry.name)] = try file.tensor(entry.name)
    }
    var checkpoint = Checkpoint(
      network, design: design, metadata: file.metadata, state: state, path: file.path)
    checkpoint.notes = notes
    checkpoint.classNames =
      try checkpoint.metadata([String].self, for: Key.classNames) ?? []
    let (names, classes) = (checkpoint.classNames.count, network.classCount)
    guard names == 0 || names == classes else {
      throw FileError(
        .malformed, file.path, "expected \(classes) class names, found \(names)")
    }
    checkpoint.metadata[Key.design] = nil
    checkpoint.metadata[Key.graph] = nil
    checkpoint.metadata[Key.classNames] = nil
    return checkpoint
  }
}

extension Checkpoint.Design {
  /// What to say about an inferred design.
  var guess: String {
    let size = input.map(String.init).joined(separator: "×")
    return "the names and shapes of the weights are those of \(architecture); "
      + "assuming \(classes) classes and an input of \(size)"
  }
}
