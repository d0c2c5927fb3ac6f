public import Files
internal import Foundation
internal import Networks
public import TensorCore

extension Checkpoint {
  /// Loads a network from a safetensors file, Fovea's own or any other program's.
  ///
  /// - Parameters:
  ///   - architecture: By name; needed where the file does not say it.
  ///   - input: `[C, H, W]`, for a file that does not say it.
  /// - Throws: `FileError` that names the first parameter that is missing or does not fit.
  public static func load(
    _ path: String, architecture: String? = nil, input: Shape? = nil
  ) throws(FileError) -> Checkpoint {
    try load(SafeTensorsFile(path), architecture: architecture, input: input)
  }

  public static func load(
    _ file: SafeTensorsFile, architecture: String? = nil, input: Shape? = nil
  ) throws(FileError) -> Checkpoint {
    let reader = CheckpointReader(file)
    let design: Checkpoint.Design?
    let network: Network
    if let graph = try reader.storedGraph() {
      design = nil
      network = try reader.network(graph)
    } else {
      let read = try reader.design(architecture: architecture, input: input)
      design = read
      network = try reader.network(read)
    }
    var state: [String: Tensor] = [:]
    for entry in file.entries where isState(entry.name) {
      state[stateName(of: entry.name)] = try file.tensor(entry.name)
    }
    var checkpoint = Checkpoint(
      network, design: design, metadata: file.metadata, state: state, path: file.path)
    checkpoint.classNames =
      try checkpoint.metadata([String].self, for: Key.classNames) ?? []
    let (names, classes) = (checkpoint.classNames.count, network.classCount)
    guard names == 0 || names == classes else {
      throw FileError(
        .malformed, file.path, "expected \(classes) class names, found \(names)")
    }
    checkpoint.metadata[Key.design] = nil
    checkpoint.metadata[Key.graph] = nil
    checkpoint.metadata[Key.classNames] = nil
    return checkpoint
  }
}

private struct CheckpointReader {
  private let file: SafeTensorsFile
  /// The file's names of the weights, by the names that a network calls them.
  private let weights: [String: String]

