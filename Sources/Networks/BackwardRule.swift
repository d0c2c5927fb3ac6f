internal import Kernels
public import TensorCore

/// How a signal crosses one node on its way from output to input.
///
/// The plain gradient is one rule among several; guided backpropagation and deconvnet are
/// others. Rules never see the graph and never change an operation.
public protocol BackwardRule: Sendable {
  /// - Returns: One signal per input of the node, each of that input's shape.
  func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor]
}

/// The place where a rule acts: one node of one recorded run.
public struct BackwardSite: Sendable {
  public let node: Graph.Node
  public let evaluation: Evaluation
  public let parameters: [Tensor]

  /// The node's true gradient.
  public func gradient(_ signal: consuming Tensor) -> [Tensor] {
    node.operation.pullback(consume signal, through: evaluation, parameters: parameters)
  }

  /// The same node as it would have run on other inputs or weights.
  ///
  /// - Precondition: The recording kept everything.
  public func rerun(
    inputs: (Tensor) -> Tensor = { $0 }, parameters modify: (Tensor) -> Tensor = { $0 }
  ) -> BackwardSite {
    let parameters = parameters.map(modify)
    let inputs = evaluation.keptInputs.map(inputs)
    var evaluation = node.operation.evaluate(inputs, parameters: parameters, mode: .inference)
    evaluation.inputs = inputs
    return BackwardSite(node: node, evaluation: evaluation, parameters: parameters)
  }
}

/// Chooses a rule for each node. The first entry that matches wins; the plain derivative where
/// none does.
public struct RuleBook: Sendable {
  public struct Entry: Sendable {
    let matches: @Sendable (Graph.Node) -> Bool
    let rule: any BackwardRule
  }

  let entries: [Entry]

  public init(_ entries: Entry...) { self.entries = entries }

  func rule(for node: Graph.Node) -> any BackwardRule {
    entries.first { $0.matches(node) }?.rule ?? PlainGradient()
  }
}

extension RuleBook.Entry {
  public static func on<O: Operation>(_ type: O.Type, _ rule: some BackwardRule) -> Self {
    Self(matches: { $0.operation is O }, rule: rule)
  }

  public static func at(_ name: String, _ rule: some BackwardRule) -> Self {
    Self(matches: { $0.name == name }, rule: rule)
  }

  /// On every ReLU, with or without an upper bound.
  public static func onRectifiers(_ rule: some BackwardRule) -> Self {
    Self(matches: { ($0.operation as? Activation)?.function.isRectifier == true }, rule: rule)
  }
}

extension Network {
  /// Whether there is a node at which guided backpropagation and deconvnet differ from the gradient.
  public var hasRectifiers: Bool {
    graph.nodes.contains { ($0.operation as? Activation)?.function.isRectifier == true }
  }
}

extension RuleBook {
  /// The derivative: a ReLU passes where its input was positive.
  public static let gradient = RuleBook()

  /// Springenberg et al. (2015), section 3.4: a ReLU passes where its input was positive and
  /// the signal is.
  public static let guidedBackpropagation = RuleBook(.onRectifiers(GuidedReLU()))

  /// Zeiler and Fergus (2014), section 2.1: a ReLU passes where the signal is positive, whatever
  /// its input was; pools put back by their switches, filters are transposed.
  ///
  /// Departs from the paper in nodes that it does not name: normalizations and additions carry
  /// their derivative back.
  public static let deconvnet = RuleBook(.onRectifiers(DeconvnetReLU()))
}
