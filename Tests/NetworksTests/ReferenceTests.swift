import Checkpoints
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite(.slow, .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
struct `Reference values of PyTorch and Captum` {
  @Test(arguments: ReferenceNetwork.allCases)
  func `every activation agrees`(reference: ReferenceNetwork) throws {
    let (network, expected) = try reference.load()
    let recording = network.record(try expected.tensor("input"))
    for entry in expected.entries where entry.name.hasPrefix("act.") {
      let node = String(entry.name.dropFirst(4))
      expectClose(
        recording[node], try expected.tensor(entry.name), relativeNorm: 1e-4, node)
    }
    expectClose(recording.scores, try expected.tensor("logits"), relativeNorm: 1e-4, "logits")
  }

  @Test(arguments: ReferenceNetwork.allCases)
  func `gradient, guided backpropagation and deconvnet agree`(
    reference: ReferenceNetwork
  ) throws {
    let (network, expected) = try reference.load()
    let targets = try expected.tensor("target").elements.map { Int($0) }
    let classes = network.classCount
    let signal = Tensor(shape: [targets.count, classes]) { signal in
      for index in 0..<signal.count {
        signal[index] = targets[index / classes] == index % classes ? 1 : 0
      }
    }
    let input = try expected.tensor("input")
    for keep in [Keep.everything, .forGradient()] {
      let recording = network.record(input, keeping: keep)
      for (name, rules) in [
        ("gradient", RuleBook.gradient), ("guided_backprop", .guidedBackpropagation),
        ("deconvnet", .deconvnet),
      ] {
        let result = recording.propagate(signal, from: network.graph.scoreName, by: rules)
        expectClose(result.input, try expected.tensor(name), relativeNorm: 1e-3, name)
      }
    }
  }

  /// SGD with learning rate 0.05, momentum 0.9, weight decay 5e-4, dropout off.
  @Test(arguments: ReferenceNetwork.allCases)
  func `three training steps agree`(reference: ReferenceNetwork) throws {
    var (network, expected) = try reference.load()
    let (input, losses) = (try expected.tensor("input"), try expected.tensor("train.losses"))
    let targets = try expected.tensor("target").elements.map { Int($0) }
    var momenta: [String: Tensor] = [:]
    for step in 0..<3 {
      let recording = network.record(input, keeping: .forTraining, mode: .training(seed: 0))
      let loss = softmaxCrossEntropy(recording.scores, labels: targets)
      #expect(abs(loss.loss - losses.elements[step]) <= 1e-4 * abs(losses.elements[step]))
      let gradients = recording.parameterGradients(
        of: loss.gradient, from: network.graph.scoreName)
      for (name, gradient) in gradients {
        let value = try #require(network.parameters[name])
        if step == 0 {
          expectClose(
            gradient, try expected.tensor("train.grad.\(name)"), relativeNorm: 1e-3, name)
        }
        let decayed = gradient + value * 5e-4
        let momentum = momenta[name].map { $0 * 0.9 + decayed } ?? decayed
        momenta[name] = momentum
        network.parameters[name] = value - momentum * 0.05
      }
      for (name, measured) in recording.measuredParameters {
        network.parameters[name] = measured
      }
    }
    for name in network.parameters.names {
      expectClose(
        try #require(network.parameters[name]), try expected.tensor("train.after.\(name)"),
        relativeNorm: 1e-4, name)
    }
  }
}
