import ArgumentParser
import Checkpoints
import Exhibits
import Files
import Foundation
import Galleries
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `The receptive fields of a network` {
  private let folder: TemporaryFolder
  private let photos: String

  init() throws {
    folder = try TemporaryFolder()
    photos = try folder.pictures(["cat": 3, "dog": 3, "owl": 1])
  }

  private func figures(
    _ path: String? = nil, _ arguments: String...
  ) throws -> [DrawnFigure] {
    try Studio(Model(path ?? folder.checkpoint(), "--preprocess", "unit")).figures(
      of: ReceptiveFields.self, ReceptiveFields.Options.parse(["--images", photos] + arguments))
  }

  private func saved(_ sketch: NetworkSketch) throws -> String {
    let path = "\(folder.path)/other.safetensors"
    try Checkpoint(sketch.network(), design: nil).save(to: path)
    return path
  }

  @Test func `is one figure for each layer, and a table`() throws {
    let all = try figures()
    #expect(all.map(\.name) == ["relu", "table"])
    let first = try #require(all.first)
    #expect(first.finding["gradient"]?.shape == [16, 16])
    // The centre of 16 × 16 is the position after the middle.
    #expect(first.finding["position"]?.elements == [8, 8])
    #expect(first.finding["field"]?.elements == [7, 7, 10, 10])
    #expect(first.finding["pictures"]?.count == 7)
    let values = try #require(first.finding["gradient"]).elements
    let outside = values.indices.filter { place in
      let (row, column) = (place / 16, place % 16)
      return !(7..<10).contains(row) || !(7..<10).contains(column)
    }
    let isZero = outside.allSatisfy { values[$0] < 1e-6 }
    #expect(isZero)
    #expect(first.facts.options["field"] == "3x3" && first.facts.options["position"] == "8,8")
    #expect(first.facts.seed == 0 && first.figure.layer == "relu")
    let table = all[1].finding
    #expect(table["sizes"]?.elements == [3, 3] && table["offsets"]?.elements == [-1, -1])
    #expect(table["parameters"]?.elements == [135])
    #expect(table["multiply_adds"]?.elements == [34_560])
    #expect(table["outside_shares"]?.elements == [0])
  }

  @Test func `is of the layers, units and pictures that are asked for`() throws {
    let some = try figures(nil, "--layers", "conv", "--units", "1,3", "--pictures", "2")
    #expect(some.map(\.name) == ["conv", "table"])
    let figure = try #require(some.first)
    #expect(figure.finding["units"]?.elements == [1, 3])
    #expect(figure.finding["pictures"]?.count == 2)
    #expect(figure.figure.units == [1, 3])
    #expect(figure.facts.options["pictures"] == "2")
  }

  @Test func `has a table of stacks where there are any`() throws {
    var sketch = NetworkSketch([3, 16, 16], seed: 1)
    for index in 1...3 {
      try sketch.convolution("conv\(index)", filters: 4, Convolution(3, padding: 1))
      try sketch.add("relu\(index)", Activation.relu)
    }
    let all = try figures(saved(sketch))
    #expect(all.map(\.name) == ["relu1", "relu2", "relu3", "table", "stacks"])
    let stacks = try #require(all.last).finding
    #expect(stacks["windows"]?.elements == [7, 7] && stacks["dilations"]?.elements == [1, 1])
    #expect(stacks["taps"]?.elements == [27] && stacks["single_taps"]?.elements == [49])
    // 9 · (3 · 4 + 4 · 4 + 4 · 4), and 49 · 3 · 4.
    #expect(stacks["weights"]?.elements == [396] && stacks["single_weights"]?.elements == [588])
  }

  @Test func `is not of networks without maps`() throws {
    var sketch = NetworkSketch([3, 16, 16], seed: 1)
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 3)
    let path = try saved(sketch)
    let error = #expect(throws: ExhibitUnavailable.self) { try figures(path) }
    #expect(
      error?.description
        == "no layer of 'other.safetensors' that is shown has maps of more than one position")
  }

  @Test(arguments: [
    (["--units", "strongest:3"], "--units: expected numbers, ranges or even:16, found"),
    (["--units", "selective:3"], "--units: expected numbers, ranges or even:16, found"),
    (["--units", "3-1"], "--units: expected units such as 0,5,17"),
    (["--pictures", "0"], "--pictures must be at least 1, not 0"),
  ])
  func `refuses options that mean nothing`(arguments: [String], message: String) {
    let error = #expect(throws: (any Error).self) {
      try ReceptiveFields.Options.parse(arguments)
    }
    #expect(error.map { ReceptiveFields.Options.message(for: $0).contains(message) } == true)
  }
}
