internal import Kernels
internal import TensorCore

extension Blueprint {
  /// The architecture with changes, and what they are, one line each: what was left out or replaced,
  /// and every layer whose weights or maps have another size because of it.
  ///
  /// Readers of a layer that is left out read what the layer read. All other weights keep their
  /// initial distributions.
  ///
  /// - Throws: `ArchitectureChangeError` if a layer does not exist, a change does not apply, or the
  ///   layers no longer fit together.
  public func changed(
    by changes: ArchitectureChanges
  ) throws(ArchitectureChangeError) -> (blueprint: Blueprint, report: [String]) {
    try changes.check()
    var rewriting = try BlueprintRewriting(self, changes)
    return try rewriting.run()
  }
}

/// Builds a graph again, node by node, with changes.
private struct BlueprintRewriting {
  private let old: Blueprint
  private let graph: Graph
  private let changes: ArchitectureChanges
  /// After each node, before the changes.
  private var oldShapes: [String: Shape]
  private let scoreLayer: String
  /// The nodes to leave out.
  private var removed: Set<String> = []
  /// The number of filters or units, by layer.
  private var sizes: [String: Int] = [:]
  /// By how much a convolution's stride is multiplied.
  private var strides: [String: [Int]] = [:]
  private var builder: BlueprintBuilder
  /// The node of the new graph that gives what a node of the old one gave.
  private var places = [Graph.inputName: Graph.inputName]
  private var operations: [String: any Operation] = [:]
  private var report: [String] = []

  init(_ old: Blueprint, _ changes: ArchitectureChanges) throws(ArchitectureChangeError) {
    (self.old, self.changes) = (old, changes)
    graph = old.graph
    oldShapes = [Graph.inputName: Shape([1] + graph.inputShape.extents)]
    for node in graph.nodes {
      oldShapes[node.name] =
        (try? node.operation.outputShape(
          for: node.inputs.compactMap { [oldShapes] in oldShapes[$0] },
          parameters: node.parameters.compactMap { old.parameters[$0]?.shape })) ?? []
    }
    scoreLayer = graph.nodes.last { $0.operation.isLayer }?.name ?? graph.outputName
    builder = BlueprintBuilder(inputShape: graph.inputShape)
    builder.unusedPrefixes = old.unusedPrefixes
  }

  mutating func run() throws(ArchitectureChangeError) -> (blueprint: Blueprint, report: [String]) {
    try planRemoval()
    try planSizes()
    try planPooling()
    try planNormalization()
    for node in graph.nodes { try write(node) }
    try checkEffect()
    do {
      let blueprint = try builder.blueprint()
      reportSizes(blueprint)
      return (blueprint, report)
    } catch {
      throw ArchitectureChangeError("after the changes, \(error)")
    }
  }

  // MARK: Planning

  private func nodes(
    _ key: String, _ pattern: String
  ) throws(ArchitectureChangeError) -> [Graph.Node] {
    let found = graph.nodes.filter { matches($0.name, pattern) }
    guard found.isEmpty else { return found }
    let near = nearestNames(to: pattern, among: graph.nodes.map(\.name))
    let layers = graph.nodes.filter(\.operation.isLayer).map(\.name)
    let advice =
      near.isEmpty
      ? "; its layers are \(layers.prefix(12).joined(separator: ", "))"
        + (layers.count > 12 ? ", …" : "")
      : "; did you mean \(near.joined(separator: " or "))?"
    throw ArchitectureChangeError("\(key): the network has no layer '\(pattern)'\(advice)")
  }

  private mutating func planRemoval() throws(ArchitectureChangeError) {
    for pattern in changes.remove {
      for node in try nodes("remove", pattern) where !removed.contains(node.name) {
        guard node.name != scoreLayer else {
          throw ArchitectureChangeError(
            "remove: '\(node.name)' gives the class scores and cannot be left out")
        }
        guard !(node.operation is Flatten || node.operation is Reshape) else {
          throw ArchitectureChangeError(
            "remove: '\(node.name)' only changes the shape of what the next layers read; name a "
              + "layer instead")
        }
        removed.insert(node.name)
        let companions = node.operation.isLayer ? companions(of: node) : []
        removed.formUnion(companions)
        report.append(
          "\(node.name) is left out"
            + (companions.isEmpty ? "" : ", and with it \(companions.joined(separator: ", "))"))
      }
    }
  }

