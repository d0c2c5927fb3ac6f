import Analysis
import ArgumentParser
import Exhibits
import Foundation
import Fovea
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// What bfloat16 changes of the answers about real networks: next to nothing.
@Suite(
  .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"),
  .enabled(if: BFloat16Check.isAnnounced, "the processor has no bf16 instructions"), .slow,
  .serialized)
struct `Real networks in bfloat16` {
  private func model(_ checkpoint: String, _ preset: String) throws -> Model {
    try Model(SharedData.path("models/\(checkpoint)"), "--preprocess", preset)
  }

  @Test(arguments: [("squeezenet1_1.onnx", "caffe"), ("googlenet.onnx", "imagenet")])
  func `choose the same classes`(checkpoint: String, preset: String) throws {
    let model = try model(checkpoint, preset)
    func choices(_ precision: Precision) throws -> [(name: String, best: Int, margin: Float)] {
      try Studio(model.computing(with: precision)).predictions(
        .parse(["--images", SharedData.path("images/imagenet")])
      ).pictures.map { picture in
        let choices = picture.classified.choices
        return (picture.name, choices[0].index, choices[0].score - choices[1].score)
      }
    }
    let (exact, rounded) = (try choices(.float32), try choices(.bfloat16))
    #expect(exact.count == 80 && rounded.count == 80)
    for (a, b) in zip(exact, rounded) {
      #expect(a.best == b.best, "\(a.name): \(a.best) by \(a.margin), and \(b.best)")
    }
  }

  @Test(arguments: [("squeezenet1_1.onnx", "caffe"), ("googlenet.onnx", "imagenet")])
  func `are activated most by the same pictures`(checkpoint: String, preset: String) throws {
    let model = try model(checkpoint, preset)
    let layers = model.network.featureLayers()
    let dataset = try openDataset(SharedData.path("images/imagenet"))
    func strongest(_ precision: Precision) throws -> [Set<[Int]>] {
      let network = model.computing(with: precision).network
      let scan = TopActivationScan(network, layers: layers)
      _ = try dataset.forEachBatch(
        of: 16, indices: Array(0..<dataset.count), preprocessing: model.preprocessing
      ) { batch in
        scan.observe(
          network.record(batch.images, keeping: .only(scan.nodes)), pictures: batch.indices)
      }
      return scan.findings().flatMap { finding in
        finding.units.map { Set($0.map { [$0.picture] }) }
      }
    }
    let (exact, rounded) = (try strongest(.float32), try strongest(.bfloat16))
    let same = zip(exact, rounded).reduce(0) { $0 + $1.0.intersection($1.1).count }
    let all = exact.reduce(0) { $0 + $1.count }
    #expect(Double(same) >= 0.95 * Double(all), "\(same) of \(all)")
  }
}
