import ArgumentParser
import Checkpoints
import Networks
import TensorCore

/// Writes a network with random weights.
struct MakeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make", abstract: "Write a checkpoint of a network with random weights.")

  @Argument(help: "An architecture's name, or 'wide' for ten layers of 1,000 units each.")
  var network: String
  @Argument(help: "The file to write (.safetensors).") var file: String

  func validate() throws {
    guard network == "wide" || Architecture(rawValue: network) != nil else {
      throw ValidationError("expected an architecture's name or 'wide', found '\(network)'")
    }
  }

  func run() throws {
    let made = network == "wide" ? try wide() : try named(network)
    try Checkpoint(made, design: nil).save(to: file)
  }

  /// `[3, 32, 32]` → ten convolutions of 1,000 filters at 16×16, each of which sees ten maps of the
  /// one before, so that there are many units for little arithmetic; then 10 scores.
  private func wide() throws -> Network {
    let (units, layers, group) = (1000, 10, 10)
    var nodes: [Graph.Node] = []
    var parameters = Parameters()
    var last = Graph.inputName
    func add(_ name: String, _ operation: any Operation, _ weights: Tensor? = nil) {
      if let weights { parameters["\(name).weight"] = weights }
      nodes.append(
        Graph.Node(
          name, operation, inputs: [last], parameters: weights.map { _ in ["\(name).weight"] } ?? []
        ))
      last = name
    }
    for layer in 1...layers {
      let channels = layer == 1 ? 3 : group
      let operation =
        layer == 1
        ? Convolution(3, stride: 2, padding: 1) : Convolution(3, padding: 1, groups: units / group)
      // He et al. 2015, equation 10.
      let deviation = (2 / Float(channels * 9)).squareRoot()
      add("conv\(layer)", operation, normal([units, channels, 3, 3]) * deviation)
      add("relu\(layer)", Activation.relu)
    }
    add("pool", GlobalPool(.average))
    add("flatten", Flatten())
    add("fc", Linear(), normal([10, units]) * (1 / Float(units).squareRoot()))
    return try Network(
      graph: Graph(inputShape: [3, 32, 32], nodes), parameters: parameters)
  }
}
