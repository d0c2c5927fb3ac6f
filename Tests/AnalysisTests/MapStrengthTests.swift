import Analysis
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `The strength of maps` {
  /// Of a layer that passes its pictures on.
  private func strongest(_ maps: Tensor) throws -> [Int] {
    let (count, height, width) = (maps.shape[1], maps.shape[2], maps.shape[3])
    let identity = (0..<count * count).map { Float($0 / count == $0 % count ? 1 : 0) }
    let network = try Network(
      graph: Graph(
        inputShape: [count, height, width],
        [
          Graph.Node("conv", Convolution(1), inputs: ["input"], parameters: ["w"]),
          Graph.Node("relu", Activation.relu, inputs: ["conv"]),
        ]), parameters: Parameters(["w": Tensor(shape: [count, count, 1, 1], identity)]))
    return try FeatureMapAnalysis().run(on: network, picture: maps, layers: ["conv"])[0].strongest
  }

  /// `[1, units, side, side]`, zero but for some values.
  private func maps(_ side: Int, _ values: [[(row: Int, column: Int, value: Float)]]) -> Tensor {
    var all = [Float](repeating: 0, count: values.count * side * side)
    for (unit, points) in values.enumerated() {
      for point in points { all[(unit * side + point.row) * side + point.column] = point.value }
    }
    return Tensor(shape: [1, values.count, side, side], all)
  }

  @Test func `is not that of the border`() throws {
    // The first is bright along one edge, as zero padding makes it; the second inside.
    let edge = (0..<10).map { (row: 0, column: $0, value: Float(9)) }
    #expect(try strongest(maps(10, [edge, [(5, 5, 1)]])) == [1, 0])
    // A map of four positions a side has no inside.
    #expect(try strongest(maps(4, [[(0, 1, 9)], [(2, 2, 1)]])) == [0, 1])
  }

  @Test func `is not that of a single position among many`() throws {
    // Inside, 30 × 30 positions: nine are one in a hundred.
    let block = (0..<20).map { (row: 10 + $0 / 5, column: 10 + $0 % 5, value: Float(1)) }
    #expect(try strongest(maps(32, [[(16, 16, 50)], block])) == [1, 0])
  }

  @Test func `of maps that are zero nearly everywhere is ordered by the greatest value`() throws {
    #expect(try strongest(maps(32, [[], [(16, 16, 2)], [(9, 9, 3)]])) == [2, 1, 0])
  }

  @Test(arguments: [(5, 0), (9, 1), (33, 2), (64, 3)])
  func `is the percentile of a slow restatement`(side: Int, seed: Int) throws {
    let maps = Tensor.random([1, 6, side, side], seed: seed)
    let border = max(1, side / 16)
    let strengths = (0..<6).map { unit -> Float in
      var inside: [Float] = []
      for row in border..<(side - border) {
        for column in border..<(side - border) {
          inside.append(maps.elements[(unit * side + row) * side + column])
        }
      }
      inside.sort()
      return inside[Int((0.99 * Double(inside.count)).rounded(.up)) - 1]
    }
    #expect(try strongest(maps) == (0..<6).sorted { strengths[$0] > strengths[$1] })
  }
}
