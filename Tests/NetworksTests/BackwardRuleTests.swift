import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// Two convolutions with ReLUs, a max pool between them and a linear layer, again as loops in
/// `Double`, with the papers' rules written where their figures have them.
private struct SlowNetwork {
  let network: Network
  private let image: Tensor
  private let moves = WindowGeometry(padding: 1)
  private let pool = PoolingGeometry(window: 2, stride: 2)
  private let first: [Double]
  private let second: [Double]
  private let pooled: Shape
  /// The place of each window's greatest value in the first layer's maps.
  private let switches: [Int]

  init(seed: Int) throws {
    var sketch = NetworkSketch([2, 6, 8], seed: seed)
    try sketch.convolution("conv1", filters: 4, Convolution(3, padding: 1))
    try sketch.add("relu1", Activation.relu)
    try sketch.add("pool1", MaxPool(pool))
    try sketch.convolution("conv2", filters: 5, Convolution(3, padding: 1))
    try sketch.add("relu2", Activation.relu)
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 3)
    network = try sketch.network()
    image = .random([1, 2, 6, 8], seed: seed)

    let parameters = network.parameters
    func convolve(_ images: Tensor, _ name: String) throws -> [Double] {
      Slow.convolve(
        images, try #require(parameters["\(name).weight"]), bias: parameters["\(name).bias"],
        WindowGeometry(padding: 1), groups: 1)
    }
    first = try convolve(image, "conv1")
    let maps = Tensor(shape: [1, 4, 6, 8], first.map { Float(max($0, 0)) })
    let windows = Slow.windows(maps, pool)
    pooled = [1, 4, 3, 4]
    switches = windows.indices.map { window in
      let values = windows[window].map { $0 ?? -.infinity }
      let best = values.firstIndex(of: values.max() ?? 0) ?? 0
      let (map, row, column) = (window / 12, window / 4 % 3, window % 4)
      return (map * 6 + 2 * row + best / 2) * 8 + 2 * column + best % 2
    }
    second = try convolve(
      Tensor(shape: pooled, windows.map { Float($0.compactMap { $0 }.max() ?? 0) }), "conv2")
  }

  var recording: Recording { network.record(image) }

  /// - Parameter gate: What a ReLU passes of a signal, given its own input.
  func back(from score: Int, _ gate: (_ signal: Double, _ input: Double) -> Double) throws
    -> [Double]
  {
    let weights = try #require(network.parameters["fc.weight"]).elements
    var signal = second.indices.map { Double(weights[score * second.count + $0]) }
    signal = zip(signal, second).map { gate($0, $1) }
    signal = try transposed(signal, "conv2", channels: 4, extents: (3, 4))
    var unpooled = [Double](repeating: 0, count: first.count)
    for (value, place) in zip(signal, switches) { unpooled[place] += value }
    signal = zip(unpooled, first).map { gate($0, $1) }
    return try transposed(signal, "conv1", channels: 2, extents: (6, 8))
  }

  /// Each value of `signal` spread over its window by the filter.
  private func transposed(
    _ signal: [Double], _ name: String, channels: Int, extents: (h: Int, w: Int)
  ) throws -> [Double] {
    let filters = try #require(network.parameters["\(name).weight"])
    let (w, (height, width)) = (filters.elements, extents)
    var result = [Double](repeating: 0, count: channels * height * width)
    for (index, value) in signal.enumerated() {
      let (filter, y, x) = (index / (height * width), index / width % height, index % width)
      for channel in 0..<channels {
        for i in 0..<3 where (0..<height).contains(y + i - 1) {
          for j in 0..<3 where (0..<width).contains(x + j - 1) {
            result[(channel * height + y + i - 1) * width + x + j - 1] +=
              value * Double(w[((filter * channels + channel) * 3 + i) * 3 + j])
          }
        }
      }
    }
    return result
  }
}

@Suite struct `Backward rules` {
  private func check(
    _ seed: Int, _ rules: RuleBook, _ gate: (_ signal: Double, _ input: Double) -> Double
  ) throws {
    let slow = try SlowNetwork(seed: seed)
    let recording = slow.recording
    for score in 0..<3 {
      let signal = Tensor(shape: [1, 3], (0..<3).map { $0 == score ? 1 : 0 })
      expectClose(
        recording.propagate(signal, from: "fc", by: rules).input.elements,
        try slow.back(from: score, gate), relative: 1e-4, absolute: 1e-5)
    }
  }