  /// The nodes after a layer that work on nothing but its output, element by element.
  private func companions(of layer: Graph.Node) -> [String] {
    var (found, current): ([String], String) = ([], layer.name)
    while true {
      let readers = graph.consumers(of: current)
      guard readers.count == 1, readers[0].inputs.count == 1, readers[0].operation.isFinish
      else { return found }
      current = readers[0].name
      found.append(current)
    }
  }

  private mutating func planSizes() throws(ArchitectureChangeError) {
    for (pattern, count) in changes.resize.sorted(by: { $0.key < $1.key }) {
      for node in try nodes("resize", pattern) {
        // A pattern means what can have another size.
        guard node.operation.isLayer, node.name != scoreLayer else {
          if node.name != pattern { continue }
          throw ArchitectureChangeError(
            "resize: '\(node.name)' "
              + (node.name == scoreLayer
                ? "has one unit for each class" : "has no number of filters or units of its own"))
        }
        sizes[node.name] = count
      }
    }
  }

  private mutating func planPooling() throws(ArchitectureChangeError) {
    guard changes.pooling == .stride else { return }
    for node in graph.nodes where !removed.contains(node.name) {
      guard let geometry = node.operation.pooling, geometry.moves.stride.contains(where: { $0 > 1 })
      else { continue }
      var current = node.inputs[0]
      while let before = graph[current], graph.consumers(of: current).count == 1,
        before.operation.isFinish || removed.contains(current)
      { current = before.inputs[0] }
      guard let layer = graph[current], layer.operation.hasWindowedFilters,
        graph.consumers(of: current).count == 1
      else {
        throw ArchitectureChangeError(
          "pooling: no convolution is directly before '\(node.name)' that could take its stride; "
            + "pooling: convolution replaces it")
      }
      let stride = geometry.moves.stride
      strides[layer.name] = zip(strides[layer.name] ?? stride.map { _ in 1 }, stride).map(*)
      removed.insert(node.name)
      report.append(
        "\(node.name) is left out, and its stride of \(text(stride)) is that of \(layer.name)")
    }
  }

  private mutating func planNormalization() throws(ArchitectureChangeError) {
    guard let choice = changes.normalization else { return }
    for node in graph.nodes where node.operation.isNormalization && !removed.contains(node.name) {
      if choice == .batch, node.operation is BatchNormalization { continue }
      removed.insert(node.name)
      report.append("\(node.name) (\(node.operation.kind)) is left out")
    }
  }

  // MARK: Writing

  private mutating func write(_ node: Graph.Node) throws(ArchitectureChangeError) {
    let inputs = node.inputs.map { places[$0] ?? $0 }
    if removed.contains(node.name) {
      guard let only = inputs.first, inputs.allSatisfy({ $0 == only }) else {
        throw ArchitectureChangeError(
          "remove: '\(node.name)' joins \(inputs.joined(separator: " and ")); leave out all but one "
            + "of its branches, too")
      }
      places[node.name] = only
      return
    }
    builder.current = inputs.first ?? Graph.inputName
    switch node.operation {
    case let join as Arithmetic
    where join.function == .add && inputs.count > 1 && Set(inputs).count == 1
      && Set(node.inputs).count > 1:
      report.append("\(node.name) is left out: only one of its branches is left")
      places[node.name] = inputs[0]
    case is Dropout where operations[inputs[0]] is Dropout:
      report.append("\(node.name) is left out: it follows another dropout")
      places[node.name] = inputs[0]
    case is Dropout where changes.dropout != nil:
      let rate = changes.dropout ?? 0
      if rate > 0 { append(node.name, Dropout(Float(rate)), of: inputs) }
      report.append(
        rate > 0 ? "\(node.name): dropout of \(rate)" : "\(node.name) (dropout) is left out")
      places[node.name] = rate > 0 ? node.name : inputs[0]
    case is Activation where changes.activation != nil && !isGate(node),
      is PReLU where changes.activation != nil:
      replaceActivation(node, inputs)
    case let operation where operation.pooling != nil && changes.pooling != nil:
      replacePool(node, inputs)
    default:
      addDropout(before: node)
      try copy(node, builder.current == inputs.first ? inputs : [builder.current])
      addNormalization(after: node)
    }
  }

  private mutating func append(
    _ name: String, _ operation: any Operation, _ parameters: [String] = [], of inputs: [String]
  ) {
    builder.append(name, operation, parameters, of: inputs)
    operations[name] = operation
  }

  /// Whether an activation scales other maps, as in squeeze and excitation.
  private func isGate(_ node: Graph.Node) -> Bool {
    graph.consumers(of: node.name).contains { ($0.operation as? Arithmetic)?.function == .multiply }
  }

