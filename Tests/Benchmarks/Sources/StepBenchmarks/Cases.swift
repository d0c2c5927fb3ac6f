import Networks
import TensorCore
import Training

/// A step that is also timed in the other implementation, on the same network and batch.
struct Case {
  let name: String
  let architecture: Architecture
  let way: RunProfile.Way
  let batch: Int
  /// How often it runs in a round.
  var repeats = 1

  static let all = [
    Case(name: "lenet-step", architecture: .lenet5, way: .training, batch: 64, repeats: 40),
    Case(name: "cifar-step", architecture: .vggSmall, way: .training, batch: 128),
    Case(name: "resnet20-step", architecture: .resnet20, way: .training, batch: 128),
    Case(name: "alexnet-forward", architecture: .alexnet, way: .forward, batch: 32),
    Case(name: "alexnet-forward-1", architecture: .alexnet, way: .forward, batch: 1, repeats: 5),
    Case(name: "alexnet-gradient", architecture: .alexnet, way: .inputGradient, batch: 16),
    Case(name: "squeezenet-forward", architecture: .squeezenet11, way: .forward, batch: 32),
    Case(name: "resnet18-forward", architecture: .resnet18, way: .forward, batch: 16),
    Case(name: "resnet18-gradient", architecture: .resnet18, way: .inputGradient, batch: 8),
    Case(name: "vgg16-forward", architecture: .vgg16, way: .forward, batch: 8),
  ]

  /// The step, and its multiply-adds.
  func make() throws -> (run: () -> Void, multiplyAdds: Int) {
    let network = try architecture.blueprint().network(seed: 0, initialization: .he)
    let images = normal(Shape([batch] + architecture.usualInputShape.extents))
    let multiplyAdds = network.profile(images, way, rounds: 1).multiplyAdds
    let run =
      switch way {
      case .forward: { _ = network.record(images, keeping: .only([])) }
      case .inputGradient: { inputGradient(network, images) }
      case .training: trainingStep(network, images)
      }
    return (run, multiplyAdds)
  }
}

/// Forward, cross entropy, backward and an SGD step with momentum, as in `fovea train`.
private func trainingStep(_ start: Network, _ images: Tensor) -> () -> Void {
  var network = start
  let labels = (0..<images.shape[0]).map { $0 * 7 % 10 }
  var optimizer = Optimizer(OptimizerSettings(name: .sgd, momentum: 0.9))
  // What the steps of a run share.
  let options = DescentOptions(rates: LayerRates(all: network))
  var step: UInt64 = 0
  return {
    step += 1
    do {
      _ = try network.descend(
        on: images, labels: labels, by: &optimizer, learningRate: 0.01, seed: step, options)
    } catch {
      preconditionFailure("step \(step): \(error)")
    }
  }
}

/// Forward, and the gradient of the greatest class score with respect to the input.
func inputGradient(_ network: Network, _ images: Tensor) {
  let recording = network.record(images, keeping: .forGradient())
  let scores = recording.scores
  let classes = scores.shape[1]
  var signal = Tensor(shape: scores.shape, repeating: 0)
  let values = scores.elements
  signal.withUnsafeMutableElements { signal in
    for row in 0..<scores.shape[0] {
      let range = (row * classes)..<((row + 1) * classes)
      if let best = range.max(by: { values[$0] < values[$1] }) { signal[best] = 1 }
    }
  }
  _ = recording.propagate(signal, from: network.graph.scoreName)
}
