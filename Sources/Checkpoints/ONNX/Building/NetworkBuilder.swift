internal import Files
internal import Networks
internal import TensorCore

/// Adds the nodes of a network one by one, and keeps track of their shapes.
struct NetworkBuilder {
  /// The limit on the size of one activation for one picture, more than any real network needs.
  static let greatestActivation = 1 << 28

  /// The number of pictures in the shapes.
  let batch: Int
  private(set) var nodes: [Graph.Node] = []
  private(set) var parameters: [String: Tensor] = [:]
  private var names: Set<String> = [Graph.inputName]
  /// The nodes of known values, by the values' names.
  private var constants: [String: String] = [:]
  /// The network's names for the file's weights.
  private var sharedParameters: [String: String] = [:]
  /// The inputs of transpositions, with the order of their axes.
  private var transpositions: [String: (source: Value, order: [Int])] = [:]
  /// How many more numbers may be computed while building.
  var budget: Budget

  private let greatest: Int

  init(batch: Int, budget: Budget, greatest: Int = greatestActivation) {
    (self.batch, self.budget, self.greatest) = (batch, budget, greatest)
  }

  /// Appends a node.
  ///
  /// - Parameters:
  ///   - name: A number is appended if the name is taken.
  ///   - type: The output's type in the file; nil for that of the first input.
  /// - Throws: `ImportProblem` if the operation cannot take its inputs or parameters.
  mutating func add(
    _ operation: some Operation, _ inputs: [Value], parameters: [KnownParameter] = [],
    name: String, type: ElementType? = nil
  ) throws(ImportProblem) -> Value {
    var sources: [String] = []
    for input in inputs { sources.append(try node(of: input)) }
    var parameterNames: [String] = []
    for parameter in parameters { parameterNames.append(try self.parameter(parameter)) }
    let shape: Shape
    do throws(OperationError) {
      shape = try operation.outputShape(
        for: inputs.map(\.shape), parameters: parameters.map(\.tensor.shape))
    } catch {
      throw ImportProblem(error.description)
    }
    try check(shape)
    let name = unused(name)
    nodes.append(Graph.Node(name, operation, inputs: sources, parameters: parameterNames))
    return .live(
      Value.LiveValue(node: name, shape: shape, type: type ?? inputs.first?.type ?? .float32))
  }

  private func check(_ shape: Shape) throws(ImportProblem) {
    var count = 1
    for extent in shape.extents {
      // An axis of extent 0 must not hide a product that overflows.
      let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow, product / max(batch, 1) <= greatest else {
        throw ImportProblem("its output of \(shape) has more than \(greatest) elements per picture")
      }
      count = product
    }
  }

  /// The node of a value; a known value gets a node of its own.
  private mutating func node(of value: Value) throws(ImportProblem) -> String {
    switch value {
    case .live(let value): return value.node
    case .known(let tensor, let name):
      if let present = constants[name] { return present }
      let constant = try constant(KnownParameter(shared: tensor, name: name))
      constants[name] = constant.node
      return constant.node
    }
  }

  private mutating func constant(
    _ parameter: KnownParameter
  ) throws(ImportProblem) -> Value.LiveValue {
    try check(parameter.tensor.shape)
    let name = unused(parameter.name)
    nodes.append(
      Graph.Node(name, Constant(), inputs: [], parameters: [try self.parameter(parameter)]))
    return Value.LiveValue(
      node: name, shape: parameter.tensor.shape, type: parameter.tensor.type)
  }

  /// A number that has no name in the file, as a node of its own.
  mutating func constant(
    _ tensor: KnownTensor, name: String
  ) throws(ImportProblem) -> Value { .live(try constant(KnownParameter(tensor, name: name))) }

  /// The value as a live one, for operations that need a node.
  mutating func live(_ value: Value) throws(ImportProblem) -> Value.LiveValue {
    Value.LiveValue(node: try node(of: value), shape: value.shape, type: value.type)
  }

