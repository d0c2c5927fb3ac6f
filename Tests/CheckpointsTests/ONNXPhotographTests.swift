import Checkpoints
import Datasets
import Files
import Foundation
import Networks
import TensorCore
import TestSupport
import Testing

/// Photographs from their JPEG files to class scores, compared with another program's top five.
@Suite(.slow, .enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
struct `Photographs through SqueezeNet` {
  private struct Expected {
    let file: String
    let best: [Int]
    let probabilities: [Float]
  }

  private func expected() throws -> [Expected] {
    let text = String(
      decoding: try readFile(SharedData.path("images/expected_squeezenet1_1.csv")), as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).dropFirst().map { line in
      let cells = line.split(separator: ",").map(String.init)
      return Expected(
        file: cells[0], best: stride(from: 2, to: 12, by: 2).compactMap { Int(cells[$0]) },
        probabilities: stride(from: 3, to: 12, by: 2).compactMap { Float(cells[$0]) })
    }
  }

  @Test func `are recognized alike`() throws {
    let network = try Checkpoint.load(SharedData.path("models/squeezenet1_1.onnx")).network
    let dataset = try openDataset(SharedData.path("images/imagenet"))
    let expected = Dictionary(
      try expected().map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
    var (count, sameFirst, sameFive) = (0, 0, 0)
    var worst: Float = 0
    let failures = try dataset.forEachBatch(
      of: 16, indices: Array(0..<dataset.count),
      preprocessing: Preprocessing(.caffe, input: network.graph.inputShape.extents)
    ) { batch in
      let output = network.record(batch.images, keeping: .only([]))[network.graph.outputName]
      let classes = output.count / batch.indices.count
      for (row, index) in batch.indices.enumerated() {
        let source = URL(filePath: try dataset.example(at: index).source).lastPathComponent
        let wanted = try #require(expected[source], "no expectation for \(source)")
        let values = Array(output.elements[(row * classes)..<((row + 1) * classes)])
        let best = values.indices.sorted { values[$0] > values[$1] }.prefix(5)
        count += 1
        if best.first == wanted.best.first { sameFirst += 1 }
        if Set(best) == Set(wanted.best) { sameFive += 1 }
        for (index, probability) in zip(wanted.best, wanted.probabilities) {
          worst = max(worst, abs(values[index] - probability))
        }
      }
    }
    #expect(failures.isEmpty)
    #expect(count == 80)
    #expect(sameFirst >= 78, "\(sameFirst) of \(count)")
    // The other program crops one pixel higher or further left in about half of the pictures, which
    // swaps classes of nearly equal probability.
    #expect(sameFive >= 50, "\(sameFive) of \(count)")
    #expect(worst < 0.15, "\(worst)")
  }
}
