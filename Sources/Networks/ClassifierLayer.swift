internal import Kernels
internal import TensorCore

/// The last layer with weights before the class scores, each of whose rows belongs to a class.
public struct ClassifierLayer: Sendable, Hashable {
  /// A parameter with an axis along which the classes lie.
  public struct Part: Sendable, Hashable {
    /// What it is for a class that is new.
    enum Fresh: Sendable, Hashable {
      case weights
      case constant(Float)
    }

    public let parameter: String
    /// The axis of the classes.
    public let axis: Int
    let fresh: Fresh
  }

  public let node: String
  public let classes: Int
  public let parts: [Part]

  public var parameters: Set<String> { Set(parts.map(\.parameter)) }
}

extension Network {
  /// The layer that a network for other classes replaces, with what is added to its output or
  /// normalizes it.
  ///
  /// - Throws: `GraphError` if the scores are not those of a single convolution or linear layer, at
  ///   the node that is something else.
  public func classifier() throws(GraphError) -> ClassifierLayer {
    var parts: [ClassifierLayer.Part] = []
    var name = graph.scoreName
    while let node = graph[name] {
      if let found = try classes(of: node, with: &parts) { return found }
      let variable = node.inputs.filter { dependsOnPictures($0) }
      guard variable.count == 1, graph[variable[0]] != nil,
        node.parameters.isEmpty || node.operation is BatchNormalization
      else { break }
      name = variable[0]
    }
    throw GraphError(
      node: name,
      reason: "the class scores come from \(graph[name]?.operation.kind ?? "the pictures"), not "
        + "from one convolution or linear layer that could be replaced")
  }

  /// - Parameter parts: Those of the nodes after this one, to which its own are added.
  /// - Returns: The classifier, if the node is the layer itself.
  private func classes(
    of node: Graph.Node, with parts: inout [ClassifierLayer.Part]
  ) throws(GraphError) -> ClassifierLayer? {
    func shape(_ parameter: String) -> Shape { parameters[parameter]?.shape ?? [] }
    func add(_ parameter: String, _ axis: Int, _ fresh: ClassifierLayer.Part.Fresh) {
      parts.append(.init(parameter: parameter, axis: axis, fresh: fresh))
    }
    let constants = node.inputs.compactMap { graph[$0] }.filter { $0.operation is Constant }
    switch node.operation {
    case is Linear, is Convolution:
      add(node.parameters[0], 0, .weights)
      for bias in node.parameters.dropFirst() { add(bias, 0, .constant(0)) }
    case is MatrixProduct where constants.count == 1:
      let matrix = constants[0].parameters[0]
      guard node.inputs.last == constants[0].name, shape(matrix).rank > 1 else { return nil }
      add(matrix, shape(matrix).rank - 1, .weights)
    case is BatchNormalization:
      for (parameter, value) in zip(node.parameters, [1, 0, 0, 1] as [Float]) {
        add(parameter, 0, .constant(value))
      }
      return nil
    case let arithmetic as Arithmetic where constants.count == 1:
      let vector = constants[0].parameters[0]
      let axis = shape(vector).extents.firstIndex(of: classCount)
      if let axis, shape(vector).elementCount == classCount, classCount > 1 {
        add(vector, axis, .constant(arithmetic.function == .add ? 0 : 1))
      }
      return nil
    default: return nil
    }
    guard let last = parts.last(where: { $0.fresh == .weights }),
      shape(last.parameter)[last.axis] == classCount,
      parts.allSatisfy({ shape($0.parameter)[$0.axis] == classCount })
    else {
      throw GraphError(
        node: node.name,
        reason: "expected a classifier with an output for each of the \(classCount) class scores")
    }
    return ClassifierLayer(node: node.name, classes: classCount, parts: parts)
  }

  /// The same network for other classes: its classifier keeps some rows and has fresh ones for the
  /// other classes, whose biases are 0.
  ///
  /// - Parameters:
  ///   - rows: For each new class, the old one whose row it keeps; nil for a fresh row.
  ///   - initialization: Of fresh rows; `paper` is He's.
  /// - Throws: `GraphError` if the network has no such layer, or a later node only works with as many
  ///   classes as before.
  public func classifying(
    _ rows: [Int?], initialization: Initialization, seed: UInt64
  ) throws(GraphError) -> Network {
    let classifier = try classifier()
    var changed = parameters
    for (position, part) in classifier.parts.enumerated() {
      guard let old = parameters[part.parameter] else { continue }
      var generator = SeededGenerator(seed: seed, path: position)
      changed[part.parameter] = part.resized(old, rows, initialization, &generator)
    }
    let graph = try graph.reshaping(
      after: classifier.node, from: classifier.classes, to: rows.count)
    return try Network(graph: graph, parameters: changed, precision: precision)
  }
}

extension ClassifierLayer.Part {
  fileprivate func resized(
    _ old: Tensor, _ rows: [Int?], _ initialization: Initialization,
    _ generator: inout SeededGenerator
  ) -> Tensor {
    var extents = old.shape.extents
    extents[axis] = rows.count
    let fresh = freshValues(Shape(extents), initialization, &generator)
    let inner = extents[(axis + 1)...].reduce(1, *)
    let outer = extents[..<axis].reduce(1, *)
    let source = old.arranged(as: .rowMajor)
    return source.withUnsafeElements { source in
      fresh.withUnsafeElements { fresh in
        Tensor(shape: Shape(extents)) { target in
          _ = target.initialize(fromContentsOf: fresh)
          for block in 0..<outer {
            for (row, origin) in rows.enumerated() {
              guard let origin else { continue }
              let (to, from) = (
                (block * rows.count + row) * inner, (block * old.shape[axis] + origin) * inner
              )
              for index in 0..<inner { target[to + index] = source[from + index] }
            }
          }
        }
      }
    }
  }

  private func freshValues(
    _ shape: Shape, _ initialization: Initialization, _ generator: inout SeededGenerator
  ) -> Tensor {
    switch fresh {
    case .constant(let value): return Tensor(shape: shape, repeating: value)
    case .weights where axis == 0:
      return ParameterStart.weights.tensor(shape, initialization, &generator)
    case .weights:
      return ParameterStart.weightsOfMatrix.tensor(shape, initialization, &generator)
    }
  }
}

extension Graph {
  /// The graph with another number of classes wherever a node after the classifier spells it out.
  fileprivate func reshaping(
    after name: String, from old: Int, to new: Int
  ) throws(GraphError) -> Graph {
    let later = Set(descendants(of: name).map(\.name))
    let changed = nodes.map { node -> Node in
      guard later.contains(node.name), let reshape = node.operation as? Reshape,
        let position = reshape.extents.firstIndex(of: old),
        position == reshape.extents.lastIndex(of: old)
      else { return node }
      var extents = reshape.extents
      extents[position] = new
      return Node(node.name, Reshape(extents), inputs: node.inputs, parameters: node.parameters)
    }
    return try Graph(inputShape: inputShape, batch: batch, changed, aliases: aliases)
  }

  /// The graph with another rate of dropout in all its nodes of that kind.
  public func droppingOut(_ rate: Float) throws(GraphError) -> Graph {
    try Graph(
      inputShape: inputShape, batch: batch,
      nodes.map { node in
        node.operation is Dropout
          ? Node(node.name, Dropout(rate), inputs: node.inputs, parameters: node.parameters) : node
      }, aliases: aliases)
  }
}