  private mutating func parameter(
    _ parameter: KnownParameter
  ) throws(ImportProblem) -> String {
    if parameter.isShared, let present = sharedParameters[parameter.name] { return present }
    var name = parameter.name
    var number = 1
    while parameters[name] != nil {
      name = "\(parameter.name).\(number)"
      number += 1
    }
    try budget.use(numbers: parameter.newNumbers, steps: 0)
    parameters[name] = try parameter.tensor.tensor()
    if parameter.isShared { sharedParameters[parameter.name] = name }
    return name
  }

  /// Permutes the axes; two consecutive permutations become one, or none if they cancel out.
  mutating func transposed(
    _ value: Value, _ order: [Int], name: String
  ) throws(ImportProblem) -> Value {
    var (source, order) = (value, order)
    if case .live(let live) = value, let first = transpositions[live.node] {
      (source, order) = (first.source, order.map { first.order[$0] })
      // A cast in between may have changed the type of the numbers.
      if order == Array(order.indices) { return try source.retyped(value.type) }
    }
    let result = try add(Transpose(order), [source], name: name, type: value.type)
    if case .live(let live) = result { transpositions[live.node] = (source, order) }
    return result
  }

  /// Drops the nodes that `output` does not depend on, and their weights.
  mutating func keepOnly(neededFor output: String) {
    var needed: Set<String> = [output]
    for node in nodes.reversed() where needed.contains(node.name) { needed.formUnion(node.inputs) }
    nodes.removeAll { !needed.contains($0.name) }
    let read = Set(nodes.flatMap(\.parameters))
    parameters = parameters.filter { read.contains($0.key) }
  }

  private mutating func unused(_ name: String) -> String {
    var candidate = name
    var number = 1
    while !names.insert(candidate).inserted {
      candidate = "\(name).\(number)"
      number += 1
    }
    return candidate
  }
}

/// A weight of a node.
struct KnownParameter {
  let name: String
  let tensor: KnownTensor
  /// Whether the name is from the file, so that all nodes that use it share the same numbers.
  let isShared: Bool

  /// Numbers that belong to a single node.
  init(_ tensor: KnownTensor, name: String) {
    (self.tensor, self.name, isShared) = (tensor, name, false)
  }

  init(shared tensor: KnownTensor, name: String) {
    (self.tensor, self.name, isShared) = (tensor, name, true)
  }

  /// How many additional numbers it keeps in memory: those of the file are bounded by its size,
  /// those computed were counted at the time.
  fileprivate var newNumbers: Int {
    if isShared, case .uniform = tensor.content { return tensor.shape.elementCount }
    return isShared ? 0 : tensor.shape.elementCount
  }
}

/// Limits what a small file can make a reader compute and store.
struct Budget {
  private var numbers: Int
  private var steps: Int

  /// - Parameters:
  ///   - fileSize: In bytes; a large model has much to rearrange.
  ///   - memory: Half of it is for numbers that are not in a file: a run keeps weights a second
  ///     time, in the order that its kernels prefer.
  init(fileSize: Int, memory: MemoryBudget) {
    numbers = memory.bytes / 2 / MemoryLayout<Float>.size + min(fileSize, 1 << 40)
    steps = 1 << 28 + 64 * min(fileSize, 1 << 40)
  }

  var greatest: Int { numbers }

  /// - Throws: `ImportProblem` if that is more numbers than may be stored.
  func check(numbers: Int) throws(ImportProblem) {
    guard numbers <= self.numbers else {
      let size = MemoryLayout<Float>.size
      throw ImportProblem(
        "needs \(byteText(numbers.multipliedReportingOverflow(by: size).partialValue)) for "
          + "constants that the file describes but does not contain, more than the "
          + "\(byteText(self.numbers * size)) that remain for them")
    }
  }

  /// - Parameters:
  ///   - numbers: How many are kept afterwards, each the size of a `Float`.
  ///   - steps: How many are read or written.
  /// - Throws: `ImportProblem` if the budget is exceeded.
  mutating func use(numbers: Int, steps: Int) throws(ImportProblem) {
    try check(numbers: numbers)
    let (rest, slower) = self.steps.subtractingReportingOverflow(steps)
    guard !slower, rest >= 0 else {
      throw ImportProblem("its constants are too expensive to compute")
    }
    self.numbers -= numbers
    self.steps = rest
  }
}
