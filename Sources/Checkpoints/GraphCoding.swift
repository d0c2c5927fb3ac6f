internal import Foundation
internal import Networks
internal import TensorCore

/// A graph as text: what a checkpoint stores for a network that is not a named architecture.
///
/// Operations are encoded by their type names with their hyperparameters, so that later versions
/// can read a file as long as the names stay the same.
struct CodedGraph: Codable {
  struct Node: Codable {
    let name: String
    let operation: any Networks.Operation
    let inputs: [String]
    let parameters: [String]

    private enum Key: String, CodingKey { case name, operation, options, inputs, parameters }

    init(_ node: Graph.Node) {
      (name, operation) = (node.name, node.operation)
      (inputs, parameters) = (node.inputs, node.parameters)
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      name = try container.decode(String.self, forKey: .name)
      inputs = try container.decode([String].self, forKey: .inputs)
      parameters = try container.decodeIfPresent([String].self, forKey: .parameters) ?? []
      let kind = try container.decode(String.self, forKey: .operation)
      guard let type = operationTypes.first(where: { String(describing: $0) == kind }) else {
        throw DecodingError.dataCorruptedError(
          forKey: .operation, in: container,
          debugDescription: "node \(quoted(name)) has the unknown operation \(quoted(kind))")
      }
      operation = try type.init(from: container.superDecoder(forKey: .options))
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(name, forKey: .name)
      try container.encode(inputs, forKey: .inputs)
      if !parameters.isEmpty { try container.encode(parameters, forKey: .parameters) }
      try container.encode(String(describing: type(of: operation)), forKey: .operation)
      try operation.encode(to: container.superEncoder(forKey: .options))
    }
  }

  /// `[C, H, W]`.
  let input: [Int]
  let nodes: [Node]
  let aliases: [String: String]

  init(_ graph: Graph) {
    input = graph.inputShape.extents
    nodes = graph.nodes.map(Node.init)
    aliases = graph.aliases
  }

  /// - Throws: `GraphError` if the nodes are inconsistent.
  func graph() throws(GraphError) -> Graph {
    // Beyond these limits, the size of a layer may overflow.
    guard (1...4).contains(input.count), input.allSatisfy({ 1...(1 << 16) ~= $0 }) else {
      throw GraphError(
        node: Graph.inputName,
        reason: "expected up to four extents from 1 to \(1 << 16), found \(input)")
    }
    return try Graph(
      inputShape: Shape(input),
      nodes.map {
        Graph.Node($0.name, $0.operation, inputs: $0.inputs, parameters: $0.parameters)
      }, aliases: aliases)
  }
}
