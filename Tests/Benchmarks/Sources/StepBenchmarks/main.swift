// The steps that are also timed in the other implementation, on the same networks and batches: one
// JSON line per case with the median of nine rounds.

import Foundation
import Kernels
import Networks
import TensorCore

func images(_ extents: Int...) -> Tensor {
  var generator = SeededGenerator(seed: 0)
  return Tensor(shape: Shape(extents), layout: .channelsLast) { target in
    for index in target.indices { target[index] = generator.normal() }
  }
}

/// Forward, cross entropy, backward and an SGD step with momentum.
func trainingStep(_ architecture: Architecture, _ images: Tensor) throws -> () -> Void {
  var network = try architecture.blueprint().network(seed: 0, initialization: .he)
  let labels = (0..<images.shape[0]).map { $0 * 7 % 10 }
  var momenta: [String: Tensor] = [:]
  var step: UInt64 = 0
  return {
    step += 1
    let recording = network.record(images, keeping: .forTraining, mode: .training(seed: step))
    let loss = softmaxCrossEntropy(recording.scores, labels: labels)
    let gradients = recording.parameterGradients(
      of: loss.gradient, from: network.graph.scoreName)
    for (name, measured) in recording.measuredParameters { network.parameters[name] = measured }
    for (name, gradient) in gradients {
      var momentum = momenta.removeValue(forKey: name) ?? gradient * 0
      gradient.withUnsafeElements { g in
        momentum.withUnsafeMutableElements { m in
          network.parameters[name]?.withUnsafeMutableElements { p in
            for index in p.indices {
              m[index] = 0.9 * m[index] + g[index]
              p[index] -= 0.01 * m[index]
            }
          }
        }
      }
      momenta[name] = momentum
    }
  }
}

func forward(_ architecture: Architecture, _ images: Tensor) throws -> () -> Void {
  let network = try architecture.blueprint().network(seed: 0, initialization: .he)
  return { _ = network.record(images, keeping: .only([])) }
}

/// Forward, and the gradient of the greatest class score with respect to the input.
func inputGradient(_ architecture: Architecture, _ images: Tensor) throws -> () -> Void {
  let network = try architecture.blueprint().network(seed: 0, initialization: .he)
  return {
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
}

struct Case {
  let name: String
  let batch: Int
  let repeats: Int
  let make: () throws -> () -> Void
}

let cases = [
  Case(name: "lenet-step", batch: 64, repeats: 40) {
    try trainingStep(.lenet5, images(64, 1, 28, 28))
  },
  Case(name: "cifar-step", batch: 128, repeats: 1) {
    try trainingStep(.vggSmall, images(128, 3, 32, 32))
  },
  Case(name: "resnet20-step", batch: 128, repeats: 1) {
    try trainingStep(.resnet20, images(128, 3, 32, 32))
  },
  Case(name: "alexnet-forward", batch: 32, repeats: 1) {
    try forward(.alexnet, images(32, 3, 224, 224))
  },
  Case(name: "alexnet-forward-1", batch: 1, repeats: 5) {
    try forward(.alexnet, images(1, 3, 224, 224))
  },
  Case(name: "alexnet-gradient", batch: 16, repeats: 1) {
    try inputGradient(.alexnet, images(16, 3, 224, 224))
  },
  Case(name: "squeezenet-forward", batch: 32, repeats: 1) {
    try forward(.squeezenet11, images(32, 3, 224, 224))
  },
  Case(name: "resnet18-forward", batch: 16, repeats: 1) {
    try forward(.resnet18, images(16, 3, 224, 224))
  },
  Case(name: "resnet18-gradient", batch: 8, repeats: 1) {
    try inputGradient(.resnet18, images(8, 3, 224, 224))
  },
  Case(name: "vgg16-forward", batch: 8, repeats: 1) { try forward(.vgg16, images(8, 3, 224, 224)) },
]

let wanted = CommandLine.arguments.dropFirst()
for example in cases where wanted.isEmpty || wanted.contains(example.name) {
  let run = try example.make()
  for _ in 0..<3 { run() }
  let clock = ContinuousClock()
  let times = (0..<9).map { _ in
    clock.measure { for _ in 0..<example.repeats { run() } } / example.repeats
  }.sorted()
  let median = times[times.count / 2] / Duration.milliseconds(1)
  print(
    """
    {"case": "\(example.name)", "median_ms": \(String(format: "%.3f", median)), \
    "per_second": \(String(format: "%.1f", Double(example.batch) / median * 1000))}
    """)
}
