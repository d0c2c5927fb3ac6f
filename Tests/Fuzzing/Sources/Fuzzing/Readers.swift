import Checkpoints
import Files
import Foundation
import Networks
import TensorCore

/// What is fuzzed, by the name that `scripts/fuzz` takes. A reader may throw `FileError`, but must
/// have no other effect than reading.
let readers = modelReaders.merging(weightsReaders) { first, _ in first }

private let modelReaders: [String: @Sendable (Data) throws(FileError) -> Void] = [
  "onnx": { data throws(FileError) in
    let model = try ONNXModel(FileBytes(data, path: "fuzzed.onnx"))
    let network = try model.network(memory: MemoryBudget(bytes: 1 << 29)).network
    if network.isCheapToRun { network.runForwardAndBack() }
  }
]

extension Network {
  /// Whether a run takes far less than the five seconds that are allowed per input.
  fileprivate var isCheapToRun: Bool {
    let numbers = shapes.values.reduce(0.0) { $0 + Double($1.elementCount) }
    let steps = graph.nodes.reduce(0.0) { total, node in
      let inputs = node.inputs.compactMap { shapes[$0] }
      let products = total + Double(multiplyAdds(of: node))
      guard let output = shapes[node.name],
        case .window(let window, _, _) = node.operation.reach(from: inputs, to: output)
      else { return products }
      return products + Double(output.elementCount) * window.reduce(1.0) { $0 * Double($1) }
    }
    return numbers < 3e5 && steps < 1e6
  }

  /// What the reader accepts must run, forward and backward, for one picture and for two.
  fileprivate func runForwardAndBack() {
    for count in [graph.batch, graph.batch + 1] {
      let images = Tensor(shape: Shape([count] + graph.inputShape.extents), repeating: 0.5)
      // Shapes for another number of pictures need not fit if a file mixes pictures.
      guard count == graph.batch || takes(images.shape) else { return }
      let recording = record(images)
      let output = recording[graph.outputName]
      _ = recording.propagate(output, from: graph.outputName)
      _ = record(images, keeping: .only([graph.outputName]))
    }
  }

  private func takes(_ input: Shape) -> Bool {
    (try? inferShapes(graph, input: input, parameters: { parameters[$0]?.shape })) != nil
  }
}
