import Checkpoints
import Networks
import TensorCore
import TestSupport

extension TemporaryFolder {
  /// A checkpoint of a small network for pictures of 16 × 16 pixels.
  ///
  /// - Parameter classes: Nil for a network that ends in maps.
  func checkpoint(classes: Int? = 3) throws -> String {
    var nodes = [
      Graph.Node("conv", Convolution(3, padding: 1), inputs: ["input"], parameters: ["w"]),
      Graph.Node("relu", Activation.relu, inputs: ["conv"]),
    ]
    var parameters = ["w": Tensor.random([5, 3, 3, 3], seed: 1)]
    if let classes {
      nodes += [
        Graph.Node("flat", Flatten(), inputs: ["relu"]),
        Graph.Node("scores", Linear(), inputs: ["flat"], parameters: ["v"]),
      ]
      parameters["v"] = .random([classes, 5 * 16 * 16], seed: 2)
    }
    let network = try Network(
      graph: Graph(inputShape: [3, 16, 16], nodes), parameters: Parameters(parameters))
    let path = "\(self.path)/net.safetensors"
    try Checkpoint(network, design: nil).save(to: path)
    return path
  }
}
