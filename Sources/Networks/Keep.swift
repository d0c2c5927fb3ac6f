/// What a forward run keeps; everything else is freed or reused during the run.
public struct Keep: Sendable, Hashable {
  /// Each keeps what those before it do.
  enum Backward: Int, Sendable { case none, gradient, training, anyRule }

  /// Nil for all.
  let nodes: Set<String>?
  let backward: Backward

  /// Every activation: any rule can run a backward pass over the recording.
  public static let everything = Keep(nodes: nil, backward: .anyRule)

  /// Some nodes' outputs, without a backward pass.
  public static func only(_ nodes: [String]) -> Keep {
    Keep(nodes: Set(nodes), backward: .none)
  }

  /// What rules that only gate the gradient need: plain, guided and deconvnet.
  public static func forGradient(and nodes: [String] = []) -> Keep {
    Keep(nodes: Set(nodes), backward: .gradient)
  }

  /// What the gradients of the parameters need.
  public static let forTraining = Keep(nodes: [], backward: .training)

  /// The same and some nodes' outputs.
  public func and(_ names: [String]) -> Keep {
    Keep(nodes: nodes.map { $0.union(names) }, backward: backward)
  }

  /// What serves both.
  public func union(_ other: Keep) -> Keep {
    let nodes = self.nodes.flatMap { own in other.nodes.map { own.union($0) } }
    let isLess = backward.rawValue < other.backward.rawValue
    return Keep(nodes: nodes, backward: isLess ? other.backward : backward)
  }

  /// Whether a run that keeps this keeps the other too.
  public func covers(_ other: Keep) -> Bool { union(other) == self }

  /// Whether the backward pass through a node reads the node's inputs.
  func holdsInputs(of node: Graph.Node, in mode: Mode) -> Bool {
    backward == .training && !node.parameters.isEmpty || reads(.inputs, of: node, in: mode)
  }

  /// Whether the backward pass through a node reads the node's output.
  func holdsOutput(of node: Graph.Node, in mode: Mode) -> Bool {
    reads(.output, of: node, in: mode)
  }

  private func reads(_ what: PullbackReads, of node: Graph.Node, in mode: Mode) -> Bool {
    switch backward {
    case .none: return false
    case .anyRule: return true
    case .gradient, .training: return node.operation.pullbackReads(in: mode).contains(what)
    }
  }
}
