internal import Kernels
public import TensorCore

/// How a signal crosses one node on its way from output to input.
///
/// The plain gradient is one rule among several; guided backpropagation and deconvnet are
/// others. Rules see a node and what it reads, and never change an operation.
public protocol BackwardRule: Sendable {
  /// - Returns: One signal per input of the node, each of that input's shape.
  func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor]
}

/// The place where a rule acts: one node of one recorded run.
public struct BackwardSite: Sendable {
  public let node: Graph.Node
  public let evaluation: Evaluation
  public let parameters: [Tensor]
  /// The nodes that this one reads; nil for the pictures themselves.
  public let origins: [Graph.Node?]
  /// Whether each input depends on the pictures; what does not is part of the network.
  public let isVariable: [Bool]

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
    rerun(inputs: inputs, weights: modify, bias: modify)
  }

  /// The same, where the bias changes in another way than the weights.
  ///
  /// - Parameters:
  ///   - weights: Changes the first parameter.
  ///   - bias: Changes the others.
  /// - Precondition: The recording kept everything.
  public func rerun(
    inputs: (Tensor) -> Tensor = { $0 }, weights: (Tensor) -> Tensor, bias: (Tensor) -> Tensor
  ) -> BackwardSite {
    let parameters = parameters.enumerated().map { $0 == 0 ? weights($1) : bias($1) }
    return rerun(on: evaluation.keptInputs.map(inputs), parameters: parameters)
  }

  /// The same on other inputs of the same shapes.
  func rerun(on inputs: [Tensor], parameters: [Tensor]) -> BackwardSite {
    var evaluation = node.operation.evaluate(inputs, parameters: parameters, mode: .inference)
    evaluation.inputs = inputs
    return BackwardSite(
      node: node, evaluation: evaluation, parameters: parameters, origins: origins,
      isVariable: isVariable)
  }
}

/// Chooses a rule for each node. The first entry that matches wins; the plain derivative where
/// none does.
///
///     RuleBook([
///       .init(.isFirst(among: .type(Convolution.self)), FlatRelevance()),
///       .init(.type(Convolution.self) && !.named("head.*"), GammaRelevance()),
///       .init(.type(Linear.self), EpsilonRelevance()),
///     ])
public struct RuleBook: Sendable {
  public struct Entry: Sendable {
    public let predicate: NodePredicate
    public let rule: any BackwardRule

    public init(_ predicate: NodePredicate, _ rule: some BackwardRule) {
      (self.predicate, self.rule) = (predicate, rule)
    }
  }

  public let entries: [Entry]

  public init(_ entries: [Entry] = []) { self.entries = entries }

  public init(_ entries: Entry...) { self.entries = entries }

  /// The rule of a node of a graph.
  public func rule(for node: Graph.Node, in graph: Graph) -> any BackwardRule {
    entries.first { $0.predicate.matches(node, in: graph) }?.rule ?? PlainGradient()
  }
}

extension RuleBook.Entry {
  public static func on<O: Operation>(_ type: O.Type, _ rule: some BackwardRule) -> Self {
    Self(.type(type), rule)
  }

  public static func at(_ name: String, _ rule: some BackwardRule) -> Self {
    Self(NodePredicate { node, _ in node.name == name }, rule)
  }

  /// On every ReLU, with or without an upper bound, and on every quantization that may be one,
  /// which only its zero point decides (`BackwardSite.isRectifier`).
  public static func onRectifiers(_ rule: some BackwardRule) -> Self {
    Self(.isRectifier || .isQuantizedSum, rule)
  }
}

extension RuleBook {
  /// The derivative: a ReLU passes the gradient back if its input was positive.
  public static let gradient = RuleBook()

  /// Springenberg et al. (2015), section 3.4: a ReLU passes the signal back if both its
  /// input and the signal are positive.
  public static let guidedBackpropagation = RuleBook(.onRectifiers(GuidedReLU()))

  /// Zeiler and Fergus (2014), section 2.1: a ReLU passes the signal back if it is
  /// positive, whatever its input was; pools unpool by their switches, filters are transposed.
  ///
  /// Departs from the paper in nodes that it does not name: normalizations and additions
  /// propagate back by their derivatives.
  public static let deconvnet = RuleBook(.onRectifiers(DeconvnetReLU()))
}
