internal import Files
internal import Networks
internal import TensorCore

/// Finds the architecture that bare weights belong to, and puts the weights into it.
struct WeightsFitting {
  private let weights: BareWeights

  init(_ weights: BareWeights) { self.weights = weights }

  private func malformed(_ reason: String) -> FileError {
    FileError(.malformed, weights.file.path, reason)
  }

  private func architecture(_ name: String) throws(FileError) -> Architecture {
    guard let architecture = Architecture(rawValue: name) else {
      let known = Architecture.allCases.map(\.rawValue)
      let near = suggestion(for: name, among: known)
      throw malformed(
        "expected the name of an architecture, found \(quoted(name))"
          + (near.isEmpty ? "; there are \(known.joined(separator: ", "))" : near))
    }
    return architecture
  }

  // MARK: What the weights belong to

  /// - Parameters:
  ///   - architecture: If nil, the one that has the names and shapes of the weights.
  ///   - input: If nil, the architecture's usual one, or another usual size that the shapes
  ///     require.
  func design(architecture: String?, input: Shape?) throws(FileError) -> Checkpoint.Design {
    if let architecture {
      let kind = try self.architecture(architecture)
      let usual = try blueprint(kind, classes: nil, input: kind.usualInputShape)
      return design(kind, usual, input) ?? fallback(kind, usual, input)
    }
    let fits = Architecture.allCases.compactMap { kind -> Checkpoint.Design? in
      guard let usual = try? kind.blueprint() else { return nil }
      return design(kind, usual, input)
    }
    if let only = fits.first, fits.count == 1 { return only }
    guard fits.isEmpty else {
      throw malformed(
        "its tensors fit \(fits.map(\.architecture).joined(separator: " as well as ")); "
          + "say which with --architecture")
    }
    let names = weights.names
    throw malformed(
      "does not say its architecture, and its \(names.count) tensors"
        + (names.first.map { ", the first \(quoted($0))," } ?? "")
        + " fit none that is known by name; \(nearest(input))export the network as ONNX in Python: "
        + "torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\")")
  }

  /// The architecture that the weights almost fit, and where they do not, for an error; empty if
  /// there is none.
  private func nearest(_ input: Shape?) -> String {
    var best: (share: Double, text: String)?
    for kind in Architecture.allCases {
      guard let usual = try? kind.blueprint() else { continue }
      let design = fallback(kind, usual, input)
      guard
        let blueprint = try? blueprint(
          kind, classes: design.classes, input: Shape(design.input), dropout: nil)
      else { continue }
      let weights = weights.named(as: blueprint)
      let unlike = blueprint.parameters.count { weights.entry($0.key)?.shape != $0.value.shape }
      let unexpected = weights.names.count { blueprint.parameters[$0] == nil }
      let share = Double(unlike + unexpected) / Double(max(blueprint.parameters.count, 1))
      guard share <= Self.nearShare, share < best?.share ?? .infinity else { continue }
      do throws(FileError) {
        try check(weights, blueprint, kind)
      } catch {
        best = (share, "the nearest is \(kind.rawValue): \(error.reason); ")
      }
    }
    return best?.text ?? ""
  }

  /// The share of an architecture's parameters that may not fit if it is to be called near.
  private static let nearShare = 0.2

  /// The design in which every tensor has its place; nil if there is none.
  private func design(
    _ architecture: Architecture, _ usual: Blueprint, _ input: Shape?
  ) -> Checkpoint.Design? {
    let weights = weights.named(as: usual)
    guard weights.names == usual.parameters.keys.sorted() else { return nil }
    for input in input.map({ [$0] }) ?? inputs(of: architecture, usual, weights) {
      let design = Checkpoint.Design(
        architecture: architecture.rawValue, classes: classes(usual, weights) ?? 1,
        input: input.extents)
      guard let blueprint = try? blueprint(architecture, classes: design.classes, input: input),
        blueprint.parameters.allSatisfy({ weights.entry($0.key)?.shape == $0.value.shape })
      else { continue }
      return design
    }
    return nil
  }

  /// The closest match; its error says where it does not fit.
  private func fallback(
    _ architecture: Architecture, _ usual: Blueprint, _ input: Shape?
  ) -> Checkpoint.Design {
    let weights = weights.named(as: usual)
    let input = input ?? inputs(of: architecture, usual, weights)[0]
    return Checkpoint.Design(
      architecture: architecture.rawValue,
      classes: classes(usual, weights) ?? architecture.usualClassCount, input: input.extents)
  }

  /// The usual input with as many channels as the first filters have, then other usual sizes, for
  /// networks whose weights depend on the size.
  private func inputs(
    of architecture: Architecture, _ usual: Blueprint, _ weights: BareWeights
  ) -> [Shape] {
    let shape = architecture.usualInputShape
    guard shape.rank == 3 else {
      // Weights of these depend on the number of channels alone.
      let first = usual.graph.nodes.first { !$0.parameters.isEmpty }
      let found = first.flatMap { weights.entry($0.parameters[0])?.shape }
      guard let found, found.rank == shape.rank + 1, found[1] > 0 else { return [shape] }
      return [Shape([found[1]] + shape.extents.dropFirst())]
    }
    let sides = [28, 32, 48, 64, 96, 128, 224, 227, 256, 299]
    guard let first = usual.graph.nodes.first(where: { !$0.parameters.isEmpty }),
      let wanted = usual.parameters[first.parameters[0]]?.shape, wanted.rank == 4,
      let found = weights.entry(first.parameters[0])?.shape, found.rank == 4,
      // Grouped filters read a part of the channels, but a first layer is never grouped.
      wanted[1] == shape[0], found[1] > 0
    else { return [shape] + [1, 3].flatMap { channels in sides.map { [channels, $0, $0] } } }
    return [Shape([found[1]] + shape.extents.dropFirst())] + sides.map { [found[1], $0, $0] }
  }

