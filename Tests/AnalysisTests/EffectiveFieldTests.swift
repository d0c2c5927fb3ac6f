import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Effective receptive fields` {
  private func findings(
    _ network: Network, _ pictures: Tensor, layers: [String], units: [String: [Int]] = [:],
    seed: UInt64 = 0, together: Int? = nil
  ) -> [EffectiveFieldFinding] {
    var analysis = EffectiveFieldAnalysis(network, layers: layers, units: units, seed: seed)
    let step = together ?? pictures.shape[0]
    for start in stride(from: 0, to: pictures.shape[0], by: step) {
      let rows = start..<min(start + step, pictures.shape[0])
      _ = analysis.add(pictures.rows(rows), indices: Array(rows))
    }
    return analysis.findings
  }

  private func elements(_ tensor: Tensor) -> [Double] { tensor.elements.map(Double.init) }

  // MARK: Known answers

  /// Convolutions of one channel with filters of ones, without activations.
  private func boxes(_ windows: [[Int]], dilation: Int = 1, side: Int = 17) throws -> Network {
    var sketch = NetworkSketch([1, side, side], seed: 1)
    for (index, window) in windows.enumerated() {
      let padding = window.map { dilation * ($0 - 1) / 2 }
      try sketch.add(
        "conv\(index)",
        Convolution(
          window: window,
          moves: WindowGeometry(
            stride: [1, 1], dilation: [dilation, dilation], paddingBefore: padding,
            paddingAfter: padding)),
        parameters: [("w\(index)", Tensor(shape: Shape([1, 1] + window), repeating: 1))])
    }
    return try sketch.network()
  }

  /// Of a run of ones, convolved with itself again and again, about the middle of a line.
  private func convolved(_ windows: [Int], dilation: Int, side: Int) -> [Double] {
    var line = [Double](repeating: 0, count: side)
    line[side / 2] = 1
    for window in windows {
      line = line.indices.map { place in
        (0..<window).reduce(0) { sum, tap in
          let from = place + dilation * (tap - window / 2)
          return sum + (line.indices.contains(from) ? line[from] : 0)
        }
      }
    }
    return line
  }

  @Test(arguments: 1...5, [1, 2])
  func `of equal weights are filters convolved with themselves`(
    count: Int, dilation: Int
  ) throws {
    let side = 4 * count + 5
    let network = try boxes(
      Array(repeating: [3, 3], count: count), dilation: dilation, side: side)
    let finding = try #require(
      findings(
        network, .random([3, 1, side, side], seed: count), layers: ["conv\(count - 1)"]
      ).first)
    let line = convolved(Array(repeating: 3, count: count), dilation: dilation, side: side)
    let expected = line.flatMap { row in line.map { row * $0 } }
    expectClose(
      finding.gradient.elements, expected, relative: 1e-5, absolute: 1e-5, "count \(count)")
    #expect(finding.position == [side / 2, side / 2] && finding.pictureCount == 3)
    let reach = side / 2 - dilation * count..<side / 2 + dilation * count + 1
    #expect(finding.pixels == [reach, reach] && finding.outsideShare == 0)
    // The rectangle holds 95 % of the squares, and is not larger than the smallest about the centre.
    let total = line.reduce(0) { $0 + $1 * $1 } * line.reduce(0) { $0 + $1 * $1 }
    func share(_ rows: Range<Int>, _ columns: Range<Int>) -> Double {
      func part(_ range: Range<Int>) -> Double { line[range].reduce(0) { $0 + $1 * $1 } }
      return part(rows) * part(columns) / total
    }
    let box = try #require(finding.box)
    #expect(abs(box.rows.count - box.columns.count) <= 2)
    #expect(share(box.rows, box.columns) >= 0.95 - 1e-5)
    let least = try #require(
      (0...side / 2).first { half in
        let range = side / 2 - half..<side / 2 + half + 1
        return share(range, range) >= 0.95 + 1e-5
      })
    #expect(max(box.rows.count, box.columns.count) <= 2 * least + 1)
    let boxArea = Double(box.rows.count * box.columns.count)
    #expect(abs((finding.boxShare ?? 0) - boxArea / Double(reach.count * reach.count)) < 1e-9)
  }

  @Test func `of asymmetric filters are as high and as wide as these`() throws {
    let network = try boxes([[1, 7], [3, 1], [1, 3]])
    for (layer, height, width) in [("conv0", 1, 7), ("conv1", 3, 7), ("conv2", 3, 9)] {
      let finding = try #require(
        findings(network, .random([1, 1, 17, 17], seed: 3), layers: [layer]).first)
      #expect(finding.field.size == [height, width])
      #expect(finding.pixels.map(\.count) == [height, width])
      let values = finding.gradient.elements
      let seen = values.indices.filter { values[$0] > 1e-5 }
      #expect(Set(seen.map { $0 / 17 }) == Set(finding.pixels[0]))
      #expect(Set(seen.map { $0 % 17 }) == Set(finding.pixels[1]))
      // What holds most of the gradient is nowhere outside the field.
      let box = try #require(finding.box)
      #expect(box.rows.clamped(to: finding.pixels[0]) == box.rows)
      #expect(box.columns.clamped(to: finding.pixels[1]) == box.columns)
    }
  }

  @Test func `of opposite units do not cancel out`() throws {
    var sketch = NetworkSketch([1, 7, 7], seed: 1)
    let ones = [Float](repeating: 1, count: 9)
    try sketch.add(
      "conv", Convolution(3, padding: 1),
      parameters: [("w", Tensor(shape: [2, 1, 3, 3], ones + ones.map { -$0 }))])
    let network = try sketch.network()
    // Of one picture, the square is 0 or twice what it is on average.
    let finding = try #require(
      findings(network, .random([64, 1, 7, 7], seed: 2), layers: ["conv"]).first)
    let center = finding.gradient.elements[3 * 7 + 3]
    #expect(center > 0.7 && center < 1.3)
    let only = try #require(
      findings(network, .random([1, 1, 7, 7], seed: 2), layers: ["conv"], units: ["conv": [1]])
        .first)
    #expect(only.gradient.elements[3 * 7 + 3] == 1 && only.units == [1])
  }

  // MARK: Slow restatements

  /// Central differences of one activation by every number of a picture, squared and summed over
  /// channels.
  private func slow(
    _ network: Network, _ picture: Tensor, layer: String, unit: Int
  ) -> [Double] {
    let (step, shape) = (Float(1e-2), picture.shape)
    let count = picture.count
    let changed = Tensor(shape: shape.withCount(2 * count)) { target in
      for index in 0..<(2 * count) {
        for (place, value) in picture.elements.enumerated() {
          let isChanged = place == index / 2
          target[index * count + place] =
            isChanged ? value + (index % 2 == 0 ? step : -step) : value
        }
      }
    }
    let maps = network.record(changed, keeping: .only([layer]))[layer]
    let (height, width) = (maps.shape[2], maps.shape[3])
    let values = maps.elements
    func activation(_ row: Int) -> Double {
      Double(
        values[((row * maps.shape[1] + unit) * height + height / 2) * width + width / 2])
    }
    let area = shape.spatial.reduce(1, *)
    var squares = [Double](repeating: 0, count: area)
    for index in 0..<count {
      let slope = (activation(2 * index) - activation(2 * index + 1)) / Double(2 * step)
      squares[index % area] += slope * slope
    }
    return squares
  }

  @Test(.slow, arguments: 0..<6)
  func `of a unit are root mean squares of differences`(seed: Int) throws {
    let network = try Network.random(seed: seed, smooth: true)
    let pictures = Tensor.random(
      Shape([2] + network.graph.inputShape.extents), seed: seed)
    let (layers, unit) = (["relu1", "relu2"], seed % 6)
    let found = findings(
      network, pictures, layers: layers, units: ["relu1": [unit], "relu2": [unit]])
    for finding in found {
      let all = (0..<2).map {
        slow(network, pictures.rows($0..<($0 + 1)), layer: finding.layer, unit: unit)
      }
      let expected = zip(all[0], all[1]).map { Float((($0 + $1) / 2).squareRoot()) }
      expectClose(
        finding.gradient, Tensor(shape: finding.gradient.shape, expected), relativeNorm: 5e-3,
        finding.layer)
    }
  }

  @Test func `of two units are the mean over their signs`() throws {
    let network = try Network.random(seed: 2, smooth: true)
    let picture = Tensor.random(Shape([1] + network.graph.inputShape.extents), seed: 5)
    func squares(_ units: [Int], seed: UInt64) throws -> [Double] {
      let finding = try #require(
        findings(network, picture, layers: ["relu2"], units: ["relu2": units], seed: seed).first)
      return elements(finding.gradient).map { $0 * $0 * Double(units.count) }
    }
    // With both signs, and with one of each: two results, one after the other.
    let all = try (0..<16).map { try squares([1, 4], seed: $0) }
    let first = try #require(all.first)
    let other = try #require(
      all.first { zip($0, first).contains { abs($0 - $1) > 1e-3 * max($0, $1) } })
    let mean = zip(first, other).map { ($0 + $1) / 2 }
    let apart = try zip(squares([1], seed: 0), squares([4], seed: 0)).map { $0 + $1 }
    expectClose(
      Tensor(mean.map { Float($0) }, count: mean.count),
      Tensor(apart.map { Float($0) }, count: apart.count), relativeNorm: 1e-4)
  }

  @Test func `do not depend on what else is shown or on batches`() throws {
    let network = try Network.random(seed: 3)
    let pictures = Tensor.random(Shape([5] + network.graph.inputShape.extents), seed: 6)
    let all = findings(network, pictures, layers: ["relu1", "join", "relu2"], seed: 4)
    let alone = findings(network, pictures, layers: ["relu2"], seed: 4, together: 2)
    #expect(all.map(\.layer) == ["relu1", "join", "relu2"])
    expectClose(alone[0].gradient, all[2].gradient, relativeNorm: 1e-5)
    #expect(alone[0].pictureCount == 5)
  }

  @Test(arguments: 0..<10)
  func `lie inside the theoretical ones`(seed: Int) throws {
    let network = try Network.random(seed: seed, weights: .positive)
    let pictures = Tensor.random(Shape([2] + network.graph.inputShape.extents), seed: seed)
      .map { abs($0) + 0.1 }
    for finding in findings(network, pictures, layers: ["conv1", "pool1", "relu2"]) {
      let width = finding.gradient.shape[1]
      let values = finding.gradient.elements
      let greatest = values.max() ?? 0
      for (place, value) in values.enumerated() where value > 1e-6 * greatest {
        #expect(finding.pixels[0].contains(place / width), "\(finding.layer)")
        #expect(finding.pixels[1].contains(place % width), "\(finding.layer)")
      }
    }
  }

  // MARK: Odd networks

  @Test func `of a branch are those of its units`() throws {
    var sketch = NetworkSketch([3, 9, 9], seed: 1)
    try sketch.convolution("small", filters: 2, Convolution(1), of: "input")
    try sketch.convolution("large", filters: 3, Convolution(5, padding: 2), of: "input")
    try sketch.add("join", Concatenate(), of: ["small", "large"])
    let network = try sketch.network()
    let pictures = Tensor.random([1, 3, 9, 9], seed: 1)
    for (units, side) in [([0], 1), ([0, 1], 1), ([1, 2], 5), ([4], 5)] {
      let finding = try #require(
        findings(network, pictures, layers: ["join"], units: ["join": units]).first)
      #expect(finding.field.size == [side, side], "\(units)")
      #expect(finding.pixels == [4 - side / 2..<5 + side / 2, 4 - side / 2..<5 + side / 2])
    }
    let whole = try #require(findings(network, pictures, layers: ["join"]).first)
    #expect(whole.units == [0, 1, 2, 3, 4] && whole.field.size == [5, 5])
  }

  @Test func `larger than the picture are measured inside it`() throws {
    let network = try boxes(Array(repeating: [3, 3], count: 6), side: 5)
    let finding = try #require(
      findings(network, .random([1, 1, 5, 5], seed: 1), layers: ["conv5"]).first)
    #expect(finding.pixels == [-4..<9, -4..<9])
    #expect(abs(finding.outsideShare - (1 - 25.0 / 169)) < 1e-9)
    #expect(finding.box?.rows == 0..<5 || (finding.box?.rows.count ?? 9) < 5)
  }

  @Test func `of dead units are none`() throws {
    var sketch = NetworkSketch([1, 5, 5], seed: 1)
    try sketch.add(
      "conv", Convolution(3, padding: 1),
      parameters: [("w", Tensor(shape: [4, 1, 3, 3], repeating: 0))])
    try sketch.add("relu", Activation.relu)
    let finding = try #require(
      findings(try sketch.network(), .random([2, 1, 5, 5], seed: 1), layers: ["relu"]).first)
    #expect(finding.box == nil && finding.boxShare == nil && finding.pictureCount == 2)
  }

  @Test func `leave out pictures whose gradients are not finite`() throws {
    var sketch = NetworkSketch([1, 5, 5], seed: 1)
    try sketch.convolution("conv", filters: 2, Convolution(3, padding: 1))
    try sketch.add("tanh", Activation.tanh)
    let network = try sketch.network()
    let pictures = Tensor(
      shape: [3, 1, 5, 5], (0..<75).map { $0 == 25 + 12 ? .nan : Float($0 % 7) / 7 })
    var analysis = EffectiveFieldAnalysis(network, layers: ["tanh"])
    let stray = analysis.add(pictures, indices: [0, 1, 2])
    #expect(stray?.layer == "tanh" && stray?.row == 1)
    let finding = try #require(analysis.findings.first)
    #expect(finding.pictureCount == 2 && finding.nonFiniteCount == 1)
    let isFinite = finding.gradient.elements.allSatisfy { $0.isFinite }
    #expect(isFinite)
  }

  @Test func `of a picture of one pixel are that pixel`() throws {
    var sketch = NetworkSketch([2, 1, 1], seed: 1)
    try sketch.convolution("conv", filters: 2, Convolution(3, padding: 1))
    let finding = try #require(
      findings(try sketch.network(), .random([2, 2, 1, 1], seed: 1), layers: ["conv"]).first)
    #expect(finding.box?.rows == 0..<1 && finding.pixels == [-1..<2, -1..<2])
  }
}

extension Tensor {
  fileprivate init(_ numbers: [Float], count: Int) { self.init(shape: [count], numbers) }
}
