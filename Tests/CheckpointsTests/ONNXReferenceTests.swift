import Checkpoints
import Files
import Networks
import TensorCore
import TestSupport
import Testing

/// The results of PyTorch and ONNX Runtime for real networks (SOURCES.md of the shared data).
@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
struct `Real ONNX networks` {
  /// Relative to the largest magnitude in a tensor.
  private static let tolerance: Float = 1e-3

  @Test(
    .slow,
    arguments: [
      ("googlenet", "googlenet"), ("squeezenet1_1", "squeezenet1_1"),
      ("resnet20_cifar10", "resnet20"), ("alexnet_features_q", "alexnet_features"),
    ])
  func `maps, scores, gradients and Grad-CAM agree`(model: String, reference: String) throws {
    let network = try ONNXModel(SharedData.path("models/\(model).onnx")).network().network
    let expected = try SafeTensorsFile(SharedData.path("reference/\(reference).safetensors"))
    let input = try expected.tensor("input")
    let recording = network.record(input)
    func node(_ name: String) throws -> String {
      try #require(network.graph[name]?.name, "\(name)")
    }

    var maps = 0
    for entry in expected.entries {
      guard let (kind, name) = entry.name.keyAndName(), ["mean", "max", "act"].contains(kind) else {
        continue
      }
      let map = recording[try node(name)]
      let found = kind == "act" ? map : map.reducedMaps(byMaximum: kind == "max")
      expectSame(found, try expected.tensor(entry.name), Self.tolerance, "\(model) \(entry.name)")
      maps += 1
    }
    #expect(maps > 10)
    // Of this one, only the layers before the classifier were exported.
    guard model != "alexnet_features_q" else { return }
    expectSame(
      recording[network.graph.outputName], try expected.tensor("output"), Self.tolerance,
      "\(model) output")
    expectSame(
      recording.scores, try expected.tensor("logits"), Self.tolerance, "\(model) logits")

    let target = Int(try expected.tensor("class_index").elements[0])
    let shape = recording[network.graph.scoreName].shape
    let signal = Tensor(
      shape: shape, (0..<shape.elementCount).map { $0 == target ? 1 : 0 })
    let layers = expected.entries.compactMap { entry in
      entry.name.hasPrefix("gradcam.") ? String(entry.name.dropFirst(8)) : nil
    }
    let back = recording.propagate(
      signal, from: network.graph.scoreName, keeping: try layers.map(node))
    expectSame(
      back.input, try expected.tensor("gradient"), Self.tolerance, "\(model) gradient")
    for layer in layers {
      let gradient = try #require(back[try node(layer)])
      expectSame(
        gradCAM(recording[try node(layer)], gradient),
        try expected.tensor("gradcam.\(layer)"), Self.tolerance, "\(model) gradcam of \(layer)")
    }
  }

  @Test(arguments: ReferenceNetwork.allCases)
  func `PyTorch's own exports are the networks that they were`(
    reference: ReferenceNetwork
  ) throws {
    let path = SharedData.path("reference/captum/\(reference.rawValue).onnx")
    let network = try ONNXModel(path).network().network
    let (twin, expected) = try reference.load()
    let input = try expected.tensor("input")
    let recording = network.record(input)
    expectSame(recording.scores, try expected.tensor("logits"), 1e-4, "logits")
    let signal = twin.record(input).scores.map { _ in 1 }
    let gradient = { (network: Network) in
      network.record(input).propagate(signal, from: network.graph.scoreName).input
    }
    expectSame(gradient(network), gradient(twin), Self.tolerance, "gradient")
  }

  @Test(.slow, arguments: ["light_squeezenet", "light_resnet50", "light_inception_v1"])
  func `light models give their outputs`(model: String) throws {
    let folder = SharedData.path("onnx-backend/\(model)")
    let network = try ONNXModel("\(folder)/model.onnx").network().network
    let data = { (name: String) in
      try readONNXTensor(
        readFile("\(folder)/test_data_set_0/\(name).pb"), path: name)
    }
    let recording = network.record(try data("input_0"), keeping: .only([]))
    expectSame(
      recording[network.graph.outputName], try data("output_0"), Self.tolerance, model)
  }
}

/// `relu(Σ mean(∂A) A)` over the channels, `[N, H, W]` (Selvaraju et al. 2017).
private func gradCAM(_ map: Tensor, _ gradient: Tensor) -> Tensor {
  let (count, channels) = (map.shape[0], map.shape[1])
  let positions = map.shape.spatial.reduce(1, *)
  let (values, weights) = (map.elements, gradient.reducedMaps(byMaximum: false).elements)
  return Tensor(
    shape: Shape([count] + map.shape.spatial),
    (0..<(count * positions)).map { place in
      let (image, position) = (place / positions, place % positions)
      let sum = (0..<channels).reduce(Float(0)) { sum, channel in
        let row = image * channels + channel
        return sum + weights[row] * values[row * positions + position]
      }
      return max(0, sum)
    })
}

private func expectSame(
  _ found: Tensor, _ expected: Tensor, _ tolerance: Float, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found.shape == expected.shape else {
    Issue.record("\(what): \(found.shape), not \(expected.shape)", sourceLocation: sourceLocation)
    return
  }
  let largest = expected.reduce(Float(0)) { max($0, abs($1)) }
  let worst = (found - expected).reduce(Float(0)) { $1.isNaN ? .infinity : max($0, abs($1)) }
  #expect(
    worst <= tolerance * max(largest, 1e-20), "\(what): differs by \(worst) of \(largest)",
    sourceLocation: sourceLocation)
}

extension Tensor {
  /// One number per channel: `[N, C, …]` to `[N, C]`.
  fileprivate func reducedMaps(byMaximum: Bool) -> Tensor {
    let positions = shape.extents.dropFirst(2).reduce(1, *)
    let values = elements
    let numbers = (0..<(count / positions)).map { row -> Float in
      let map = values[(row * positions)..<((row + 1) * positions)]
      if byMaximum { return map.max() ?? 0 }
      return Float(map.reduce(0.0) { $0 + Double($1) } / Double(positions))
    }
    return Tensor(shape: [shape[0], shape[1]], numbers)
  }
}

extension String {
  /// The parts before and after the first full stop.
  fileprivate func keyAndName() -> (String, String)? {
    guard let stop = firstIndex(of: ".") else { return nil }
    return (String(self[..<stop]), String(self[index(after: stop)...]))
  }
}
