import Checkpoints
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

/// ResNet-20 with the weights of akamaster/pytorch_resnet_cifar10.
@Suite(.slow, .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
struct `Trained ResNet of CIFAR-10` {
  private func load() throws -> Network {
    try Checkpoint.load(
      SharedData.path("models/resnet20_cifar10.safetensors"), architecture: "resnet20"
    ).network
  }

  @Test func `has every map's mean and maximum as in PyTorch`() throws {
    let network = try load()
    let expected = try SafeTensorsFile(SharedData.path("reference/resnet20.safetensors"))
    let recording = network.record(try expected.tensor("input"))
    expectClose(recording.scores, try expected.tensor("logits"), relativeNorm: 1e-4, "logits")
    for entry in expected.entries {
      guard let node = node(of: entry.name) else { continue }
      #expect(network.graph[node] != nil, "\(entry.name)")
      let maps = recording[node].arranged(as: .rowMajor)
      let size = maps.shape[2] * maps.shape[3]
      let values = maps.elements
      let found = (0..<maps.shape[1]).map { channel in
        let map = values[(channel * size)..<((channel + 1) * size)]
        return entry.name.hasPrefix("mean.")
          ? Float(map.reduce(0.0) { $0 + Double($1) } / Double(size)) : map.max() ?? 0
      }
      expectClose(
        Tensor(shape: [1, maps.shape[1]], found), try expected.tensor(entry.name),
        relativeNorm: 1e-4, entry.name)
    }
  }

  /// Our name for `mean./layer1/layer1.0/conv1/Conv_output_0` and the like; nil if it is not a
  /// statistic of a node.
  private func node(of name: String) -> String? {
    guard name.hasPrefix("mean./") || name.hasPrefix("max./") else { return nil }
    var path = name.split(separator: "/").dropFirst().map(String.init)
    let operation = path.removeLast().replacing("_output_0", with: "")
    // The name of each block is prefixed with that of its stage.
    let module = path.filter { !["layer1", "layer2", "layer3"].contains($0) }
    let last: [String] =
      switch operation {
      case "Add": ["add"]
      case "Relu": module.isEmpty ? ["relu"] : ["relu1"]
      case "Relu_1": ["relu2"]
      default: []
      }
    return (module + last).joined(separator: ".")
  }

  @Test func `has PyTorch's gradient at the picture`() throws {
    let network = try load()
    let expected = try SafeTensorsFile(SharedData.path("reference/resnet20.safetensors"))
    let recording = network.record(try expected.tensor("input"), keeping: .forGradient())
    let chosen = Int(try expected.tensor("class_index").elements[0])
    let signal = Tensor(shape: [1, 10], (0..<10).map { $0 == chosen ? 1 : 0 })
    let result = recording.propagate(signal, from: network.graph.scoreName, by: .gradient)
    expectClose(result.input, try expected.tensor("gradient"), relativeNorm: 1e-3, "gradient")
  }

  /// 91.5 % according to PyTorch.
  @Test func `knows 91.5 % of the test pictures`() throws {
    let network = try load()
    let path = SharedData.path("datasets/cifar10/test_batch_first1000.bin")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let plane = 32 * 32
    let record = 1 + 3 * plane
    let (means, deviations): ([Float], [Float]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    var right = 0
    for first in stride(from: 0, to: 1000, by: 100) {
      let pictures = Tensor(shape: [100, 3, 32, 32]) { target in
        for index in 0..<target.count {
          let (picture, value) = (first + index / (3 * plane), index % (3 * plane))
          let (byte, channel) = (bytes[picture * record + 1 + value], value / plane)
          target[index] = (Float(byte) / 255 - means[channel]) / deviations[channel]
        }
      }
      let scores = network.record(pictures, keeping: .only([])).scores.elements
      for picture in 0..<100 {
        let row = scores[(picture * 10)..<(picture * 10 + 10)]
        let best = row.indices.max { row[$0] < row[$1] } ?? 0
        if best - row.startIndex == Int(bytes[(first + picture) * record]) { right += 1 }
      }
    }
    #expect(abs(right - 915) <= 3, "\(right) of 1000")
  }
}
