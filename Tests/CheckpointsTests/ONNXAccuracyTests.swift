import Checkpoints
import Datasets
import Files
import Foundation
import Images
import Networks
import TensorCore
import TestSupport
import Testing

/// The accuracies stated in SOURCES.md of the shared data, within 0.3 points.
@Suite(.slow, .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
struct `Accuracies of real ONNX networks` {
  @Test(arguments: [("mnist-8", Float(1), 98.91), ("lenet_caffe", Float(1) / 256, 99.04)])
  func `on all of MNIST's test pictures`(
    model: String, scale: Float, expected: Double
  ) throws {
    let folder = SharedData.path("datasets/mnist")
    let (images, labels) = try (
      idx("\(folder)/t10k-images-idx3-ubyte.gz"), idx("\(folder)/t10k-labels-idx1-ubyte.gz")
    )
    let found = try accuracy(
      of: model, [UInt8](images), labels.map { Int($0) }, shape: [1, 28, 28],
      values: (0..<256).map { [Float($0) * scale] })
    #expect(abs(found - expected) <= 0.3, "\(model): \(found)")
  }

  @Test func `of ResNet-20 on the first thousand of CIFAR-10's test pictures`() throws {
    let bytes = [UInt8](
      try readFile(SharedData.path("datasets/cifar10/test_batch_first1000.bin")))
    let record = 1 + 3 * 32 * 32
    let starts = Array(stride(from: 0, to: bytes.count, by: record))
    let (mean, deviation): ([Float], [Float]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    let found = try accuracy(
      of: "resnet20_cifar10", starts.flatMap { bytes[($0 + 1)..<($0 + record)] },
      starts.map { Int(bytes[$0]) }, shape: [3, 32, 32],
      values: (0..<256).map { value in
        (0..<3).map { (Float(value) / 255 - mean[$0]) / deviation[$0] }
      })
    #expect(abs(found - 91.5) <= 0.3, "\(found)")
  }

  @Test func `of Tiny VGG on its demonstration pictures`() throws {
    // In the order of the scores, as at the beginning of the file names.
    let classes = [
      "boat", "bug", "pizza", "pepper", "bus", "koala", "espresso", "panda", "orange", "car",
    ]
    let folder = SharedData.path("images/tiny_vgg")
    let network = try ONNXModel(SharedData.path("models/tiny_vgg.onnx")).network().network
    var right = 0
    for name in try namesInFolder(folder) {
      guard let target = classes.firstIndex(where: name.hasPrefix) else { continue }
      let picture = try Image(contentsOf: "\(folder)/\(name)")
      let pixels = picture.pixels
      let positions = picture.width * picture.height
      let input = Tensor(
        shape: [1, 3, picture.height, picture.width],
        (0..<(3 * positions)).map { Float(pixels[$0 % positions * 4 + $0 / positions]) / 255 })
      right += network.record(input, keeping: .only([])).scores.choices == [target] ? 1 : 0
    }
    // According to ONNX's own reference evaluator; SOURCES.md counts 12.
    #expect(right == 14)
  }
}

private func idx(_ path: String) throws -> Data { try IDX.read(FileBytes(OpenFile(path))).bytes() }

/// In percent, for pictures stored as bytes.
///
/// - Parameter values: The value of each byte, for each channel.
private func accuracy(
  of model: String, _ bytes: [UInt8], _ labels: [Int], shape: [Int], values: [[Float]]
) throws -> Double {
  let network = try ONNXModel(SharedData.path("models/\(model).onnx")).network().network
  let (size, positions, batch) = (shape.reduce(1, *), shape[1] * shape[2], 250)
  var right = 0
  for start in stride(from: 0, to: labels.count, by: batch) {
    let count = min(batch, labels.count - start)
    let images = Tensor(shape: Shape([count] + shape)) { target in
      for index in 0..<target.count {
        let channel = index / positions % shape[0]
        target.initializeElement(at: index, to: values[Int(bytes[start * size + index])][channel])
      }
    }
    let choices = network.record(images, keeping: .only([])).scores.choices
    right += zip(choices, labels[start...]).count { $0 == $1 }
  }
  return Double(right) / Double(labels.count) * 100
}

extension Tensor {
  /// The index of the greatest score in each row.
  fileprivate var choices: [Int] {
    let (values, classes) = (elements, shape[1])
    return (0..<shape[0]).map { row in
      (0..<classes).max { values[row * classes + $0] < values[row * classes + $1] } ?? 0
    }
  }
}
