import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Occlusion` {
  // MARK: Positions

  @Test func `a square of 50 every 10 pixels at 224`() throws {
    let grid = try OccluderGrid(height: 224, width: 224)
    #expect(grid.size == 50 && grid.stride == 10)
    #expect(grid.rowCenters == Array(stride(from: 2.0, through: 222, by: 10)))
    #expect(grid.columnCenters == grid.rowCenters)
    // In proportion to the shorter side.
    let wide = try OccluderGrid(height: 64, width: 300)
    #expect(wide.size == 14 && wide.stride == 3)
    #expect(wide.firstRows.count == 22 && wide.firstColumns.count == 101)
  }

  @Test(arguments: 1...30, [1, 2, 3, 5, 8])
  func `covers the middle evenly and leaves nothing out`(extent: Int, step: Int) throws {
    for size in 1...extent {
      let grid = try OccluderGrid(height: extent, width: extent + 7, size: size, stride: step)
      for (starts, centers, extent) in [
        (grid.firstRows, grid.rowCenters, extent),
        (grid.firstColumns, grid.columnCenters, extent + 7),
      ] {
        let (first, last) = (try #require(centers.first), try #require(centers.last))
        // Symmetric to half a pixel, unless one more cell is needed to cover the last half pixel.
        #expect(abs(first + last - Double(extent)) <= max(1, Double(step)))
        let half = Double(step) / 2
        #expect(first - half <= 0 && last + half >= Double(extent), "the cells cover the picture")
        #expect(first - half > -Double(step) && last + half < Double(extent + step))
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == step })
        let counts = (0..<extent).map { pixel in
          starts.count { $0 <= pixel && pixel < $0 + size }
        }
        let middle = counts.indices.filter {
          Double($0) >= Double(size) / 2 && Double($0) < Double(extent) - Double(size) / 2
        }.map { counts[$0] }
        // Rounding to half a pixel may cost one at an end.
        let range = (middle.min() ?? 0, middle.max() ?? 0)
        #expect(range.1 - range.0 <= (size.isMultiple(of: step) ? 0 : 1), "\(counts)")
        if step == 1 { #expect(!counts.contains(0)) }
      }
    }
  }

  @Test func `a square that is too large or too small is refused`() {
    func message(_ size: Int, _ stride: Int) -> String {
      do {
        _ = try OccluderGrid(height: 20, width: 30, size: size, stride: stride)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(message(20, 1) == "")
    #expect(message(21, 1) == "a square of 21×21 is larger than the picture of 20×30 pixels")
    #expect(message(0, 1) == "a square of 0 pixels in steps of 1 covers nothing")
    #expect(message(3, 30) == "")
    #expect(
      message(3, .max)
        == "steps of \(Int.max) pixels are longer than the picture of 20×30 pixels")
    #expect(message(3, 0) == "a square of 3 pixels in steps of 0 covers nothing")
  }

  @Test func `layers without maps are refused`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 4, Convolution(3))
    try sketch.add("gap", GlobalPool())
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 2)
    let network = try sketch.network()
    #expect(
      throws: SelectionError("layer 'fc' has no maps of more than one position; there are 'conv'")
    ) {
      try network.layers(matching: ["fc"], for: .maps)
    }
    let all = try network.layers(matching: ["*"], for: .maps)
    #expect(all.layers == ["conv"] && all.leftOut.count == 3)
  }

  // MARK: Answers

  /// The second unit sums the 3 × 3 pixels around each, the first one takes a tenth of each; class 1
  /// is the sum of the second map.
  private func summing(side: Int) throws -> Network {
    let tenth = (0..<9).map { Float($0 == 4 ? 0.1 : 0) }
    let graph = try Graph(
      inputShape: [1, side, side],
      [
        Graph.Node("conv", Convolution(3, padding: 1), inputs: ["input"], parameters: ["w"]),
        Graph.Node("relu", Activation.relu, inputs: ["conv"]),
        Graph.Node("flat", Flatten(), inputs: ["relu"]),
        Graph.Node("scores", Linear(), inputs: ["flat"], parameters: ["v"]),
      ])
    let area = side * side
    return try Network(
      graph: graph,
      parameters: Parameters([
        "w": Tensor(shape: [2, 1, 3, 3], tenth + [Float](repeating: 1, count: 9)),
        "v": Tensor(shape: [2, 2 * area]) { target in
          target.initialize(repeating: 0)
          for index in 0..<area { target[2 * area + area + index] = 0.5 }
        },
      ]))
  }

  @Test(arguments: [(size: 3, stride: 1), (size: 4, stride: 2), (size: 2, stride: 3)])
  func `what depends on one pixel drops exactly where the square covers it`(
    square: (size: Int, stride: Int)
  ) throws {
    let (side, row, column) = (9, 3, 5)
    let network = try summing(side: side)
    let picture = Tensor(shape: [1, 1, side, side]) { target in
      target.initialize(repeating: 0)
      target[row * side + column] = 1
    }
    let grid = try OccluderGrid(
      height: side, width: side, size: square.size, stride: square.stride)
    let analysis = OcclusionAnalysis(grid: grid, color: [0], layers: ["relu"])
    let finding = analysis.run(on: network, picture: picture, targets: [.choice(0)], together: 4)
    // e^4.5 / (1 + e^4.5)
    let whole = 0.98901
    #expect(finding.maps[0].unit == 1 && finding.maps[0].unoccluded == 9)
    #expect(finding.classes.map(\.classIndex) == [1])
    #expect(abs(Double(finding.classes[0].unoccluded) - whole) < 1e-5)
    var covered = 0
    for position in 0..<grid.count {
      let square = grid.square(at: position)
      let covers = square.rows.contains(row) && square.columns.contains(column)
      covered += covers ? 1 : 0
      #expect(finding.maps[0].totals.elements[position] == (covers ? 0 : 9))
      let probability = Double(finding.classes[0].values.elements[position])
      #expect(abs(probability - (covers ? 0.5 : whole)) < 1e-5)
      // Of two equal scores, the first is the choice.
      #expect(finding.choices[position] == (covers ? 0 : 1))
    }
    // Squares that are smaller than the stride may miss the pixel.
    #expect(covered < grid.count && (covered > 0 || square.size < square.stride))
  }

  @Test func `the square has its colour in every channel, and what sticks out is cut off`() throws {
    let grid = try OccluderGrid(height: 6, width: 8, size: 4, stride: 3)
    let analysis = OcclusionAnalysis(grid: grid, color: [5, 6, 7], layers: [])
    let picture = Tensor(shape: [1, 3, 6, 8], repeating: 0)
    let all = analysis.occluded(picture, at: 0..<grid.count)
    #expect(all.shape == [grid.count, 3, 6, 8])
    let values = all.elements
    for position in 0..<grid.count {
      let square = grid.square(at: position)
      for (index, place) in Slow.indices([3, 6, 8]).enumerated() {
        let isHidden = square.rows.contains(place[1]) && square.columns.contains(place[2])
        #expect(values[position * 144 + index] == (isHidden ? Float(5 + place[0]) : 0))
      }
    }
  }

  @Test(arguments: 0..<8)
  func `is the network's answer to one picture after another`(seed: Int) throws {
    let network = try Network.random(seed: seed)
    let shape = network.graph.inputShape
    let picture = Tensor.random(Shape([1] + shape.extents), seed: seed)
    let grid = try OccluderGrid(height: shape[1], width: shape[2], size: 5, stride: 3)
    let color: [Float] = [0.3, -0.2, 0.1]
    let layers = ["relu1", "relu2"]
    let finding = OcclusionAnalysis(grid: grid, color: color, layers: layers).run(
      on: network, picture: picture, targets: [.classIndex(3), .choice(0)],
      together: 1 + 3 * (seed % 3))
    let own = network.record(picture)
    #expect(finding.maps.map(\.layer) == layers)
    for map in finding.maps {
      let totals = (0..<own[map.layer].shape[1]).map { slowTotal(own, map.layer, $0) }
      #expect(abs(totals[map.unit] - (totals.max() ?? 0)) < 1e-4)
      #expect(abs(Double(map.unoccluded) - totals[map.unit]) < 1e-4)
    }
    let pixels = picture.elements
    for position in 0..<grid.count {
      let square = grid.square(at: position)
      let occluded = Tensor(
        shape: picture.shape,
        Slow.indices(Array(shape.extents)).enumerated().map { index, place in
          square.rows.contains(place[1]) && square.columns.contains(place[2])
            ? color[place[0]] : pixels[index]
        })
      let recording = network.record(occluded)
      for map in finding.maps {
        let total = slowTotal(recording, map.layer, map.unit)
        #expect(
          abs(Double(map.totals.elements[position]) - total) < 1e-5 * max(1, abs(total)))
      }
      let prediction = Prediction.all(from: recording.scores, by: network.probabilityFunction)[0]
      for response in finding.classes {
        let candidate = try #require(prediction[response.classIndex])
        let value = Double(candidate.probability ?? candidate.score)
        #expect(
          abs(Double(response.values.elements[position]) - value) < 1e-5 * max(1, abs(value)))
      }
      #expect(finding.choices[position] == prediction.candidates[0].index)
    }
    #expect(finding.classes[0].classIndex == 3)
    #expect(finding.classes[1].classIndex == finding.prediction?.candidates[0].index)
  }

  private func slowTotal(_ recording: Recording, _ layer: String, _ unit: Int) -> Double {
    let maps = recording[layer].elements
    let area = maps.count / recording[layer].shape[1]
    return maps[(unit * area)..<((unit + 1) * area)].reduce(0) { $0 + Double($1) }
  }

  @Test(arguments: 0..<4)
  func `the projection is of the strongest map alone`(seed: Int) throws {
    let network = try Network.random(seed: seed)
    let shape = network.graph.inputShape
    let picture = Tensor.random(Shape([1] + shape.extents), seed: seed)
    let grid = try OccluderGrid(height: shape[1], width: shape[2], size: 9, stride: 9)
    let map = OcclusionAnalysis(grid: grid, color: [0, 0, 0], layers: ["relu2"]).run(
      on: network, picture: picture, targets: [], together: 8
    ).maps[0]
    let recording = network.record(picture)
    let output = recording["relu2"]
    let area = output.shape.spatial.reduce(1, *)
    let signal = Tensor(
      shape: output.shape,
      output.elements.enumerated().map { $0 / area == map.unit ? $1 : 0 })
    let expected = recording.propagate(signal, from: "relu2", by: .deconvnet).input
    expectClose(map.projection, expected, relativeNorm: 1e-5)
    #expect(map.projection.norm > 0)
  }

  @Test func `a network that ends in maps has no classes`() throws {
    var sketch = NetworkSketch([3, 10, 12], seed: 3)
    try sketch.convolution("conv", filters: 4, Convolution(3, padding: 1))
    try sketch.add("relu", Activation.relu)
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    let network = try sketch.network()
    let grid = try OccluderGrid(height: 10, width: 12, size: 4, stride: 2)
    let finding = OcclusionAnalysis(grid: grid, color: [0, 0, 0], layers: ["relu"]).run(
      on: network, picture: .random([1, 3, 10, 12], seed: 2), targets: [], together: 5)
    #expect(finding.prediction == nil && finding.classes.isEmpty && finding.choices.isEmpty)
    #expect(finding.maps[0].totals.shape == [5, 6])
    #expect(finding.maps[0].totals.elements.allSatisfy { $0 < finding.maps[0].unoccluded + 1 })
  }

  @Test func `scores that are not finite have no value and no choice`() throws {
    let network = try summing(side: 4)
    let picture = Tensor(shape: [1, 1, 4, 4], repeating: 1)
    let grid = try OccluderGrid(height: 4, width: 4, size: 2, stride: 2)
    let finding = OcclusionAnalysis(grid: grid, color: [.infinity], layers: ["relu"]).run(
      on: network, picture: picture, targets: [.classIndex(1)], together: 3)
    #expect(finding.choices.allSatisfy { $0 == nil })
    #expect(finding.classes[0].values.elements.allSatisfy { $0.isNaN })
    #expect(finding.classes[0].unoccluded.isFinite)
  }

  @Test func `a picture without finite scores is not occluded at all`() throws {
    let grid = try OccluderGrid(height: 4, width: 4, size: 2, stride: 2)
    let picture = Tensor(shape: [1, 1, 4, 4], repeating: .nan)
    let finding = OcclusionAnalysis(grid: grid, color: [0], layers: ["relu"]).run(
      on: try summing(side: 4), picture: picture, targets: [.classIndex(1)], together: 3
    ) { _ in Issue.record("a position was run") }
    #expect(finding.prediction?.isFinite == false && finding.classes.isEmpty)
  }
}
