import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport

/// One convolution with the given filters, on pictures with its input channels.
func network(filters: Tensor, pictureSide: Int? = nil) throws -> Network {
  let shape = filters.shape
  let side = pictureSide ?? max(shape[2], shape[3])
  let convolution = Convolution(
    window: shape.spatial,
    moves: WindowGeometry(stride: 1))
  let graph = try Graph(
    inputShape: [shape[1], side, side],
    [
      Graph.Node("conv", convolution, inputs: ["input"], parameters: ["w"]),
      Graph.Node("relu", Activation.relu, inputs: ["conv"]),
    ])
  return try Network(graph: graph, parameters: Parameters(["w": filters]))
}

/// A convolution and class scores.
func classifier(classes: Int, side: Int, channels: Int = 3, seed: Int = 0) throws -> Network {
  let graph = try Graph(
    inputShape: [channels, side, side],
    [
      Graph.Node("conv", Convolution(3, padding: 1), inputs: ["input"], parameters: ["w"]),
      Graph.Node("relu", Activation.relu, inputs: ["conv"]),
      Graph.Node("flat", Flatten(), inputs: ["relu"]),
      Graph.Node("scores", Linear(), inputs: ["flat"], parameters: ["v"]),
    ])
  return try Network(
    graph: graph,
    parameters: Parameters([
      "w": .random([4, channels, 3, 3], seed: seed),
      "v": .random([classes, 4 * side * side], seed: seed + 1),
    ]))
}

let longName = String(repeating: "an uncommonly long name, ", count: 20) + "at last"
