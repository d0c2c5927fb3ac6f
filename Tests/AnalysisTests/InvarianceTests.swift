import Analysis
import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Transformed pictures` {
  /// The same from the definition: each pixel from the four around its source.
  private func slow(
    _ picture: Tensor, _ transformation: PictureTransformation, _ amount: Double,
    _ surround: Surround
  ) -> [Double] {
    let (channels, height, width) = (picture.shape[1], picture.shape[2], picture.shape[3])
    let x = picture.arranged(as: .rowMajor).elements
    let means = (0..<channels).map { channel in
      x[(channel * height * width)..<((channel + 1) * height * width)].reduce(0.0) {
        $0 + Double($1)
      } / Double(height * width)
    }
    func pixel(_ channel: Int, _ row: Int, _ column: Int) -> Double {
      var (row, column) = (row, column)
      switch surround {
      case .edge: (row, column) = (min(max(row, 0), height - 1), min(max(column, 0), width - 1))
      case .wrap:
        (row, column) = ((row + 100 * height) % height, (column + 100 * width) % width)
      case .mean where row < 0 || row >= height || column < 0 || column >= width:
        return means[channel]
      case .color(let color) where row < 0 || row >= height || column < 0 || column >= width:
        return Double(color[channel])
      case .mean, .color: break
      }
      return Double(x[(channel * height + row) * width + column])
    }
    return (0..<channels).flatMap { channel in
      (0..<height).flatMap { row in
        (0..<width).map { column -> Double in
          // Relative to the middle of the picture, x to the right and y upwards.
          let (x, y) = (
            Double(column) + 0.5 - Double(width) / 2, Double(height) / 2 - Double(row) - 0.5
          )
          let angle = -amount * .pi / 180
          let source =
            switch transformation {
            case .vertical: (x, y + amount)
            case .horizontal: (x - amount, y)
            case .scale: (x / amount, y / amount)
            case .rotation: (x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle))
            }
          let across = source.0 + Double(width) / 2 - 0.5
          let down = Double(height) / 2 - source.1 - 0.5
          let (left, top) = (across.rounded(.down), down.rounded(.down))
          var sum = 0.0
          for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let weight =
              (dy == 0 ? 1 - (down - top) : down - top)
              * (dx == 0 ? 1 - (across - left) : across - left)
            sum += weight * pixel(channel, Int(top) + dy, Int(left) + dx)
          }
          return sum
        }
      }
    }
  }

  @Test(
    arguments: [
      (PictureTransformation.vertical, 2.25), (.vertical, -3), (.horizontal, 1.5), (.scale, 0.6),
      (.scale, 1.7), (.rotation, 30), (.rotation, 90), (.rotation, 250),
    ],
    [Surround.edge, .wrap, .mean, .color([0.5, -1])])
  func `are interpolated between four pixels`(
    change: (PictureTransformation, Double), surround: Surround
  ) {
    let picture = Tensor.random([1, 2, 7, 10], seed: 3)
    let mapping = change.0.mapping(by: change.1, height: 7, width: 10)
    let found = transformed(picture, by: mapping, surround: surround)
    #expect(found.shape == picture.shape)
    expectClose(
      found.arranged(as: .rowMajor).elements, slow(picture, change.0, change.1, surround),
      relative: 1e-4, absolute: 1e-5)
  }

  @Test func `move down, to the right, and turn counterclockwise`() {
    // A single bright pixel to the right of the middle.
    var values = [Float](repeating: 0, count: 25)
    values[2 * 5 + 3] = 1
    let picture = Tensor(shape: [1, 1, 5, 5], values)
    func brightest(_ transformation: PictureTransformation, _ amount: Double) -> [Int] {
      let mapping = transformation.mapping(by: amount, height: 5, width: 5)
      let elements = transformed(picture, by: mapping, surround: .edge)
        .arranged(as: .rowMajor).elements
      let index = elements.firstIndex { abs($0 - 1) < 1e-5 } ?? -1
      return [index / 5, index % 5]
    }
    #expect(brightest(.vertical, 1) == [3, 3])
    #expect(brightest(.horizontal, 1) == [2, 4])
    #expect(brightest(.rotation, 90) == [1, 2])
    #expect(brightest(.rotation, 270) == [3, 2])
    #expect(brightest(.scale, 1) == [2, 3])
  }

  @Test func `have amounts over the whole range, and a turn without its end`() {
    #expect(
      TransformationSweep(.vertical, over: -6...6, steps: 5).amounts == [-6, -3, 0, 3, 6])
    #expect(
      TransformationSweep(.rotation, over: 0...360, steps: 37).amounts
        == (0..<36).map { 10 * Double($0) })
  }
}

@Suite struct `Invariance` {
  /// A convolution of the picture on a torus, and the means of its maps.
  private func circular() throws -> Network {
    let graph = try Graph(
      inputShape: [2, 8, 8],
      [
        Graph.Node(
          "pad", Pad(before: [0, 0, 1, 1], after: [0, 0, 1, 1], mode: .wrap), inputs: ["input"]),
        Graph.Node("conv", Convolution(3), inputs: ["pad"], parameters: ["w"]),
        Graph.Node("relu", Activation.relu, inputs: ["conv"]),
        Graph.Node("mean", GlobalPool(.average), inputs: ["relu"]),
        Graph.Node("scores", Flatten(), inputs: ["mean"]),
      ])
    return try Network(
      graph: graph, parameters: Parameters(["w": .random([5, 2, 3, 3], seed: 1)]))
  }

  private func findings(
    _ network: Network, _ pictures: [Tensor], layers: [String], _ sweeps: TransformationSweep...,
    surround: Surround, classes: [Int?] = [], batchSize: Int = 3
  ) -> [InvarianceFinding] {
    var analysis = InvarianceAnalysis(
      network, layers: layers, sweeps: sweeps, surround: surround)
    for (index, picture) in pictures.enumerated() {
      let stray = analysis.add(
        picture, index: 10 + index, classIndex: index < classes.count ? classes[index] : nil,
        batchSize: batchSize)
      #expect((stray == nil) == picture.isFinite)
    }
    return analysis.findings
  }

  @Test func `to circular shifts is exact for a circular network with a global mean`() throws {
    let pictures = (0..<2).map { Tensor.random([1, 2, 8, 8], seed: 5 + $0) }
    let found = findings(
      try circular(), pictures, layers: ["relu", "scores"],
      TransformationSweep(.vertical, over: -7...7, steps: 15),
      TransformationSweep(.horizontal, over: -7...7, steps: 15), surround: .wrap)
    for finding in found {
      #expect(finding.pictures == [10, 11])
      for distance in finding.layers[1].distances.joined() { #expect(distance < 1e-6) }
      for distance in finding.layers[1].cosineDistances.joined() { #expect(abs(distance) < 1e-6) }
      // Its maps do change, but for the shift by nothing.
      for distances in finding.layers[0].distances {
        #expect(distances[7] < 1e-6 && distances[6] > 0.1)
      }
      for row in finding.probabilities {
        for probability in row { #expect(abs(probability - row[0]) < 1e-6) }
      }
    }
  }

  @Test func `equivariance of a convolution to translations by its strides is exact`() throws {
    for stride in [1, 2] {
      var sketch = NetworkSketch([3, 16, 14], seed: 2)
      try sketch.convolution("conv", filters: 6, Convolution(3, stride: stride))
      let network = try sketch.network()
      let amounts = stride == 1 ? [-5.0, -1, 0, 3, 6] : [-6.0, -2, 0, 4, 8]
      let found = findings(
        network, [.random([1, 3, 16, 14], seed: 4)], layers: ["conv"],
        TransformationSweep(.vertical, amounts: amounts),
        TransformationSweep(.horizontal, amounts: amounts),
        TransformationSweep(.rotation, amounts: [0, 90, 180]), surround: .color([9, 9, 9]))
      for finding in found.prefix(2) {
        let layer = finding.layers[0]
        for distance in try #require(layer.movedDistances).joined() { #expect(distance < 1e-6) }
        for (amount, distance) in zip(amounts, layer.distances[0]) where amount != 0 {
          #expect(distance > 0.5)
        }
      }
      // Filters are not turned with the picture.
      let turned = try #require(found[2].layers[0].movedDistances)[0]
      #expect(turned[0] < 1e-6 && turned[1] > 0.3 && turned[2] > 0.3)
    }
  }

  @Test func `distances are those of the features`() throws {
    let network = try circular()
    let pictures = (0..<3).map { Tensor.random([1, 2, 8, 8], seed: 20 + $0) }
    let sweep = TransformationSweep(.scale, over: 0.5...1.5, steps: 4)
    let finding = findings(
      network, pictures, layers: ["relu"], sweep, surround: .mean, classes: [2, nil, 4])[0]
    #expect(finding.classes[0] == 2 && finding.classes[2] == 4)
    func features(_ picture: Tensor) -> [Double] {
      network.record(picture)["relu"].arranged(as: .rowMajor).elements.map(Double.init)
    }
    func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    func distance(_ x: [Double], _ y: [Double]) -> Double { norm(zip(x, y).map { $0 - $1 }) }
    for (row, picture) in pictures.enumerated() {
      let own = features(picture)
      for (step, amount) in sweep.amounts.enumerated() {
        let other = features(
          transformed(
            picture, by: sweep.transformation.mapping(by: amount, height: 8, width: 8),
            surround: .mean))
        let expected = distance(own, other) / norm(own)
        #expect(abs(finding.layers[0].distances[row][step] - expected) < 1e-4)
        let product = zip(own, other).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(
          abs(
            finding.layers[0].cosineDistances[row][step]
              - (1 - product / (norm(own) * norm(other)))) < 1e-4)
      }
    }
    let all = pictures.map(features)
    let pairs = [(0, 1), (0, 2), (1, 2)].map { distance(all[$0], all[$1]) }
    let squares = all.map { norm($0) * norm($0) }.reduce(0, +) / 3
    let spread = (pairs.reduce(0) { $0 + $1 * $1 } / 3 / squares).squareRoot()
    #expect(abs(try #require(finding.layers[0].spread) - spread) < 1e-5)
  }

  @Test func `does not depend on batches, and leaves out what is not finite`() throws {
    let network = try circular()
    let picture = Tensor.random([1, 2, 8, 8], seed: 7)
    let sweep = TransformationSweep(.rotation, over: 0...360, steps: 7)
    let finding = findings(network, [picture], layers: ["relu"], sweep, surround: .edge)[0]
    let other = findings(
      network, [picture], layers: ["relu"], sweep, surround: .edge, batchSize: 1)[0]
    for (a, b) in zip(finding.layers[0].distances[0], other.layers[0].distances[0]) {
      #expect(abs(a - b) < 1e-6)
    }
    // One picture is not far from others.
    #expect(finding.layers[0].spread == nil)
    #expect(InvarianceFinding.mean(of: [[1, .nan], [3, 5]]) == [2, 5])
    #expect(abs(finding.overall([[100, 1, 2, 3, 4, 5]]) - 3) < 1e-9)
  }

  @Test func `a picture whose features are not finite does not count for the spread`() throws {
    let network = try circular()
    let sweep = TransformationSweep(.rotation, over: 0...360, steps: 5)
    let pictures = (1...3).map { Tensor.random([1, 2, 8, 8], seed: $0) }
    func spread(_ pictures: [Tensor]) -> Double? {
      findings(network, pictures, layers: ["relu"], sweep, surround: .edge)[0].layers[0].spread
    }
    let known = try #require(spread(pictures))
    let broken = Tensor(shape: [1, 2, 8, 8], repeating: .nan)
    #expect(spread([pictures[0], broken, pictures[1], pictures[2]]) == known)
    #expect(spread([broken, pictures[0]]) == nil)
  }

  @Test func `verdicts compare with the distance between pictures`() {
    #expect(InvarianceVerdict(0.2, spread: 1) == .yes)
    #expect(InvarianceVerdict(0.5, spread: 2) == .yes)
    #expect(InvarianceVerdict(0.6, spread: 2) == .partly)
    #expect(InvarianceVerdict(1.5, spread: 2) == .no)
    #expect(InvarianceVerdict(.nan, spread: 2) == nil)
    #expect(InvarianceVerdict(1, spread: nil) == nil)
  }
}
