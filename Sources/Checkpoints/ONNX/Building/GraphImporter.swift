internal import Files
internal import Networks
internal import TensorCore

/// Builds a network from the nodes of an ONNX file, one by one.
struct GraphImporter {
  private let file: ONNXFile
  private let names: NetworkNames
  private var builder: NetworkBuilder
  /// The values computed so far, by the file's own names.
  private var values: [String: Value] = [:]
  private var initializers: [String: TensorProto] = [:]
  /// The network's nodes, by the other names that the file has for them.
  private var aliases: [String: String] = [:]

  /// - Parameter bound: Inputs of the file that are not pictures.
  /// - Throws: `FileError` if a name is given twice.
  init(
    _ file: ONNXFile, pictures: (name: String, value: Value)?, bound: [String: KnownTensor],
    builder: NetworkBuilder
  ) throws(FileError) {
    self.file = file
    self.builder = builder
    names = NetworkNames(file.graph)
    if let pictures { values[pictures.name] = pictures.value }
    for (name, tensor) in bound { values[name] = .known(tensor, name: names[name]) }
    try keep(file.graph.initializer)
  }

  /// The network up to `output`.
  ///
  /// - Throws: `FileError` of kind `.malformed` that names the node and the reason.
  mutating func network(inputShape: Shape, output: String) throws(FileError) -> Network {
    try run(file.graph, outputs: [output])
    let result = try value(output)
    do throws(ImportProblem) {
      try end(with: result, name: names[output])
    } catch {
      throw refusal(error, of: "output \(quoted(output))")
    }
    nameNodes(file.graph)
    let kept = Set(builder.nodes.map(\.name))
    do throws(GraphError) {
      return try Network(
        graph: Graph(
          inputShape: inputShape, batch: builder.batch, builder.nodes,
          aliases: aliases.filter { !kept.contains($0.key) && kept.contains($0.value) }),
        parameters: Parameters(builder.parameters))
    } catch {
      throw malformed(error.description)
    }
  }

  /// Makes the output's node the last one, and drops the nodes that it does not need.
  private mutating func end(with result: Value, name: String) throws(ImportProblem) {
    var output = try builder.live(result)
    if output.node == Graph.inputName {
      guard case .live(let copy) = try builder.add(Dropout(0), [result], name: name) else { return }
      output = copy
    }
    builder.keepOnly(neededFor: output.node)
  }

  // MARK: Nodes

  private mutating func run(
    _ graph: GraphProto, outputs: [String]
  ) throws(FileError) {
    let isGiven = { (name: String) in values[name] != nil || initializers[name] != nil }
    let order = try ExecutionOrder(
      of: graph.node, for: outputs, path: file.path, isGiven: isGiven)
    for position in order.positions { try run(graph.node[position]) }
  }

  private mutating func run(_ node: NodeProto) throws(FileError) {
    if node.opType == "If", isStandard(node) { return try branch(node) }
    var inputs: [Value?] = []
    for name in node.input { inputs.append(name.isEmpty ? nil : try value(name)) }
    let call = OperatorCall(
      kind: node.opType, opset: try opset(of: node),
      attributes: Attributes(node.attribute), inputs: inputs,
      outputs: node.output.map { $0.isEmpty ? nil : names[$0] })
    let results: [Value]
    do throws(ImportProblem) {
      results = try outputs(of: call, node)
    } catch {
      throw refusal(error, of: words(for: node))
    }
    for (position, name) in node.output.enumerated() where !name.isEmpty {
      guard position < results.count else {
        throw malformed("\(words(for: node)): has no output \(position + 1)")
      }
      values[name] = results[position]
    }
  }

  private mutating func outputs(
    of written: OperatorCall, _ node: NodeProto
  ) throws(ImportProblem) -> [Value] {
    var call = written
    if isStandard(node) {
      call = try written.modernized(&builder)
      if let tensors = try ConstantNodes(file: file).tensors(call, budget: &builder.budget) {
        return named(tensors, call)
      }
      if let tensors = try IntegerFolding.fold(call, budget: &builder.budget) {
        return named(tensors, call)
      }
    }
    guard let translate = translation(of: node) else {
      throw ImportProblem(
        "the operator \(quoted(node.opType)) of \(quoted(standardName(node.domain))), "
          + "opset \(call.opset), is not supported")
    }
    guard call.inputs.allSatisfy({ $0?.known != nil || $0 == nil }), !call.inputs.isEmpty else {
      return try translate(call, &builder)
    }
    return named(try OperationFolding.fold(call, translate, budget: &builder.budget), call)
  }

