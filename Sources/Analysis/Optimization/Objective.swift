public import Networks
public import TensorCore

/// What an optimization raises: a scalar of a recording, for each picture.
///
/// A picture's value depends on that picture alone.
public protocol Objective: Sendable {
  /// The nodes whose outputs it reads; the forward run keeps them.
  var nodes: [String] { get }

  /// One value for each picture.
  func values(in recording: Recording) -> [Float]

  /// Where backward passes start, and with what: the derivative of each picture's value with
  /// respect to its part of a node's output. An objective of several nodes has a signal at each.
  func signals(in recording: Recording) -> [NodeSignal]
}

/// A signal at the output of a node, from which a backward pass starts.
public struct NodeSignal: Sendable {
  public let node: String
  /// Of the shape that a recording gives for the node.
  public let signal: Tensor

  public init(node: String, signal: Tensor) {
    (self.node, self.signal) = (node, signal)
  }
}
