import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// Convolutions and pools of series and volumes against those of pictures, which other tests compare
/// with slow loops.
@Suite struct `Grids of one and three axes` {
  /// The same along each of several axes.
  private func moves(_ axes: [(stride: Int, padding: Int)]) -> WindowGeometry {
    WindowGeometry(
      stride: axes.map(\.stride), dilation: axes.map { _ in 1 },
      paddingBefore: axes.map(\.padding), paddingAfter: axes.map(\.padding))
  }

  /// A convolution, batch norm, ReLU, pool and classifier.
  private func network(
    _ input: Shape, window: [Int], _ axes: [(stride: Int, padding: Int)], weights: Tensor
  ) throws -> Network {
    var sketch = NetworkSketch(input, seed: 3)
    try sketch.add(
      "conv", Convolution(window: window, moves: moves(axes)),
      parameters: [(name: "w", value: weights.reshaped(to: Shape([6, input[0]] + window)))])
    try sketch.batchNormalization("bn")
    try sketch.add("relu", Activation.relu)
    let pooled = window.map { min($0, 2) }
    try sketch.add(
      "max",
      MaxPool(
        PoolingGeometry(window: pooled, moves: moves(pooled.map { (stride: $0, padding: 0) }))))
    try sketch.add("mean", GlobalPool())
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 3)
    return try sketch.network()
  }

  private func expectSame(
    _ one: Network, _ examples: Tensor, as other: Network, _ pictures: Tensor
  ) throws {
    let (own, theirs) = (one.record(examples), other.record(pictures))
    for name in ["conv", "bn", "relu", "max", "fc"] {
      expectClose(
        own[name].elements, theirs[name].elements.map(Double.init), relative: 1e-5, absolute: 1e-5)
    }
    // Fused, where nothing is kept.
    let scores = one.record(examples, keeping: .only([])).scores
    expectClose(
      scores.elements, theirs.scores.elements.map(Double.init), relative: 1e-5, absolute: 1e-5)
    let signal = Tensor.random(own.scores.shape, seed: 7)
    expectClose(
      own.propagate(signal, from: "fc").input.elements,
      theirs.propagate(signal, from: "fc").input.elements.map(Double.init), relative: 1e-4,
      absolute: 1e-5)
    let gradients = own.parameterGradients(of: signal, from: "fc")
    for (name, gradient) in theirs.parameterGradients(of: signal, from: "fc") {
      expectClose(
        try #require(gradients[name]).elements, gradient.elements.map(Double.init), relative: 1e-4,
        absolute: 1e-4)
    }
  }

  @Test(arguments: [(1, 0), (1, 2), (2, 1), (3, 2)])
  func `a series is a picture with one row`(stride: Int, padding: Int) throws {
    let weights = Tensor.random([6, 4, 5], seed: 1) * 0.3
    let examples = Tensor.random([3, 4, 23], seed: 2)
    let series = try network(
      [4, 23], window: [5], [(stride: stride, padding: padding)], weights: weights)
    let picture = try network(
      [4, 1, 23], window: [1, 5], [(stride: 1, padding: 0), (stride: stride, padding: padding)],
      weights: weights)
    try expectSame(series, examples, as: picture, examples.reshaped(to: [3, 4, 1, 23]))
  }

  @Test func `a volume of one frame is a picture`() throws {
    let weights = Tensor.random([6, 4, 3, 3], seed: 1) * 0.3
    let examples = Tensor.random([3, 4, 9, 8], seed: 2)
    let axes = [(stride: 2, padding: 1), (stride: 1, padding: 1)]
    let volume = try network(
      [4, 1, 9, 8], window: [1, 3, 3], [(stride: 1, padding: 0)] + axes, weights: weights)
    let picture = try network([4, 9, 8], window: [3, 3], axes, weights: weights)
    try expectSame(volume, examples.reshaped(to: [3, 4, 1, 9, 8]), as: picture, examples)
  }

  @Test func `a convolution over frames is the sum of those of each frame`() throws {
    let (depth, height, width) = (5, 6, 7)
    let weights = Tensor.random([2, 3, 3, 3, 3], seed: 1)
    let volume = Tensor.random([2, 3, depth, height, width], seed: 2)
    let whole = convolve(
      volume, with: weights, bias: nil,
      geometry: moves([(stride: 1, padding: 1), (stride: 1, padding: 1), (stride: 1, padding: 1)]))
    let area = height * width
    // [N, C, H, W] of one frame, and [K, C, R, S] of one step.
    func frame(_ number: Int) -> Tensor {
      let values = volume.elements
      return Tensor(
        shape: [2, 3, height, width],
        (0..<6).flatMap { map in
          let start = (map * depth + number) * area
          return values[start..<(start + area)]
        })
    }
    func step(_ number: Int) -> Tensor {
      let values = weights.elements
      return Tensor(
        shape: [2, 3, 3, 3],
        (0..<6).flatMap { map in values[(map * 27 + number * 9)..<(map * 27 + number * 9 + 9)] })
    }
    for number in 0..<depth {
      var sum = [Float](repeating: 0, count: 2 * 2 * area)
      for tap in 0..<3 where (0..<depth).contains(number + tap - 1) {
        let part = convolve(
          frame(number + tap - 1), with: step(tap), bias: nil,
          geometry: WindowGeometry(stride: 1, padding: 1))
        for (index, value) in part.elements.enumerated() { sum[index] += value }
      }
      let values = whole.elements
      let own = (0..<4).flatMap { map in
        let start = (map * depth + number) * area
        return values[start..<(start + area)]
      }
      expectClose(own, sum.map(Double.init), relative: 1e-5, absolute: 1e-4)
    }
  }
}