  private func named(_ tensors: [KnownTensor], _ call: OperatorCall) -> [Value] {
    tensors.enumerated().map { position, tensor in
      let name = position < call.outputs.count ? call.outputs[position] : nil
      return .known(tensor, name: name ?? call.name)
    }
  }

  // MARK: Branches

  /// Only the branch that a known condition selects becomes part of the network.
  private mutating func branch(_ node: NodeProto) throws(FileError) {
    let attributes = Attributes(node.attribute)
    guard node.input.count == 1, case .known(let condition, _) = try value(node.input[0]) else {
      throw malformed(
        "\(words(for: node)): expected a constant condition, but it depends on the pictures")
    }
    let isTrue: Bool
    do throws(ImportProblem) {
      isTrue = try condition.integers().first != 0
    } catch {
      throw refusal(error, of: words(for: node))
    }
    guard let body = attributes.graph(isTrue ? "then_branch" : "else_branch"),
      body.output.count >= node.output.count
    else {
      throw malformed("\(words(for: node)): expected two branches with as many outputs")
    }
    try keep(body.initializer)
    try run(body, outputs: body.output.map(\.name))
    for (name, output) in zip(node.output, body.output) where !name.isEmpty {
      values[name] = try value(output.name)
    }
    nameNodes(body)
  }

  // MARK: Names

  private mutating func keep(_ tensors: [TensorProto]) throws(FileError) {
    for tensor in tensors {
      guard values[tensor.name] == nil else {
        throw malformed("the input \(quoted(tensor.name)) is an initialiser too, and bound")
      }
      guard initializers.updateValue(tensor, forKey: tensor.name) == nil else {
        throw malformed("expected every initialiser once, found \(quoted(tensor.name)) twice")
      }
    }
  }

  private mutating func value(_ name: String) throws(FileError) -> Value {
    if let value = values[name] { return value }
    guard let proto = initializers[name] else {
      throw malformed("reads \(quoted(name)), which no node in the file computes")
    }
    let value = Value.known(KnownTensor(try file.tensor(proto)), name: names[name])
    values[name] = value
    return value
  }

  /// Maps the file's own names of nodes and values to the network's nodes.
  private mutating func nameNodes(_ graph: GraphProto) {
    var uses: [String: Int] = [:]
    for node in graph.node { uses[node.name, default: 0] += 1 }
    for node in graph.node {
      for name in node.output {
        if case .live(let value) = values[name] { aliases[name] = value.node }
      }
      guard !node.name.isEmpty, uses[node.name] == 1, aliases[node.name] == nil,
        let output = node.output.first, case .live(let value) = values[output]
      else { continue }
      aliases[node.name] = value.node
    }
  }

  // MARK: Operators

  private func isStandard(_ node: NodeProto) -> Bool { standardName(node.domain) == "ai.onnx" }

  private func translation(of node: NodeProto) -> Translation? {
    translations[standardName(node.domain)]?[node.opType]
  }

  private func opset(of node: NodeProto) throws(FileError) -> Int {
    let domain = standardName(node.domain)
    let version = file.model.opsetImport.first { standardName($0.domain) == domain }?.version
    return version ?? 1
  }

  private func malformed(_ reason: String) -> FileError { FileError(.malformed, file.path, reason) }

  /// A fault in a separate file of weights names that file.
  private func refusal(_ problem: ImportProblem, of place: String) -> FileError {
    if let fault = problem.file, fault.file != file.path { return fault }
    return malformed("\(place): \(problem.reason)")
  }
}

/// ONNX's own operators have an empty domain, or this one.
func standardName(_ domain: String) -> String { domain.isEmpty ? "ai.onnx" : domain }
