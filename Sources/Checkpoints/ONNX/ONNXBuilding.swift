public import Files
internal import Networks
public import TensorCore

extension ONNXModel {
  /// The latest supported version of ONNX's own operators.
  private static let newestOpset = 22

  /// Builds the network up to the first output, or up to another one.
  ///
  /// - Parameters:
  ///   - inputShape: `[C, H, W]`, for extents that the file leaves open.
  ///   - batch: The number of pictures that the nodes are read for; nil for the file's own, or one.
  ///   - bound: Values for inputs that are not pictures, by name.
  ///   - memory: For constants that the file describes but does not contain.
  /// - Throws: `FileError` of kind `.malformed` that names the node and the reason.
  public func network(
    inputShape: Shape? = nil, batch: Int? = nil, binding bound: [String: Tensor] = [:],
    output: String? = nil, memory: MemoryBudget = .ofMachine()
  ) throws(FileError) -> Import {
    var known: [String: KnownTensor] = [:]
    for input in inputs {
      if let tensor = bound[input.name] {
        known[input.name] = KnownTensor(tensor, type: input.elementType ?? .float32)
      }
    }
    return try network(
      inputShape: inputShape, batch: batch, known: known, output: output, memory: memory)
  }

  func network(
    inputShape: Shape?, batch: Int?, known: [String: KnownTensor], output: String?,
    memory: MemoryBudget
  ) throws(FileError) -> Import {
    var notes = try checkVersions()
    guard let output = output ?? outputs.first else {
      throw FileError(.malformed, path, "expected an output, found none")
    }
    if outputs.count > 1, outputs.contains(output) {
      let others = outputs.filter { $0 != output }.map(quoted).joined(separator: ", ")
      notes.append(
        "the network ends with \(quoted(output)), and leaves out \(others); --head NAME changes that"
      )
    }
    let budget = Budget(fileSize: file.source.size, memory: memory)
    guard inputs.count > known.count else {
      // Nothing depends on pictures, so a picture of a single number is enough.
      let builder = NetworkBuilder(batch: 1, budget: budget)
      var importer = try GraphImporter(file, pictures: nil, bound: known, builder: builder)
      return Import(
        network: try importer.network(inputShape: [1], output: output), takesIntegers: false,
        takesChannelsLast: false, notes: notes)
    }
    let pictures = try ONNXPictures(self, bound: Set(known.keys), wanted: inputShape)
    var builder = NetworkBuilder(batch: batch ?? pictures.batch ?? 1, budget: budget)
    let value = try builder.pictures(pictures, path: path)
    var importer = try GraphImporter(
      file, pictures: (pictures.name, value), bound: known, builder: builder)
    return Import(
      network: try importer.network(inputShape: pictures.shape, output: output),
      takesIntegers: pictures.type.integerRange != nil,
      takesChannelsLast: pictures.isChannelsLast, notes: pictures.notes + notes)
  }

  private func checkVersions() throws(FileError) -> [String] {
    // Files of the first two IR versions do not specify it, and mean version 1.
    guard let opset = opsets["ai.onnx"] ?? (irVersion < 3 ? 1 : nil) else {
      throw FileError(.malformed, path, "expected a version of ONNX's operators, found none")
    }
    return opset > Self.newestOpset
      ? ["opset \(opset) is newer than \(Self.newestOpset), the last one known"] : []
  }
}

extension NetworkBuilder {
  /// The pictures in the order that the file expects.
  fileprivate mutating func pictures(
    _ pictures: ONNXPictures, path: String
  ) throws(FileError) -> Value {
    let input = Value.live(
      Value.LiveValue(
        node: Graph.inputName, shape: Shape([batch] + pictures.shape.extents),
        type: pictures.type))
    guard pictures.isChannelsLast else { return input }
    do throws(ImportProblem) {
      return try transposed(input, [0, 2, 3, 1], name: pictures.name)
    } catch {
      throw FileError(.malformed, path, error.reason)
    }
  }
}
