import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Correspondence` {
  /// Its features are the picture's 4 × 4 pixels, and the sum of the upper half.
  private func pixels() throws -> Network {
    try Network(
      graph: Graph(
        inputShape: [1, 4, 4],
        [
          Graph.Node("conv", Convolution(1), inputs: ["input"], parameters: ["w"]),
          Graph.Node("flat", Flatten(), inputs: ["conv"]),
          Graph.Node("sum", Linear(), inputs: ["flat"], parameters: ["v"]),
        ]),
      parameters: Parameters([
        "w": Tensor(shape: [1, 1, 1, 1], [1]),
        "v": Tensor(shape: [1, 16], (0..<16).map { $0 < 8 ? 1 : 0 }),
      ]))
  }

  private func box(_ row: Int, _ column: Int, _ height: Int = 1, _ width: Int = 1) -> HiddenBox {
    HiddenBox(rows: row..<(row + height), columns: column..<(column + width))
  }

  @Test(arguments: 1...6)
  func `of pixels is known`(together: Int) throws {
    var analysis = CorrespondenceAnalysis(
      try pixels(), layers: ["conv", "sum"], color: [0], parts: ["same", "moved", "dark"],
      draws: 1)
    // The third picture is negative where the parts are.
    let pictures = [Float(1), 2, -1].map { value in
      Tensor(shape: [1, 1, 4, 4], (0..<16).map { $0 < 8 ? value : 1 })
    }
    for (index, picture) in pictures.enumerated() {
      let places = [box(0, 0, 1, 2), box(0, index), index == 1 ? nil : box(3, 3)]
      let random = places.map { $0.map { _ in box(2, 2) } }
      var counts: [Int] = []
      let stray = analysis.add(
        picture, places: places, random: [random], together: together
      ) { counts.append($0) }
      #expect(stray == nil)
      #expect(counts.last == (index == 1 ? 4 : 6))
      #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 < $1 })
    }
    let finding = analysis.finding
    #expect(finding.parts == ["same", "moved", "dark"] && finding.pictureCounts == [3, 3, 2])
    let (conv, sum) = (finding.layers[0], finding.layers[1])
    #expect(conv.name == "conv" && conv.parts.allSatisfy { $0.featureCount == 16 })
    // Two positive changes against two negative ones; the pairs are 0-1, 0-2, 1-2.
    #expect(conv.parts[0].distances == [0, 2, 2])
    #expect(conv.parts[0].sum == 8)
    #expect(abs(conv.parts[0].mean - 4.0 / 48) < 1e-12)
    // Shares of 0, 1/8 and 1/8: (1/8) · √(1/3).
    let deviation = 0.125 / 3.0.squareRoot()
    #expect(abs(conv.parts[0].deviation - deviation) < 1e-12)
    #expect(conv.parts[0].changedShare == 2.0 / 16)
    // One pixel each, never the same.
    #expect(conv.parts[1].distances == [2, 2, 2] && conv.parts[1].deviation == 0)
    // The pixel is 1 in both of the pictures that have the part.
    #expect(conv.parts[2].distances == [0] && conv.parts[2].deviation.isNaN)
    #expect(conv.random[0].map(\.distances) == [[0, 0, 0], [0, 0, 0], [0]])
    // What is in the lower half does not change the sum, and what does not change agrees.
    #expect(sum.parts.map(\.distances) == [[0, 1, 1], [0, 1, 1], [0]])
    #expect(sum.parts[2].changedShare == 0 && sum.randomMean == 0)
    #expect(sum.random[0].allSatisfy { $0.featureCount == 1 })
  }

  @Test func `of random places is the mean over parts and draws`() {
    func consistency(_ distances: [Int]) -> CorrespondenceFinding.Consistency {
      .init(distances: distances, featureCount: 10, changedShare: 0.5)
    }
    let layer = CorrespondenceFinding.Layer(
      name: "a", parts: [consistency([1]), consistency([])],
      random: [
        [consistency([2, 4]), consistency([6, 6])], [consistency([1, 1]), consistency([])],
      ])
    #expect(layer.randomMeans.map { ($0 * 1000).rounded() } == [450, 100])
    #expect(abs(layer.randomMean - 0.275) < 1e-12)
    // Of 0.2, 0.4, 0.6, 0.6, 0.1 and 0.1, whose mean is 1/3.
    let variance = (0.94 - 6.0 / 9) / 5
    #expect(abs(layer.randomDeviation - variance.squareRoot()) < 1e-9)
    // Δ counts each pair twice: 12, 24 and 4; without pairs there is none.
    #expect(abs(layer.randomSum - 40.0 / 3) < 1e-9)
    #expect(layer.parts[1].mean.isNaN && layer.parts[1].sum == 0)
  }

  /// Integers are exact in any order, so that the signs are.
  @Test(arguments: 0..<6)
  func `is what the definition says`(seed: Int) throws {
    let network = try Network.random(seed: seed, weights: .integers)
    let shape = network.graph.inputShape
    var generator = SeededGenerator(seed: UInt64(seed))
    let color: [Float] = [1, -2, 0]
    let layers = ["relu1", "relu2", "fc"]
    let draws = 2
    var analysis = CorrespondenceAnalysis(
      network, layers: layers, color: color, parts: ["a", "b"], draws: draws)
    var signs: [[[[Int]]]] = []
    for _ in 0..<4 {
      let picture = Tensor(
        shape: Shape([1] + shape.extents),
        (0..<shape.elementCount).map { _ in Float(Int.random(in: -3...3, using: &generator)) })
      let places = (0..<2).map { _ in
        box(0, 0, 4, 3).moved(
          inHeight: shape[1], width: shape[2], within: nil, by: &generator)
      }
      let random = (0..<draws).map { _ in
        places.map {
          $0.moved(inHeight: shape[1], width: shape[2], within: nil, by: &generator)
        }
      }
      #expect(
        analysis.add(picture, places: places, random: random, together: 1 + seed) == nil)
      signs.append(
        layers.map { layer in
          (places + random.joined()).map {
            slowSigns(of: picture, hiding: $0, color, layer, network)
          }
        })
    }
    let finding = analysis.finding
    for (number, layer) in finding.layers.enumerated() {
      let found = layer.parts + layer.random.joined()
      #expect(found.count == 6 && layer.name == layers[number])
      for (slot, consistency) in found.enumerated() {
        var (sum, changed) = (0, 0)
        for i in 0..<4 {
          for j in 0..<4 where i != j {
            sum += zip(signs[i][number][slot], signs[j][number][slot]).count { $0 != $1 }
          }
          changed += signs[i][number][slot].count { $0 != 0 }
        }
        let count = signs[0][number][slot].count
        #expect(consistency.sum == sum && consistency.featureCount == count)
        #expect(abs(consistency.mean - Double(sum) / Double(12 * count)) < 1e-12)
        #expect(abs(consistency.changedShare - Double(changed) / Double(4 * count)) < 1e-12)
      }
    }
    #expect(finding.layers[0].parts.contains { $0.sum > 0 })
  }

  private func slowSigns(
    of picture: Tensor, hiding box: HiddenBox, _ color: [Float], _ layer: String,
    _ network: Network
  ) -> [Int] {
    let pixels = picture.elements
    let hidden = Tensor(
      shape: picture.shape,
      Slow.indices(Array(picture.shape.extents.dropFirst())).enumerated().map { index, place in
        box.rows.contains(place[1]) && box.columns.contains(place[2])
          ? color[place[0]] : pixels[index]
      })
    let original = network.record(picture)[layer].elements
    let greatest = original.map(abs).max() ?? 0
    return zip(original, network.record(hidden)[layer].elements).map { x, y in
      abs(x - y) <= 1e-5 * greatest ? 0 : x > y ? 1 : -1
    }
  }

  @Test func `ignores changes that are only rounding`() throws {
    var analysis = CorrespondenceAnalysis(
      try pixels(), layers: ["conv"], color: [0], parts: ["a"], draws: 1)
    // Beside a million, a change by one is one of the sixth digit.
    for value in [Float(1), -1] {
      let picture = Tensor(shape: [1, 1, 4, 4], (0..<16).map { $0 == 15 ? 1e6 : value })
      #expect(
        analysis.add(picture, places: [box(0, 0)], random: [[box(0, 1)]], together: 3) == nil)
    }
    #expect(analysis.finding.layers[0].parts[0].distances == [0])
    #expect(analysis.finding.layers[0].parts[0].changedShare == 0)
  }

  @Test func `leaves out pictures with features that are not finite`() throws {
    var analysis = CorrespondenceAnalysis(
      try pixels(), layers: ["conv", "sum"], color: [.infinity], parts: ["a"], draws: 1)
    let picture = Tensor(shape: [1, 1, 4, 4], repeating: 1)
    #expect(
      analysis.add(picture, places: [box(0, 0)], random: [[box(0, 1)]], together: 8) == "conv")
    let finding = analysis.finding
    #expect(finding.pictureCounts == [0])
    #expect(finding.layers.allSatisfy { $0.parts[0].mean.isNaN && $0.randomMean.isNaN })
  }

  @Test func `random places have the box's size, and are anywhere inside`() {
    var generator = SeededGenerator(seed: 4)
    var seen: Set<HiddenBox> = []
    for _ in 0..<2000 {
      let moved = box(1, 2, 3, 2).moved(inHeight: 6, width: 5, within: nil, by: &generator)
      #expect(moved.rows.count == 3 && moved.columns.count == 2)
      #expect(moved.rows.lowerBound >= 0 && moved.rows.upperBound <= 6)
      #expect(moved.columns.lowerBound >= 0 && moved.columns.upperBound <= 5)
      seen.insert(moved)
    }
    #expect(seen.count == 16)
  }

  @Test func `random places are centred in the object if it is known`() {
    var generator = SeededGenerator(seed: 4)
    func places(_ part: HiddenBox, _ object: HiddenBox) -> Set<HiddenBox> {
      Set(
        (0..<500).map { _ in
          part.moved(inHeight: 8, width: 8, within: object, by: &generator)
        })
    }
    // Centres from 4 to 6, by whole pixels.
    #expect(places(box(0, 0, 2, 2), box(4, 4, 2, 2)).count == 9)
    #expect(
      places(box(0, 0, 2, 2), box(4, 4, 2, 2)).allSatisfy {
        (4...6).contains($0.rows.lowerBound + 1) && (4...6).contains($0.columns.lowerBound + 1)
      })
    // No place has its centre in such an object: the nearest is taken.
    #expect(places(box(0, 0, 4, 8), box(0, 0, 1, 1)) == [box(0, 0, 4, 8)])
    // A part that is larger than the picture is cut off.
    #expect(places(box(-1, 0, 20, 1), box(0, 0, 8, 1)) == [box(0, 0, 8, 1)])
  }

  @Test func `the usual layers are the last maps and the last hidden layer`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 4, Convolution(3))
    try sketch.add("relu", Activation.relu)
    try sketch.add("flat", Flatten())
    try sketch.linear("fc1", outputs: 5)
    try sketch.add("relu1", Activation.relu)
    try sketch.linear("fc2", outputs: 2)
    #expect(try sketch.network().lastLayers() == ["relu", "relu1"])
  }
}