  init(_ file: SafeTensorsFile) {
    self.file = file
    // A counter of PyTorch's batch norm that nothing here reads.
    let names = file.entries.map(\.name).filter {
      !$0.hasSuffix(".num_batches_tracked") && !Checkpoint.isState($0)
    }
    // PyTorch's DataParallel puts this before every name.
    let wrapper = "module."
    let isWrapped = !names.isEmpty && names.allSatisfy { $0.hasPrefix(wrapper) }
    weights = Dictionary(
      names.map { (isWrapped ? String($0.dropFirst(wrapper.count)) : $0, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  private func malformed(_ reason: String) -> FileError {
    FileError(.malformed, file.path, reason)
  }

  private func known(_ name: String) throws(FileError) -> Architecture {
    guard let architecture = Architecture(rawValue: name) else {
      throw malformed(
        "expected an architecture of \(names), found \(quoted(name))"
          + suggestion(for: name, among: Architecture.allCases.map(\.rawValue)))
    }
    return architecture
  }

  private var names: String { Architecture.allCases.map(\.rawValue).joined(separator: ", ") }

  // MARK: What the weights belong to

  /// The nodes of a network that no architecture names, where the file keeps them.
  func storedGraph() throws(FileError) -> Graph? {
    guard let text = file.metadata[Checkpoint.Key.graph] else { return nil }
    let coded: CodedGraph
    do {
      coded = try Checkpoint.value(CodedGraph.self, from: text)
    } catch DecodingError.dataCorrupted(let context) {
      throw malformed("the graph in its metadata: \(context.debugDescription)")
    } catch {
      throw malformed("expected a graph in its metadata, found \(quoted(text))")
    }
    do {
      return try coded.graph()
    } catch {
      throw malformed("the graph in its metadata: \(error)")
    }
  }

  func network(_ graph: Graph) throws(FileError) -> Network {
    var tensors: [String: Tensor] = [:]
    for name in Set(graph.nodes.flatMap(\.parameters)).sorted() {
      guard let fileName = weights[name] else {
        throw malformed(
          "lacks \(quoted(name)), which its graph reads"
            + suggestion(for: name, among: weights.keys))
      }
      tensors[name] = try file.tensor(fileName)
    }
    do throws(GraphError) {
      return try Network(graph: graph, parameters: Parameters(tensors))
    } catch {
      throw malformed("\(error)")
    }
  }

  func design(architecture: String?, input: Shape?) throws(FileError) -> Checkpoint.Design {
    if let text = file.metadata[Checkpoint.Key.design] {
      guard
        let design = try? JSONDecoder().decode(Checkpoint.Design.self, from: Data(text.utf8))
      else {
        throw malformed("expected the network's design in its metadata, found \(quoted(text))")
      }
      guard architecture == nil || architecture == design.architecture else {
        throw malformed(
          "expected \(architecture ?? ""), found weights of \(design.architecture)")
      }
      return design
    }
    guard let architecture else {
      throw malformed("does not say its architecture; expected one of \(names) beside it")
    }
    let kind = try known(architecture)
    let usual = try inputShape(of: kind)
    return Checkpoint.Design(
      architecture: architecture, classes: try classCount(of: kind),
      input: (input ?? usual).extents)
  }

  /// The usual one, with as many channels as the first filters have.
  private func inputShape(of architecture: Architecture) throws(FileError) -> Shape {
    let usual = architecture.usualInputShape
    let blueprint = try self.blueprint(architecture, classes: nil, input: usual)
    guard let first = blueprint.graph.nodes.first(where: { !$0.parameters.isEmpty }),
      let wanted = blueprint.parameters[first.parameters[0]]?.shape, wanted.rank == 4,
      let found = weights[first.parameters[0]].flatMap({ file[$0]?.shape }), found.rank == 4,
      // Grouped filters see a part of the channels; nobody groups the first.
      wanted[1] == usual[0], found[1] > 0
    else { return usual }
    return Shape([found[1]] + usual.extents.dropFirst())
  }

  /// As many as the last weights have rows.
  private func classCount(of architecture: Architecture) throws(FileError) -> Int {
    let blueprint = try self.blueprint(
      architecture, classes: nil, input: architecture.usualInputShape)
    guard let last = blueprint.graph.nodes.last(where: { !$0.parameters.isEmpty }),
      let shape = weights[last.parameters[0]].flatMap({ file[$0]?.shape }), shape.rank > 0,
      shape[0] > 0
    else { return architecture.usualClassCount }
    return shape[0]
  }

  private func blueprint(
    _ architecture: Architecture, classes: Int?, input: Shape, dropout: Float? = nil
  ) throws(FileError) -> Blueprint {
    do throws(GraphError) {
      return try architecture.blueprint(classes: classes, inputShape: input, dropout: dropout)
    } catch {
      throw malformed(
        "expected pictures that \(architecture.rawValue) takes, found \(input): \(error)")
    }
  }

  // MARK: The weights

  func network(_ design: Checkpoint.Design) throws(FileError) -> Network {
    let architecture = try known(design.architecture)
    // Beyond these, the size of a layer may not fit into a number.
    let greatest = 1 << 16
    guard design.input.count == 3, design.input.allSatisfy({ 1...greatest ~= $0 }) else {
      throw malformed("expected an input of three extents up to \(greatest), found \(design.input)")
    }
    guard 1...1_000_000 ~= design.classes else {
      throw malformed("expected 1 to 1000000 classes, found \(design.classes)")
    }
    guard (design.dropout ?? 0) >= 0, (design.dropout ?? 0) < 1 else {
      throw malformed("expected a dropout from 0 and below 1, found \(design.dropout ?? 0)")
    }
    let blueprint = try blueprint(
      architecture, classes: design.classes, input: Shape(design.input),
      dropout: design.dropout)
    try checkNames(blueprint, architecture)
    var tensors: [String: Tensor] = [:]
    for name in blueprint.parameters.keys.sorted() {
      guard let parameter = blueprint.parameters[name], let fileName = weights[name],
        let entry = file[fileName]
      else { continue }
      guard entry.shape == parameter.shape else {
        throw malformed(
          "expected \(quoted(name)) of \(architecture.rawValue) to be \(parameter.shape), "
            + "found \(entry.shape)")
      }
      guard entry.elementType.isFloatingPoint else {
        throw malformed(
          "expected \(quoted(name)) in floating point, found \(entry.elementType.rawValue)")
      }
      tensors[name] = try file.tensor(fileName)
    }
    do throws(GraphError) {
      return try Network(graph: blueprint.graph, parameters: Parameters(tensors))
    } catch {
      throw malformed("does not make \(architecture.rawValue): \(error)")
    }
  }

  private func checkNames(
    _ blueprint: Blueprint, _ architecture: Architecture
  ) throws(FileError) {
    let missing = blueprint.parameters.keys.filter { weights[$0] == nil }.sorted()
    let unexpected = weights.keys.filter { blueprint.parameters[$0] == nil }.sorted()
    if let first = missing.first {
      throw malformed(
        "lacks \(missing.count) of the \(blueprint.parameters.count) parameters of "
          + "\(architecture.rawValue), the first \(quoted(first)), and has \(unexpected.count) "
          + "that it does not know" + suggestion(for: first, among: unexpected))
    }
    if let first = unexpected.first {
      throw malformed(
        "has \(unexpected.count) tensors that \(architecture.rawValue) does not know, "
          + "the first \(quoted(first))"
          + suggestion(for: first, among: blueprint.parameters.keys))
    }
  }
}