  private mutating func replaceActivation(_ node: Graph.Node, _ inputs: [String]) {
    guard let function = changes.activation?.function else {
      report.append("\(node.name) (\(node.operation.kind)) is left out")
      places[node.name] = inputs[0]
      return
    }
    let activation = Activation(function)
    if (node.operation as? Activation)?.function != function {
      report.append("\(node.name): \(activation.kind) instead of \(node.operation.kind)")
    }
    append(node.name, activation, of: inputs)
    places[node.name] = node.name
  }

  private mutating func replacePool(_ node: Graph.Node, _ inputs: [String]) {
    guard let geometry = node.operation.pooling else { return }
    places[node.name] = node.name
    let before = node.operation.kind
    switch changes.pooling {
    case .max: append(node.name, MaxPool(geometry), of: inputs)
    case .average: append(node.name, AveragePool(geometry), of: inputs)
    case .convolution where geometry.moves.stride.contains { $0 > 1 }:
      let channels = builder.shape[1]
      builder.convolution(
        node.name, filters: channels, Convolution(window: geometry.window, moves: geometry.moves))
      let activation = "\(node.name)_activation"
      append(activation, usualActivation, of: [node.name])
      places[node.name] = activation
    default: append(node.name, node.operation, of: inputs)
    }
    let after = operations[node.name]?.kind ?? "convolution"
    if after != before { report.append("\(node.name): \(after) instead of \(before)") }
  }

  /// That of the first hidden layer.
  private var usualActivation: Activation {
    guard changes.activation == nil else {
      return changes.activation?.function.map(Activation.init) ?? .relu
    }
    return graph.nodes.lazy.compactMap { $0.operation as? Activation }.first ?? .relu
  }

  /// In a network without dropout, before each fully connected layer but the first layer.
  private mutating func addDropout(before node: Graph.Node) {
    guard let rate = changes.dropout, rate > 0, node.operation is Linear,
      !graph.nodes.contains(where: { $0.operation is Dropout }),
      node.name != graph.nodes.first(where: { $0.operation.isLayer })?.name
    else { return }
    let name = "\(node.name)_dropout"
    append(name, Dropout(Float(rate)), of: [builder.current])
    report.append("\(name): dropout of \(rate), new")
  }

  private mutating func addNormalization(after node: Graph.Node) {
    guard getsNormalization(node) else { return }
    let name = "\(node.name)_norm"
    builder.batchNormalization(name)
    operations[name] = BatchNormalization()
    places[node.name] = name
    report.append("\(name): batch norm, new")
  }

  private func getsNormalization(_ node: Graph.Node) -> Bool {
    changes.normalization == .batch && node.operation.isLayer && node.name != scoreLayer
      && !graph.nodes.contains { $0.operation is BatchNormalization }
  }

  /// Whether the bias would be without effect, or is needed in place of a norm's.
  private func hasBias(_ node: Graph.Node) -> Bool {
    if getsNormalization(node) { return false }
    let lostNorm =
      changes.normalization == ArchitectureChanges.Normalization.none
      && graph.consumers(of: node.name).contains { $0.operation.isNormalization }
    return node.parameters.count > 1 || lostNorm
  }

  private mutating func copy(
    _ node: Graph.Node, _ inputs: [String]
  ) throws(ArchitectureChangeError) {
    places[node.name] = node.name
    let shape = inputs.first.map { builder.shape(of: $0) } ?? []
    guard node.operation.isLayer,
      let weights = node.parameters.first.flatMap({ old.parameters[$0] })
    else {
      let channels = node.inputs.first.flatMap { oldShapes[$0] }.map { $0.rank > 1 ? $0[1] : 0 }
      for name in node.parameters {
        guard let parameter = old.parameters[name] else { continue }
        // Numbers for each channel, as those of a norm.
        let isPerChannel = parameter.shape.rank == 1 && parameter.shape[0] == channels
        builder.declare(
          name,
          isPerChannel && shape.rank > 1 ? parameter.resized(to: [shape[1]]) : parameter)
      }
      return append(node.name, node.operation, node.parameters, of: inputs)
    }
    let (operation, size) = try adapted(node, weights.shape, to: shape)
    let parameters = [node.parameters[0], "\(node.name).bias"].prefix(hasBias(node) ? 2 : 1)
    builder.declare(parameters[0], weights.resized(to: size))
    if parameters.count > 1 {
      let bias = node.parameters.dropFirst().first.flatMap { old.parameters[$0] }
      let axes = operation is LocallyConnected ? size.rank / 2 : 1
      builder.declare(
        parameters[1],
        (bias ?? Blueprint.Parameter(shape: [], paperStart: .constant(0), start: .constant(0)))
          .resized(to: [size.extents.prefix(axes).reduce(1, *)]))
    }
    append(node.name, operation, Array(parameters), of: inputs)
  }

