public import Files
internal import Networks
public import TensorCore

extension Checkpoint {
  /// The metadata key for the program that wrote an ONNX file.
  static let producerKey = "onnx.producer"
  /// The metadata key for the values of inputs that do not take pictures.
  static let constantsKey = "onnx.constants"

  /// Builds the network of an ONNX model.
  ///
  /// - Parameters:
  ///   - input: `[C, H, W]`, for a file that leaves it open.
  ///   - constants: For the inputs that do not take pictures, by name.
  /// - Throws: `FileError` of kind `.malformed` that names the node and the reason, also if the
  ///   model takes no pictures.
  public static func load(
    _ model: ONNXModel, input: Shape? = nil, constants: [String: InputConstant] = [:],
    head: String? = nil, memory: MemoryBudget = .ofMachine()
  ) throws(FileError) -> Checkpoint {
    if let head, !model.outputs.contains(head) {
      throw FileError(
        .malformed, model.path,
        "has no output \(quoted(head)); it has \(firstOf(model.outputs.map(quoted)))")
    }
    let built = try model.network(
      inputShape: input, batch: nil, known: model.known(constants), output: head,
      memory: memory)
    // Exporters merge inputs that were the same tensor, so that one of them is never read.
    let output = built.network.graph.outputName
    guard built.network.dependsOnPictures(output) else {
      throw FileError(
        .malformed, model.path,
        "expected an output that depends on the pictures, found \(quoted(output))"
          + (constants.isEmpty ? "" : "; which input is given a constant?"))
    }
    try refuseWithoutPictures(built.network, model.path)
    var metadata = model.metadata
    if !model.producer.isEmpty { metadata[producerKey] = model.producer }
    if !constants.isEmpty {
      metadata[constantsKey] = Checkpoint.json(constants.mapValues(\.words))
    }
    var checkpoint = Checkpoint(
      built.network, design: nil, metadata: metadata, path: model.path)
    checkpoint.takesIntegers = built.takesIntegers
    checkpoint.takesChannelsLast = built.takesChannelsLast
    checkpoint.notes = built.notes + batchNotes(built.network)
    checkpoint.classNames = try checkpoint.metadata([String].self, for: Key.classNames) ?? []
    let (names, classes) = (checkpoint.classNames.count, built.network.classCount)
    guard names == 0 || names == classes else {
      throw FileError(.malformed, model.path, "expected \(classes) class names, found \(names)")
    }
    for key in [Key.design, Key.graph, Key.classNames] { checkpoint.metadata[key] = nil }
    return checkpoint
  }
}
