internal import Networks
internal import TensorCore

/// Evaluates nodes whose operands are known numbers by running the operation itself.
enum OperationFolding {
  static func fold(
    _ call: OperatorCall, _ translate: Translation, budget: inout Budget
  ) throws(ImportProblem) -> [KnownTensor] {
    var scratch = NetworkBuilder(batch: 1, budget: budget, greatest: budget.greatest)
    let results = try translate(call, &scratch)
    let network: Network?
    do throws(GraphError) {
      network =
        scratch.nodes.isEmpty
        ? nil
        : try Network(
          graph: Graph(inputShape: [], scratch.nodes), parameters: Parameters(scratch.parameters))
    } catch {
      throw ImportProblem(error.description)
    }
    let numbers = results.reduce(0) { $0 + $1.shape.elementCount * ($1.isInteger ? 2 : 1) }
    let steps = network.map(steps) ?? 0
    try budget.use(numbers: numbers, steps: steps)
    let live = results.compactMap { if case .live(let value) = $0 { value.node } else { nil } }
    let recording = network?.record(Tensor(shape: [1], [0]), keeping: .only(live))
    return results.compactMap { result in
      switch result {
      case .known(let tensor, _): tensor
      case .live(let value): recording.map { KnownTensor($0[value.node], type: value.type) }
      }
    }
  }

  /// Approximately how many numbers a run reads and writes.
  private static func steps(_ network: Network) -> Int {
    let size = { (name: String) in network.shapes[name]?.elementCount ?? 0 }
    return network.graph.nodes.reduce(0) { total, node in
      let inputs = node.inputs.compactMap { network.shapes[$0] }
      let (read, written) = (inputs.reduce(0) { $0 + $1.elementCount }, size(node.name))
      let products = min(network.multiplyAdds(of: node) / multiplyAddsPerStep, 1 << 50)
      guard let output = network.shapes[node.name],
        case .window(let window, _, _) = node.operation.reach(from: inputs, to: output)
      else { return total + read + written + products }
      // As a `Double`, because only the output limits the windows that a file may specify.
      let visits = window.reduce(Double(written)) { $0 * Double($1) }
      return total + read + products + Int(min(visits, 0x1p50))
    }
  }

  /// A product inside a kernel costs far less than a number that is read from memory.
  private static let multiplyAddsPerStep = 32
}
