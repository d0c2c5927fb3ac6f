public import Files
public import Networks

/// A network in an ONNX file.
///
/// Opening it reads only the structure; the weights are read when the network is built. Opsets 1 to
/// 22 and IR 1 to 10 are supported (github.com/onnx/onnx, docs/Versioning.md).
public struct ONNXModel: Sendable {
  /// One node as written in the file, whether or not its operator is supported.
  public struct Node: Sendable, Hashable {
    public let name: String
    public let operatorName: String
    /// `ai.onnx` for ONNX's own operators.
    public let domain: String
    public let opset: Int
    /// Names of values; empty for an operand that is omitted.
    public let inputs: [String]
    public let outputs: [String]
  }

  /// An input that the file declares.
  public struct Input: Sendable, Hashable {
    public let name: String
    /// Nil if the file does not specify them; an extent is nil if it may be any.
    public let extents: [Int?]?
    /// Nil if it is not a tensor of numbers.
    public let elementType: ElementType?
  }

  /// A network with notes about how it was imported.
  public struct Import: Sendable {
    public let network: Network
    /// Whether the input is declared as integers, so that pixels are 0…255.
    public let takesIntegers: Bool
    /// Whether the file takes its pictures as `[N, H, W, C]`.
    public let takesChannelsLast: Bool
    public let notes: [String]
  }

  public var path: String { file.path }
  public let nodes: [Node]
  /// Without the initializers that older files list too.
  public let inputs: [Input]
  public let outputs: [String]
  /// The program that wrote the file, with its version.
  public let producer: String
  public let irVersion: Int
  /// The operator set versions, by domain.
  public let opsets: [String: Int]
  /// The file's `metadata_props`.
  public let metadata: [String: String]
  let file: ONNXFile

  /// - Throws: `FileError` of kind `.missing`, or `.malformed` if the file is not an ONNX model.
  public init(_ path: String) throws(FileError) { try self.init(FileBytes(OpenFile(path))) }

  /// - Throws: The same errors as `init(_:)`.
  public init(_ source: FileBytes) throws(FileError) {
    file = try ONNXFile(source)
    let model = file.model
    var opsets: [String: Int] = [:]
    for family in model.opsetImport { opsets[standardName(family.domain)] = family.version }
    self.opsets = opsets
    irVersion = model.irVersion
    producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }
      .joined(separator: " ")
    metadata = Dictionary(
      model.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    nodes = file.graph.node.map { node in
      let domain = standardName(node.domain)
      return Node(
        name: node.name, operatorName: node.opType, domain: domain, opset: opsets[domain] ?? 1,
        inputs: node.input, outputs: node.output)
    }
    let initializers = Set(file.graph.initializer.map(\.name))
    inputs = file.graph.input.filter { !initializers.contains($0.name) }.map(Input.init)
    outputs = file.graph.output.map(\.name)
  }
}

extension ONNXModel.Input {
  init(_ value: ValueInfoProto) {
    let tensor = value.tensorType
    self.init(
      name: value.name,
      // Some exporters write 0 or −1 for a dynamic extent.
      extents: tensor?.shape.map { $0.map { extent in extent.flatMap { $0 > 0 ? $0 : nil } } },
      elementType: tensor.flatMap { ElementType(onnx: $0.elemType) })
  }
}