  /// The number of rows in the last weights.
  private func classes(_ usual: Blueprint, _ weights: BareWeights) -> Int? {
    guard let last = usual.graph.nodes.last(where: { !$0.parameters.isEmpty }),
      let shape = weights.entry(last.parameters[0])?.shape, shape.rank > 0, shape[0] > 0
    else { return nil }
    return shape[0]
  }

  /// Beyond these, the size of a layer may overflow; only series are long.
  private static func greatestExtent(_ rank: Int) -> Int { rank == 2 ? 1 << 24 : 1 << 16 }

  private func badInput(_ found: [Int], of architecture: Architecture) -> FileError {
    let rank = architecture.usualInputShape.rank
    let count = [2: "two", 3: "three", 4: "four"][rank] ?? "\(rank)"
    return malformed(
      "expected an input of \(count) extents up to \(Self.greatestExtent(rank)), found \(found)")
  }

  private func blueprint(
    _ architecture: Architecture, classes: Int?, input: Shape, dropout: Float? = nil
  ) throws(FileError) -> Blueprint {
    let most = 1_000_000
    guard input.rank == architecture.usualInputShape.rank,
      input.extents.allSatisfy({ 1...Self.greatestExtent(input.rank) ~= $0 }),
      input.extents.reduce(1.0, { $0 * Double($1) }) <= Double(1 << 48)
    else { throw badInput(input.extents, of: architecture) }
    if let classes, !(1...most ~= classes) {
      throw malformed("expected 1 to \(most) classes, found \(classes)")
    }
    do throws(GraphError) {
      return try architecture.blueprint(classes: classes, inputShape: input, dropout: dropout)
    } catch {
      throw malformed(
        "expected pictures that \(architecture.rawValue) takes, found \(input): \(error)")
    }
  }

  // MARK: The weights

  func network(_ design: Checkpoint.Design) throws(FileError) -> Network {
    let architecture = try architecture(design.architecture)
    guard design.input.allSatisfy({ $0 >= 0 }) else {
      throw badInput(design.input, of: architecture)
    }
    guard (design.dropout ?? 0) >= 0, (design.dropout ?? 0) < 1 else {
      throw malformed("expected a dropout from 0 and below 1, found \(design.dropout ?? 0)")
    }
    let blueprint = try blueprint(
      architecture, classes: design.classes, input: Shape(design.input),
      dropout: design.dropout)
    let weights = weights.named(as: blueprint)
    // Everything is checked first, so that no tensor is read that does not belong.
    try check(weights, blueprint, architecture)
    var tensors: [String: Tensor] = [:]
    for name in blueprint.parameters.keys.sorted() { tensors[name] = try weights.tensor(name) }
    do throws(GraphError) {
      return try Network(graph: blueprint.graph, parameters: Parameters(tensors))
    } catch {
      throw malformed("does not make \(architecture.rawValue): \(error)")
    }
  }

  /// - Throws: `FileError` that names the first tensor that does not fit.
  private func check(
    _ weights: BareWeights, _ blueprint: Blueprint, _ architecture: Architecture
  ) throws(FileError) {
    try checkNames(weights, blueprint, architecture)
    for (name, parameter) in blueprint.parameters.sorted(by: { $0.key < $1.key }) {
      guard let entry = weights.entry(name) else { continue }
      guard entry.shape == parameter.shape else {
        throw malformed(
          "expected \(quoted(name)) of \(architecture.rawValue) to be \(parameter.shape), "
            + "found \(entry.shape)")
      }
      guard entry.elementType.holdsWeights else {
        throw malformed(
          "expected \(quoted(name)) in floating point, found \(entry.elementType.rawValue)")
      }
    }
  }

  private func checkNames(
    _ weights: BareWeights, _ blueprint: Blueprint, _ architecture: Architecture
  ) throws(FileError) {
    let missing = blueprint.parameters.keys.filter { weights.entry($0) == nil }.sorted()
    let unexpected = weights.names.filter { blueprint.parameters[$0] == nil }
    if let first = missing.first {
      throw malformed(
        "lacks \(missing.count) of the \(blueprint.parameters.count) parameters of "
          + "\(architecture.rawValue), the first \(quoted(first)), and has \(unexpected.count) "
          + "that \(architecture.rawValue) does not have"
          + suggestion(for: first, among: unexpected))
    }
    if let first = unexpected.first {
      throw malformed(
        "has \(unexpected.count) tensors that \(architecture.rawValue) does not have, "
          + "the first \(quoted(first))"
          + suggestion(for: first, among: blueprint.parameters.keys))
    }
  }
}
