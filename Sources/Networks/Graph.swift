public import TensorCore

/// A network's structure: its nodes in execution order. Contains no weights.
public struct Graph: Sendable {
  public struct Node: Sendable {
    public let name: String
    public let operation: any Operation
    public let inputs: [String]
    public let parameters: [String]

    public init(
      _ name: String, _ operation: any Operation, inputs: [String], parameters: [String] = []
    ) {
      self.name = name
      self.operation = operation
      self.inputs = inputs
      self.parameters = parameters
    }
  }

  /// The name by which nodes read the pictures.
  public static let inputName = "input"

  /// `[C, H, W]`: the pictures for which the network was made.
  public let inputShape: Shape
  /// The number of pictures that the nodes are written for.
  public let batch: Int
  public let nodes: [Node]
  /// Other names that a file uses for a node and by which it can be found.
  public let aliases: [String: String]
  let positions: [String: Int]

  /// - Throws: `GraphError` if a name is used twice or read before it is defined.
  public init(
    inputShape: Shape, batch: Int = 1, _ nodes: [Node], aliases: [String: String] = [:]
  ) throws(GraphError) {
    var positions: [String: Int] = [Self.inputName: -1]
    for (position, node) in nodes.enumerated() {
      for input in node.inputs where positions[input] == nil {
        throw GraphError(
          node: node.name, reason: "reads '\(input)', which no earlier node produces")
      }
      guard positions.updateValue(position, forKey: node.name) == nil else {
        throw GraphError(node: node.name, reason: "the name is taken")
      }
    }
    guard !nodes.isEmpty else {
      throw GraphError(node: Self.inputName, reason: "no node follows the input")
    }
    self.inputShape = inputShape
    self.batch = batch
    self.nodes = nodes
    self.aliases = aliases
    self.positions = positions
  }

  /// The node with a name, or with an alias.
  public subscript(name: String) -> Node? {
    (positions[name] ?? aliases[name].flatMap { positions[$0] }).flatMap {
      $0 < 0 ? nil : nodes[$0]
    }
  }

  /// The last node.
  public var outputName: String { nodes.last?.name ?? Self.inputName }

  public func consumers(of name: String) -> [Node] {
    nodes.filter { $0.inputs.contains(name) }
  }
}

/// Why a graph or network is inconsistent.
public struct GraphError: Error, Sendable, Hashable, CustomStringConvertible {
  public let node: String
  public let reason: String

  public init(node: String, reason: String) {
    self.node = node
    self.reason = reason
  }

  public var description: String { "node '\(node)': \(reason)" }
}
