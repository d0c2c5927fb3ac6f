import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

private func resized(
  _ row: [Float], to extent: Int? = nil, by scale: Double? = nil, _ rule: ResamplingRule
)
  throws -> [Float]
{
  let operation = Resample(
    rule, axes: [1], extents: extent.map { [$0] }, scales: scale.map { [$0] })
  let input = Tensor(shape: [1, row.count], row)
  _ = try operation.outputShape(for: [input.shape], parameters: [])
  return operation.evaluate([input], parameters: [], mode: .inference).output?.elements ?? []
}

@Suite struct `Resizing` {
  private static let coordinates: [ResamplingRule.Coordinates] = [
    .halfPixel, .alignCorners, .asymmetric, .pytorchHalfPixel, .halfPixelSymmetric,
    .tfHalfPixelForNearest,
  ]

  /// The formulas of ONNX's Resize-19.
  private func center(
    _ place: Int, _ coordinates: ResamplingRule.Coordinates, input: Int, output: Int,
    scale: Double
  ) -> Double {
    let (x, n) = (Double(place), Double(input))
    switch coordinates {
    case .halfPixel: return (x + 0.5) / scale - 0.5
    case .alignCorners: return scale * n == 1 ? 0 : x * (n - 1) / (scale * n - 1)
    case .asymmetric: return x / scale
    case .pytorchHalfPixel: return scale * n > 1 ? (x + 0.5) / scale - 0.5 : 0
    case .tfHalfPixelForNearest: return (x + 0.5) / scale
    case .halfPixelSymmetric:
      return n / 2 * (1 - Double(output) / (scale * n)) + (x + 0.5) / scale - 0.5
    }
  }

  @Test(arguments: 0..<20, coordinates)
  func `interpolates along a row that goes on beyond its ends`(
    seed: Int, coordinates: ResamplingRule.Coordinates
  ) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let input = Int.random(in: 1...9, using: &generator)
    let scale = Double.random(in: 1 / Double(input)...3, using: &generator)
    let output = Int(Double(input) * scale)
    let row = Tensor.random([input], seed: seed).elements
    let a = -0.5
    for mode in [ResamplingRule.Mode.linear, .cubic] {
      let expected = Slow.resize(
        row.map(Double.init), output: output,
        center: {
          center($0, coordinates, input: input, output: output, scale: scale)
        },
        weights: { t in
          guard mode == .cubic else { return [1 - t, t] }
          let outer = { (d: Double) in ((a * d - 5 * a) * d + 8 * a) * d - 4 * a }
          let inner = { (d: Double) in ((a + 2) * d - (a + 3)) * d * d + 1 }
          return [outer(1 + t), inner(t), inner(1 - t), outer(2 - t)]
        })
      let rule = ResamplingRule(mode: mode, coordinates: coordinates, cubic: a)
      expectClose(
        try resized(row, by: scale, rule), expected, relative: 1e-5, absolute: 1e-5, "\(mode)")
    }
  }

  @Test func `takes the nearest, by any rounding`() throws {
    let row: [Float] = [1, 2, 3, 4]
    for (rounding, expected) in [
      (ResamplingRule.Rounding.preferFloor, [1, 1, 2, 2, 3, 3, 4, 4] as [Float]),
      (.preferCeiling, [1, 2, 2, 3, 3, 4, 4, 4]), (.floor, [1, 1, 2, 2, 3, 3, 4, 4]),
      (.ceiling, [1, 2, 2, 3, 3, 4, 4, 4]),
    ] {
      let rule = ResamplingRule(
        mode: .nearest, coordinates: .asymmetric, rounding: rounding)
      #expect(try resized(row, to: 8, rule) == expected, "\(rounding)")
    }
    #expect(try resized(row, to: 2, ResamplingRule()) == [1, 3])
  }

  /// ONNX's node tests `resize_downsample_scales_linear_align_corners` and
  /// `resize_downsample_scales_cubic_A_n0p5_exclude_outside`.
  @Test func `gives the numbers of ONNX's tests`() throws {
    let image = Tensor(shape: [1, 1, 2, 4], (1...8).map(Float.init))
    let aligned = Resample(
      ResamplingRule(mode: .linear, coordinates: .alignCorners), axes: [2, 3],
      scales: [0.6, 0.6].map { Double(Float($0)) })
    let output = try #require(
      aligned.evaluate([image], parameters: [], mode: .inference).output)
    #expect(output.shape == [1, 1, 1, 2])
    expectClose(output.elements, [1, 3.142857], absolute: 1e-5)

    let square = Tensor(shape: [1, 1, 4, 4], (1...16).map(Float.init))
    let cubic = Resample(
      ResamplingRule(mode: .cubic, cubic: -0.5, excludesOutside: true), axes: [2, 3],
      scales: [Double(Float(0.8)), Double(Float(0.8))])
    expectClose(
      try #require(cubic.evaluate([square], parameters: [], mode: .inference).output).elements,
      [
        1.36812675, 2.6695014, 4.0133367, 6.57362535, 7.875, 9.2188353, 11.94896657, 13.25034122,
        14.59417652,
      ], absolute: 1e-4)
  }

  @Test(arguments: 0..<30)
  func `has its transpose for a gradient, in either layout`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let images = Tensor.random([pick(1...2), pick(1...4), pick(1...6), pick(1...6)], seed: seed)
    let rule = ResamplingRule(
      mode: [.nearest, .linear, .cubic][pick(0...2)],
      coordinates: Self.coordinates[pick(0...4)], excludesOutside: pick(0...1) == 0,
      antialiases: pick(0...1) == 0)
    let operation = Resample(rule, axes: [2, 3], extents: [pick(1...9), pick(1...9)])
    let shape = try operation.outputShape(for: [images.shape], parameters: [])
    let signal = Tensor.random(shape, seed: seed + 1)
    for layout in [Layout.rowMajor, .channelsLast] {
      let evaluation = operation.evaluate(
        [images.arranged(as: layout)], parameters: [], mode: .inference)
      let output = try #require(evaluation.output)
      #expect(output.shape == shape)
      let back = operation.pullback(signal, through: evaluation, parameters: [])[0]
      #expect(abs(back.dot(images) - signal.dot(output)) < 1e-4 * Double(signal.norm + 1))
    }
  }

  @Test(arguments: [ResamplingRule.Mode.nearest, .linear, .cubic])
  func `leaves a constant picture constant`(mode: ResamplingRule.Mode) throws {
    for coordinates in Self.coordinates {
      for antialiases in [false, true] {
        let rule = ResamplingRule(
          mode: mode, coordinates: coordinates, antialiases: antialiases)
        for extent in [1, 2, 5, 13] {
          expectClose(
            try resized([3, 3, 3, 3, 3], to: extent, rule),
            [Double](repeating: 3, count: extent), absolute: 1e-5)
        }
      }
    }
  }
}

