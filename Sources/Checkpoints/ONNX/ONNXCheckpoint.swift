public import Files
internal import Networks
public import TensorCore

extension Checkpoint {
  /// The key of the metadata under which the program that wrote an ONNX file is kept.
  static let producerKey = "onnx.producer"
  /// The key under which stands what the inputs were given that take no pictures.
  static let constantsKey = "onnx.constants"

  /// Builds the network of an ONNX model.
  ///
  /// - Parameters:
  ///   - input: `[C, H, W]`, for a file that leaves it open.
  ///   - constants: For the inputs that take no pictures, by name.
  /// - Throws: `FileError` of kind `.malformed` that names the node and the reason, also where
  ///   the model takes no pictures.
  public static func load(
    _ model: ONNXModel, input: Shape? = nil, constants: [String: InputConstant] = [:]
  ) throws(FileError) -> Checkpoint {
    let built = try model.network(
      inputShape: input, batch: 1, known: model.known(constants), output: nil)
    let (graph, shapes) = (built.network.graph, built.network.shapes)
    guard graph.inputShape.rank == 3, !graph.inputShape.extents.contains(0) else {
      throw FileError(
        .malformed, model.path,
        "expected pictures [N, C, H, W] as the input, found \(Shape([1] + graph.inputShape.extents))"
      )
    }
    // Exporters merge inputs that were the same tensor, so that one of them is read by nothing.
    guard graph.nodes.contains(where: { $0.inputs.contains(Graph.inputName) }) else {
      throw FileError(
        .malformed, model.path,
        "expected an output that depends on the pictures, found \(quoted(graph.outputName))"
          + (constants.isEmpty ? "" : "; which input is given a constant?"))
    }
    guard let output = shapes[graph.outputName], output.rank > 1, output.elementCount > 0 else {
      throw FileError(
        .malformed, model.path,
        "expected an output for every picture, found \(shapes[graph.outputName] ?? [])")
    }
    var metadata = model.metadata
    if !model.producer.isEmpty { metadata[producerKey] = model.producer }
    if !constants.isEmpty {
      metadata[constantsKey] = Checkpoint.json(constants.mapValues(\.words))
    }
    var checkpoint = Checkpoint(
      built.network, design: nil, metadata: metadata, path: model.path)
    checkpoint.notes = built.notes
    checkpoint.classNames = try checkpoint.metadata([String].self, for: Key.classNames) ?? []
    let (names, classes) = (checkpoint.classNames.count, built.network.classCount)
    guard names == 0 || names == classes else {
      throw FileError(.malformed, model.path, "expected \(classes) class names, found \(names)")
    }
    for key in [Key.design, Key.graph, Key.classNames] { checkpoint.metadata[key] = nil }
    return checkpoint
  }
}