  /// A layer with weights for what it reads now, and the shape of its weights.
  private mutating func adapted(
    _ node: Graph.Node, _ weights: Shape, to input: Shape
  ) throws(ArchitectureChangeError) -> (operation: any Operation, weights: Shape) {
    switch node.operation {
    case let convolution as Convolution:
      let channels = input[1]
      let oldChannels = weights[1] * convolution.groups
      var (groups, count) = (convolution.groups, sizes[node.name] ?? weights[0])
      if groups > 1, groups == oldChannels {
        // Depthwise: as many filters for each channel as before.
        guard sizes[node.name] == nil else {
          throw ArchitectureChangeError(
            "resize: '\(node.name)' has a filter for each channel that it reads")
        }
        (groups, count) = (channels, weights[0] / oldChannels * channels)
      }
      guard channels % groups == 0, count % groups == 0 else {
        throw ArchitectureChangeError(
          "resize: '\(node.name)' has \(groups) groups, into which neither all of \(channels) "
            + "channels nor of \(count) filters can be divided")
      }
      let operation = Convolution(
        window: convolution.window, moves: moved(convolution.moves, node), groups: groups)
      return (operation, Shape([count, channels / groups] + convolution.window))
    case let local as LocallyConnected:
      let moves = moved(local.moves, node)
      let axes = local.window.count
      let places = moves.outputExtents(input.spatial, window: local.window) ?? local.window
      return (
        LocallyConnected(window: local.window, moves: moves),
        Shape(places + [sizes[node.name] ?? weights[axes], input[1]] + local.window)
      )
    default:
      return (node.operation, [sizes[node.name] ?? weights[0], input[input.rank - 1]])
    }
  }

  private func moved(_ moves: WindowGeometry, _ node: Graph.Node) -> WindowGeometry {
    var moves = moves
    if let factors = strides[node.name] { moves.stride = zip(moves.stride, factors).map(*) }
    return moves
  }

  // MARK: Reporting

  /// A change that changes nothing was meant otherwise.
  private func checkEffect() throws(ArchitectureChangeError) {
    guard report.isEmpty, sizes.isEmpty, !changes.isEmpty else { return }
    throw ArchitectureChangeError("\(changes): there is nothing of that kind to change")
  }

  private mutating func reportSizes(_ new: Blueprint) {
    for node in new.graph.nodes where node.operation.isLayer {
      guard let name = node.parameters.first, let before = old.parameters[name]?.shape,
        let after = new.parameters[name]?.shape
      else { continue }
      let (mapsBefore, mapsAfter) = (
        oldShapes[node.name]?.spatial, builder.shape(of: node.name).spatial
      )
      var facts: [String] = []
      if before != after { facts.append("weights \(text(after)) instead of \(text(before))") }
      if let mapsBefore, mapsBefore != mapsAfter {
        facts.append("maps \(text(mapsAfter)) instead of \(text(mapsBefore))")
      }
      if !facts.isEmpty { report.append("\(node.name): \(facts.joined(separator: ", "))") }
    }
    if old.parameterCount != new.parameterCount {
      report.append("\(new.parameterCount) parameters instead of \(old.parameterCount)")
    }
  }

  private func text(_ shape: Shape) -> String { text(shape.extents) }
  private func text(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }
}

extension Blueprint.Parameter {
  fileprivate func resized(to shape: Shape) -> Blueprint.Parameter {
    Blueprint.Parameter(shape: shape, paperStart: paperStart, start: start)
  }
}

extension Operation {
  /// Whether it has weights and a number of units of its own.
  fileprivate var isLayer: Bool { hasWindowedFilters || self is Linear }

  fileprivate var isNormalization: Bool {
    self is BatchNormalization || self is LocalResponseNormalization || self is GroupNormalization
      || self is InstanceNormalization || self is LayerNormalization
  }

  /// Whether it finishes a layer, element by element or nearly so.
  fileprivate var isFinish: Bool {
    isNormalization || self is Activation || self is PReLU || self is Dropout
  }

  fileprivate var pooling: PoolingGeometry? {
    (self as? MaxPool)?.geometry ?? (self as? AveragePool)?.geometry
  }
}