@Suite struct `Adaptive average pooling` {
  @Test(arguments: 0..<30)
  func `averages PyTorch's windows`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let axes = pick(1...3)
    let extents = (0..<axes).map { _ in pick(1...6) }
    let images = Tensor.random(
      Shape([pick(1...2), pick(1...3)] + (0..<axes).map { _ in pick(1...9) }), seed: seed)
    let operation = AdaptiveAveragePool(extents: extents)
    let shape = try operation.outputShape(for: [images.shape], parameters: [])
    let x = SlowArray(images)
    let expected = SlowArray(shape.extents) { index in
      let ranges = (0..<axes).map { axis -> [Int] in
        let (n, m) = (Double(images.shape[axis + 2]), Double(extents[axis]))
        let place = Double(index[axis + 2])
        return Array(Int(floor(place * n / m))..<Int(ceil((place + 1) * n / m)))
      }
      let cells = ranges.reduce([[]]) { heads, range in
        heads.flatMap { head in range.map { head + [$0] } }
      }
      return cells.reduce(0.0) { $0 + x[[index[0], index[1]] + $1] } / Double(cells.count)
    }
    for layout in [Layout.rowMajor, .channelsLast] {
      let evaluation = operation.evaluate(
        [images.arranged(as: layout)], parameters: [], mode: .inference)
      let output = try #require(evaluation.output)
      expectClose(output.elements, expected.elements, absolute: 1e-5)
      let signal = Tensor.random(shape, seed: seed + 1)
      let back = operation.pullback(signal, through: evaluation, parameters: [])[0]
      #expect(back.shape == images.shape)
      #expect(abs(back.dot(images) - signal.dot(output)) < 1e-4)
    }
  }

  /// 8 rows to 7: windows of two rows that overlap by one.
  @Test func `reaches as far as a plain pool where its windows are equal`() {
    func reach(_ extent: Int, to output: Int) -> SpatialReach {
      AdaptiveAveragePool(extents: [output]).reach(
        from: [[1, 1, extent]], to: [1, 1, output])
    }
    let zeros = WindowGeometry(
      stride: [1], dilation: [1], paddingBefore: [0], paddingAfter: [0])
    #expect(reach(8, to: 7) == .window([2], zeros, mixesChannels: false))
    var moves = zeros
    moves.stride = [2]
    #expect(reach(14, to: 7) == .window([2], moves, mixesChannels: false))
    #expect(reach(9, to: 7) == .everything)
  }
}
