import Analysis
import ArgumentParser
import Exhibits
import Files
import Foundation
import Fovea
import TestSupport
import Testing

/// What networks reach according to those who published them: the numbers of SOURCES.md.
@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"), .slow, .serialized)
struct `Real networks` {
  private func predictions(
    _ checkpoint: String, _ options: [String], images: String, _ arguments: String...
  ) throws -> Predictions {
    let parsed = try CheckpointOptions.parse(options + [SharedData.path("models/\(checkpoint)")])
    return try Studio(Model(parsed)).predictions(
      .parse(["--images", SharedData.path(images)] + arguments))
  }

  private let cifar = "datasets/cifar10/test_batch_first1000.bin"

  @Test func `ResNet-20 is right for 91.5 % of CIFAR-10's first thousand`() throws {
    for file in ["resnet20_cifar10.safetensors", "resnet20_cifar10.onnx"] {
      let found = try predictions(file, ["--preprocess", "imagenet"], images: cifar)
      #expect(found.finding.top1 == 0.915, "\(file)")
      #expect(found.doubts == [], "\(file)")
      #expect(found.classNames[5] == "dog")
    }
  }

  @Test(arguments: ["unit", "signed", "caffe", "raw"])
  func `wrong values of ResNet-20's input are doubted`(preset: String) throws {
    let found = try predictions(
      "resnet20_cifar10.safetensors", ["--preprocess", preset], images: cifar)
    #expect((found.finding.top1 ?? 1) < 0.9)
    #expect(!found.doubts.isEmpty)
    #expect(found.normalization?.isFar == true, "\(String(describing: found.normalization))")
  }

  @Test func `a trial finds ResNet-20's values`() throws {
    let found = try predictions(
      "resnet20_cifar10.safetensors", ["--preprocess", "auto"], images: cifar)
    #expect(found.finding.top1 == 0.915)
  }

  @Test func `networks of MNIST reach their accuracy, and no doubt`() throws {
    let lenet = try predictions(
      "lenet_caffe.onnx", ["--preprocess", "unit", "--scale", "0.00390625"],
      images: "datasets/mnist")
    #expect(lenet.finding.top1 == 0.9904 && lenet.doubts == [])
    let small = try predictions(
      "mnist-8.onnx", ["--preprocess", "raw"], images: "datasets/mnist")
    #expect(small.finding.top1 == 0.9891 && small.doubts == [])
  }

  /// The choices of another implementation for each photograph.
  @Test func `SqueezeNet's choices for photographs are those of the reference`() throws {
    let found = try predictions(
      "squeezenet1_1.onnx", ["--preprocess", "caffe"], images: "images/imagenet", "--labels",
      SharedData.path("images/imagenet_labels.csv"))
    // 76.3 % and 86.3 % of 80 pictures.
    #expect(found.finding.confusion.right == 61 && found.finding.labelled == 80)
    #expect(found.finding.top5 == 69.0 / 80)
    var table = try CSVTable(
      readFile(SharedData.path("images/expected_squeezenet1_1.csv")), file: "expected")
    let byName = Dictionary(uniqueKeysWithValues: found.pictures.map { ($0.name, $0.classified) })
    var (rows, sameFirst, sameFive, worst) = (0, 0, 0, Float(0))
    while let row = try table.next() {
      let own = try #require(byName[row.values[0]])
      #expect(own.label == Int(row.values[1]))
      let wanted = [2, 4, 6, 8, 10].compactMap { Int(row.values[$0]) }
      rows += 1
      if own.choices[0].index == wanted[0] { sameFirst += 1 }
      if Set(own.choices.prefix(5).map { $0.index }) == Set(wanted) { sameFive += 1 }
      for (choice, column) in zip(own.choices, [3, 5, 7, 9, 11]) {
        let (found, expected) = (choice.probability, Float(row.values[column]))
        worst = max(worst, abs(try #require(found) - #require(expected)))
      }
    }
    // The other program crops one pixel higher or further left in about half of the pictures, which
    // swaps classes of nearly equal probability: see `Photographs through SqueezeNet`.
    #expect(rows == 80 && sameFirst >= 78 && sameFive >= 50, "\(sameFirst), \(sameFive) of \(rows)")
    #expect(worst < 0.15, "\(worst)")
    #expect(found.doubts == [])
  }
}