  @Test(arguments: 0..<10)
  func `the gradient passes a ReLU where its input was positive`(seed: Int) throws {
    try check(seed, .gradient) { $1 > 0 ? $0 : 0 }
  }

  /// Springenberg et al. (2015), figure 1 c.
  @Test(arguments: 0..<10)
  func `guided backpropagation passes a ReLU where input and signal are positive`(
    seed: Int
  ) throws {
    try check(seed, .guidedBackpropagation) { $1 > 0 && $0 > 0 ? $0 : 0 }
  }

  /// Zeiler and Fergus (2014), section 2.1: unpooling by switches, rectification, filtering by
  /// the transpose.
  @Test(arguments: 0..<10)
  func `deconvnet passes a ReLU where the signal is positive`(seed: Int) throws {
    try check(seed, .deconvnet) { signal, _ in max(signal, 0) }
  }

  /// A convolution, what rectifies it, and scores; `rectify` adds the nodes between.
  private func network(
    seed: Int, _ rectify: (inout NetworkSketch) throws -> Void
  ) throws -> Network {
    var sketch = NetworkSketch([2, 6, 6], seed: seed)
    try sketch.convolution("conv", filters: 4, Convolution(3, padding: 1))
    try rectify(&sketch)
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 3)
    return try sketch.network()
  }

  private func quantization(
    _ lower: Float, _ upper: Float, zeroPoint: Float, of input: String = "conv"
  ) -> (inout NetworkSketch) throws -> Void {
    { sketch in
      for (name, value) in [("scale", Float(1) / 256), ("zero", zeroPoint)] {
        try sketch.add(
          name, Constant(), of: [], parameters: [(name, Tensor(shape: [], [value]))])
      }
      // Wide enough that nothing is clamped from above.
      try sketch.add(
        "quantized", Quantize(axis: 1, lower: lower, upper: upper), of: [input, "scale", "zero"])
      try sketch.add("dequantized", Dequantize(axis: 1), of: ["quantized", "scale", "zero"])
    }
  }

  /// Quantized networks have no ReLUs: they were fused with the quantization after them.
  @Test(arguments: 0..<4)
  func `treat a quantization that clamps at zero as a ReLU`(seed: Int) throws {
    let float = try network(seed: seed) { try $0.add("relu", Activation.relu) }
    let images = Tensor.random([2, 2, 6, 6], seed: seed)
    let signal = Tensor(shape: [2, 3], [1, 0, 0, 0, 0, 1])
    // Unsigned integers, and signed ones.
    for (lower, upper) in [(Float(0), Float(65_535)), (-32_768, 32_767)] {
      let quantized = try network(seed: seed, quantization(lower, upper, zeroPoint: lower))
      #expect(float.hasRectifiers && quantized.hasRectifiers)
      for rules in [RuleBook.guidedBackpropagation, .deconvnet] {
        let expected = float.record(images).propagate(signal, from: "fc", by: rules).input
        let found = quantized.record(images).propagate(signal, from: "fc", by: rules).input
        expectClose(found.elements, expected.elements.map(Double.init), relative: 1e-3)
      }
    }
  }

  @Test func `let signals pass a quantization that clamps elsewhere`() throws {
    let images = Tensor.random([1, 2, 6, 6], seed: 3)
    let signal = Tensor(shape: [1, 3], [1, 0, 0])
    let ofPictures = { (sketch: inout NetworkSketch) in
      try self.quantization(0, 65_535, zeroPoint: 0, of: "input")(&sketch)
      try sketch.convolution("second", filters: 4, Convolution(3, padding: 1))
    }
    for rectify in [quantization(0, 65_535, zeroPoint: 30_000), ofPictures] {
      let network = try network(seed: 3, rectify)
      #expect(!network.hasRectifiers)
      let recording = network.record(images)
      let expected = recording.propagate(signal, from: "fc").input.elements
      #expect(expected.contains { $0 != 0 })
      for rules in [RuleBook.guidedBackpropagation, .deconvnet] {
        #expect(recording.propagate(signal, from: "fc", by: rules).input.elements == expected)
      }
    }
  }

  /// By what the network says of itself, and by the signals of two pictures.
  @Test(arguments: [true, false]) func `know when a deconvnet is the same for all pictures`(
    isConstant: Bool
  ) throws {
    let pool = PoolingGeometry(window: 2, stride: 2)
    let networks: [(inout NetworkSketch) throws -> Void] =
      isConstant
      ? [
        { try $0.add("relu", Activation.relu) },
        { try $0.add("relu6", Activation(.clip(lower: 0, upper: 6))) },
        quantization(0, 65_535, zeroPoint: 0),
        {
          try $0.batchNormalization("norm")
          try $0.add("relu", Activation.relu)
          try $0.add("pool", AveragePool(pool))
        },
        {
          try $0.add("relu", Activation.relu)
          try $0.add("two", Constant(), of: [], parameters: [("two", Tensor(shape: [], [2]))])
          try $0.add("scaled", Arithmetic(.multiply), of: ["relu", "two"])
          try $0.add("sum", Arithmetic(.add), of: ["scaled", "relu"])
        },
      ]
      : [
        {
          try $0.add("relu", Activation.relu)
          try $0.add("pool", MaxPool(pool))
        },
        {
          try $0.add("relu", Activation.relu)
          try $0.add("pool", GlobalPool(.maximum))
        },
        { try $0.add("swish", Activation(.swish)) },
        {
          try $0.add("relu", Activation.relu)
          try $0.add("square", Arithmetic(.multiply), of: ["relu", "conv"])
        },
        quantization(0, 65_535, zeroPoint: 20_000),
      ]
    let images = Tensor.random([2, 2, 6, 6], seed: 5)
    for (index, rectify) in networks.enumerated() {
      let network = try network(seed: 5, rectify)
      #expect(network.hasConstantDeconvnet == isConstant, "network \(index)")
      let signal = Tensor(shape: [2, 3], [1, 0, 0, 1, 0, 0])
      let back = network.record(images).propagate(signal, from: "fc", by: .deconvnet).input
      let isEqual = back.rows(0..<1).elements == back.rows(1..<2).elements
      // A wide quantization clamps nothing of these pictures.
      #expect(isEqual == isConstant || !isConstant && index == 4, "network \(index)")
    }
  }

  @Test func `are chosen by the first entry that matches`() throws {
    let slow = try SlowNetwork(seed: 1)
    let signal = Tensor(shape: [1, 3], [1, 0, 0])
    let book = RuleBook(
      .at("relu1", PlainGradient()), .at("relu2", PlainGradient()), .onRectifiers(DeconvnetReLU()))
    #expect(
      slow.recording.propagate(signal, from: "fc", by: book).input.elements
        == slow.recording.propagate(signal, from: "fc").input.elements)
  }

  @Test func `keep the signals that were asked for, and zero where nothing arrives`() throws {
    let slow = try SlowNetwork(seed: 2)
    let signal = Tensor(shape: [1, 3], [0, 1, 0])
    let back = slow.recording.propagate(signal, from: "fc", keeping: ["relu2", "input"])
    let weights = try #require(slow.network.parameters["fc.weight"]).elements
    let width = weights.count / 3
    #expect(back["relu2"]?.elements == Array(weights[width..<(2 * width)]))
    #expect(back["input"]?.elements == back.input.elements)
    #expect(back["conv1"] == nil)
    let nothing = slow.recording.propagate(signal * 0, from: "fc")
    #expect(nothing.input.elements.allSatisfy { $0 == 0 })
    #expect(nothing.input.shape == [1, 2, 6, 8])
  }

  @Test func `may rerun a node with other weights`() throws {
    struct Doubled: BackwardRule {
      func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
        site.rerun(parameters: { $0 * 2 }).gradient(signal)
      }
    }
    let slow = try SlowNetwork(seed: 3)
    let signal = Tensor(shape: [1, 3], [0, 1, 0])
    let doubled = slow.recording.propagate(
      signal, from: "fc", by: RuleBook(.on(Convolution.self, Doubled())))
    expectClose(
      doubled.input, slow.recording.propagate(signal, from: "fc").input * 4, relativeNorm: 1e-5)
  }
}
