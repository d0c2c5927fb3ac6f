internal import Kernels

/// A question about a node and its place in the graph, with a yes or no.
public struct NodePredicate: Sendable {
  private let answer: @Sendable (Graph.Node, Graph) -> Bool

  public init(_ answer: @escaping @Sendable (Graph.Node, Graph) -> Bool) { self.answer = answer }

  public func matches(_ node: Graph.Node, in graph: Graph) -> Bool { answer(node, graph) }

  public static let all = NodePredicate { _, _ in true }

  public static func type<O: Operation>(_ type: O.Type) -> Self {
    Self { node, _ in node.operation is O }
  }

  /// - Parameter fits: Asked of operations of the type.
  public static func type<O: Operation>(
    _ type: O.Type, where fits: @escaping @Sendable (O) -> Bool
  ) -> Self {
    Self { node, _ in (node.operation as? O).map(fits) ?? false }
  }

  /// - Parameter pattern: A name, with `*` for any characters and `?` for one.
  public static func named(_ pattern: String) -> Self {
    Self { node, _ in Networks.matches(node.name, pattern) }
  }

  /// A ReLU, with or without an upper bound.
  public static let isRectifier = type(Activation.self) { $0.function.isRectifier }

  /// A layer with learned weights: a convolution, its transpose, or one without shared filters; a
  /// linear layer.
  public static let isConvolution =
    type(Convolution.self) || type(ConvolutionTranspose.self) || type(LocallyConnected.self)
  public static let isDense = type(Linear.self)

  /// No other such node lies between it and the pictures. If several branches read the pictures,
  /// each has a first node.
  public static func isFirst(among candidates: NodePredicate) -> Self {
    Self { node, graph in
      candidates.matches(node, in: graph)
        && !graph.ancestors(of: node.name).contains { candidates.matches($0, in: graph) }
    }
  }

  /// No other such node comes after it.
  public static func isLast(among candidates: NodePredicate) -> Self {
    Self { node, graph in
      candidates.matches(node, in: graph)
        && !graph.descendants(of: node.name).contains { candidates.matches($0, in: graph) }
    }
  }

  /// What reads it is a pool, if need be after activations, normalizations and dropout.
  public static let isBeforePooling = Self { node, graph in
    var current = node.name
    while true {
      let readers = graph.consumers(of: current)
      if readers.contains(where: \.operation.isPool) { return true }
      guard readers.count == 1, readers[0].operation.keepsPositions else { return false }
      current = readers[0].name
    }
  }

  public static func && (a: Self, b: Self) -> Self {
    Self { a.matches($0, in: $1) && b.matches($0, in: $1) }
  }

  public static func || (a: Self, b: Self) -> Self {
    Self { a.matches($0, in: $1) || b.matches($0, in: $1) }
  }

  public static prefix func ! (a: Self) -> Self { Self { !a.matches($0, in: $1) } }
}

extension Operation {
  /// Whether learned filters give the maps: of a convolution, or of a locally connected layer.
  package var hasWindowedFilters: Bool { self is Convolution || self is LocallyConnected }

  fileprivate var isPool: Bool {
    self is MaxPool || self is AveragePool || self is AdaptiveAveragePool || self is GlobalPool
      || self is LpPool
  }

  fileprivate var keepsPositions: Bool {
    self is Activation || self is PReLU || self is BatchNormalization || self is Dropout
      || self is LocalResponseNormalization
  }
}

extension Graph {
  /// The nodes that a node depends on, without itself.
  package func ancestors(of name: String) -> [Node] {
    var (found, seen): ([Node], Set<String>) = ([], [])
    var waiting = self[name]?.inputs ?? []
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted, let node = self[next] else { continue }
      found.append(node)
      waiting += node.inputs
    }
    return found
  }

  /// The nodes that depend on a node, without itself, in the order they run.
  package func descendants(of name: String) -> [Node] {
    var reached: Set<String> = [name]
    return nodes.filter { node in
      guard node.inputs.contains(where: reached.contains) else { return false }
      reached.insert(node.name)
      return true
    }
  }
}
