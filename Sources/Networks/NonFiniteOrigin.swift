public import TensorCore

/// The node at which a run's numbers stop being finite.
public struct NonFiniteOrigin: Sendable, Hashable, CustomStringConvertible {
  public let node: String
  /// The usual name of its operation.
  public let kind: String
  /// How many of its values are NaN or infinite, and how many there are.
  public let count: Int
  public let total: Int
  /// Its parameters that are not finite themselves.
  public let parameters: [String]

  public var description: String {
    let cause =
      parameters.isEmpty
      ? "" : ", with weights '\(parameters.joined(separator: "', '"))' that are not"
    return "\(count) of \(total) values of '\(node)' (\(kind)) are not finite\(cause)"
  }
}

extension Network {
  /// The node where the non-finite values in a node's output originate.
  ///
  /// Goes back from the node as long as an input is not finite either. Values that were not finite
  /// but did no harm, such as a mask of −∞ before a softmax, are thus ignored.
  ///
  /// - Parameter picture: `[1, C, H, W]`. Runs once and keeps everything.
  /// - Returns: Nil if the output is finite.
  public func nonFiniteOrigin(of node: String, for picture: Tensor) -> NonFiniteOrigin? {
    let recording = record(
      picture, keeping: .only(graph.nodes.map(\.name)), through: node)
    guard var current = graph[node], !recording[current.name].isFinite else { return nil }
    while let earlier = current.inputs.lazy.compactMap({ self.graph[$0] }).first(where: {
      !($0.operation is Constant) && !recording[$0.name].isFinite
    }) { current = earlier }
    let constants = current.inputs.compactMap { graph[$0] }.filter { $0.operation is Constant }
    let parameters = (current.parameters + constants.flatMap(\.parameters)).filter {
      !(self.parameters[$0]?.isFinite ?? true)
    }
    return NonFiniteOrigin(
      node: current.name, kind: current.operation.kind,
      count: recording[current.name].nonFiniteCount, total: recording[current.name].count,
      parameters: parameters)
  }
}
