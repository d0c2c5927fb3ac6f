import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Stacks of convolutions` {
  private func stacks(of architecture: Architecture, side: Int) throws -> [ConvolutionStack] {
    let blueprint = try architecture.blueprint(classes: 2, inputShape: [3, side, side])
    let zeros = blueprint.parameters.mapValues { Tensor(shape: $0.shape, repeating: 0) }
    return try Network(graph: blueprint.graph, parameters: Parameters(zeros)).convolutionStacks()
  }

  private func stack(
    _ windows: [[Int]], dilations: [Int]? = nil, channels: Int = 8
  ) -> ConvolutionStack {
    ConvolutionStack(
      windows.enumerated().map { index, window in
        let dilation = dilations?[index] ?? 1
        return .init(
          layer: "conv\(index)", window: window, dilation: [dilation, dilation],
          inputs: channels, outputs: channels)
      })
  }

  /// Simonyan and Zisserman (2015), section 2.3: three of 3×3 have 27 C² weights, one of 7×7 49 C².
  @Test func `stand for one large filter with more weights`() {
    for (count, window, taps) in [(2, 5, (18, 25)), (3, 7, (27, 49)), (4, 9, (36, 81))] {
      let own = stack(Array(repeating: [3, 3], count: count))
      #expect(own.window == [window, window] && own.dilation == [1, 1] && own.groups == 1)
      #expect(own.taps?.stack == taps.0 && own.taps?.single == taps.1)
      #expect(own.weights == 64 * taps.0 && own.singleWeights == 64 * taps.1)
    }
    let factorized = stack([[1, 7], [7, 1]])
    #expect(factorized.window == [7, 7])
    #expect(factorized.taps?.stack == 14 && factorized.taps?.single == 49)
    let mixed = stack([[3, 3], [1, 1], [5, 3]])
    #expect(mixed.window == [7, 5] && mixed.taps?.stack == 9 + 1 + 15)
  }

  @Test func `of dilated filters stand for a dilated one`() {
    #expect(stack([[3, 3], [3, 3]], dilations: [2, 2]).window == [5, 5])
    #expect(stack([[3, 3], [3, 3]], dilations: [2, 2]).dilation == [2, 2])
    // Taps at multiples of 1 and 2 fill all places.
    #expect(stack([[3, 3], [3, 3]], dilations: [1, 2]).window == [7, 7])
    #expect(stack([[3, 3], [3, 3]], dilations: [1, 2]).dilation == [1, 1])
    #expect(stack([[3, 3], [5, 5]], dilations: [4, 6]).window == [1 + 4 + 12, 1 + 4 + 12])
    #expect(stack([[3, 3], [5, 5]], dilations: [4, 6]).dilation == [2, 2])
    // Filters of one row have no dilation of rows.
    let one = stack([[1, 3], [1, 3]], dilations: [3, 3])
    #expect(one.window == [1, 5] && one.dilation == [1, 3])
  }

  @Test func `count the weights of their own channels`() {
    let own = ConvolutionStack([
      .init(layer: "a", window: [3, 3], inputs: 3, outputs: 64),
      .init(layer: "b", window: [3, 3], inputs: 64, outputs: 32),
    ])
    #expect(own.weights == 27 * 64 + 9 * 64 * 32 && own.singleWeights == 25 * 3 * 32)
    let depthwise = ConvolutionStack([
      .init(layer: "a", window: [3, 3], groups: 12, inputs: 12, outputs: 12),
      .init(layer: "b", window: [1, 1], inputs: 12, outputs: 12),
      .init(layer: "c", window: [3, 3], groups: 12, inputs: 12, outputs: 12),
    ])
    #expect(depthwise.groups == 1 && depthwise.taps == nil)
    #expect(depthwise.weights == 108 + 144 + 108 && depthwise.singleWeights == 25 * 144)
    let grouped = ConvolutionStack([
      .init(layer: "a", window: [3, 3], groups: 4, inputs: 12, outputs: 12),
      .init(layer: "b", window: [3, 3], groups: 6, inputs: 12, outputs: 12),
    ])
    #expect(grouped.groups == 2 && grouped.singleWeights == 25 * 12 * 6)
  }

  /// What the last convolution's centre computes from each number of the picture, without biases.
  @Test(arguments: 0..<20)
  func `see the places and channels of the single filter`(seed: Int) throws {
    var sketch = NetworkSketch([12, 25, 25], seed: seed, weights: .positive)
    let count = sketch.pick(2...3)
    for index in 0..<count {
      let window = [sketch.pick(1...3), sketch.pick(2...3)]
      let dilation = [sketch.pick(1...2), 2 * sketch.pick(1...2)]
      try sketch.convolution(
        "conv\(index)", filters: 12,
        Convolution(
          window: window,
          moves: WindowGeometry(
            stride: [1, 1], dilation: dilation, paddingBefore: [0, 0], paddingAfter: [0, 0]),
          groups: [1, 2, 3, 4, 6, 12][sketch.pick(0...5)]))
    }
    let network = try sketch.network()
    let stack = try #require(network.convolutionStacks().first)
    #expect(network.convolutionStacks().count == 1 && stack.filters.count == count)
    let field = try #require(network.receptiveFields()[sketch.last])
    #expect(field.size == zip(stack.window, stack.dilation).map { ($0 - 1) * $1 + 1 })
    let picture = Tensor.random([1, 12, 25, 25], seed: seed)
    let recording = network.record(picture)
    let shape = recording[sketch.last].shape
    let pixels = field.pixels(at: [0, 0])
    for unit in 0..<12 {
      let signal = Tensor(shape: shape) { target in
        target.initialize(repeating: 0)
        target[unit * shape.spatial.reduce(1, *)] = 1
      }
      let gradient = recording.propagate(signal, from: sketch.last).input.elements
      let greatest = gradient.reduce(0) { max($0, abs($1)) }
      for (index, value) in gradient.enumerated() where abs(value) > 1e-6 * greatest {
        let (channel, row, column) = (index / 625, index / 25 % 25, index % 25)
        #expect((row - pixels[0].lowerBound).isMultiple(of: stack.dilation[0]))
        #expect((column - pixels[1].lowerBound).isMultiple(of: stack.dilation[1]))
        let size = 12 / stack.groups
        #expect(channel / size == unit / size, "seed \(seed): channel \(channel) of \(unit)")
      }
    }
  }

  @Test func `are found past activations and normalizations`() throws {
    var sketch = NetworkSketch([3, 20, 20], seed: 1)
    // Convolutions of 1×1 at the ends are left out.
    try sketch.convolution("reduce", filters: 4, Convolution(1))
    try sketch.convolution("conv1", filters: 4, Convolution(3, padding: 1))
    try sketch.batchNormalization("bn1")
    try sketch.add("relu1", Activation.relu)
    try sketch.add("drop", Dropout(0.2))
    try sketch.convolution("conv2", filters: 6, Convolution(3, padding: 1))
    try sketch.add("relu2", Activation.relu)
    try sketch.convolution("mix", filters: 6, Convolution(1))
    try sketch.convolution("conv3", filters: 6, Convolution(3, padding: 1))
    try sketch.convolution("expand", filters: 8, Convolution(1))
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.convolution("conv4", filters: 4, Convolution(3, padding: 1))
    let stacks = try sketch.network().convolutionStacks()
    #expect(stacks.map { $0.filters.map(\.layer) } == [["conv1", "conv2", "mix", "conv3"]])
    #expect(stacks.first?.window == [7, 7])
    #expect(stacks.first?.weights == 9 * 16 + 9 * 24 + 36 + 9 * 36)
  }

  @Test func `end at strides, poolings, shortcuts and other readers`() throws {
    var sketch = NetworkSketch([4, 24, 24], seed: 1)
    try sketch.convolution("a1", filters: 4, Convolution(3, padding: 1))
    try sketch.convolution("a2", filters: 4, Convolution(3, stride: 2, padding: 1))
    try sketch.convolution("a3", filters: 4, Convolution(3, padding: 1))
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.convolution("b1", filters: 4, Convolution(3, padding: 1))
    try sketch.add("relu", Activation.relu)
    try sketch.convolution("b2", filters: 4, Convolution(3, padding: 1))
    try sketch.add("sum", Arithmetic(.add), of: ["b2", "relu"])
    try sketch.convolution("b3", filters: 4, Convolution(3, padding: 1))
    #expect(try sketch.network().convolutionStacks().isEmpty)
    // A normalization over whole maps makes every position depend on all.
    var other = NetworkSketch([4, 9, 9], seed: 1)
    try other.convolution("a1", filters: 4, Convolution(3, padding: 1))
    try other.add(
      "norm", GroupNormalization(groups: 2),
      parameters: [
        ("scale", Tensor(shape: [4], repeating: 1)), ("shift", Tensor(shape: [4], repeating: 0)),
      ])
    try other.convolution("a2", filters: 4, Convolution(3, padding: 1))
    #expect(try other.network().convolutionStacks().isEmpty)
  }

  @Test func `of networks without any are none`() throws {
    var sketch = NetworkSketch([1, 4, 4], seed: 1)
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 3)
    #expect(try sketch.network().convolutionStacks().isEmpty)
  }

  @Test(.slow) func `of known architectures`() throws {
    let vgg = try stacks(of: .vgg16, side: 32)
    #expect(vgg.map(\.window) == [[5, 5], [5, 5], [7, 7], [7, 7], [7, 7]])
    #expect(vgg.map { $0.filters.count } == [2, 2, 3, 3, 3])
    #expect(vgg[2].taps?.stack == 27 && vgg[2].taps?.single == 49)
    // Two convolutions in each block whose first has stride 1.
    let resnet = try stacks(of: .resnet18, side: 64)
    #expect(resnet.count == 5 && resnet.allSatisfy { $0.window == [5, 5] })
    let inception = try stacks(of: .inceptionV3, side: 299)
    #expect(inception.contains { $0.filters.map(\.window) == [[1, 7], [7, 1]] })
    #expect(
      inception.contains {
        $0.filters.map(\.window) == [[7, 1], [1, 7], [7, 1], [1, 7]] && $0.window == [13, 13]
      })
  }
}

@Suite struct `What layers take` {
  @Test func `is theirs, and that of all before them`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv1", filters: 4, Convolution(3, padding: 1))
    try sketch.batchNormalization("bn1")
    try sketch.add("relu1", Activation.relu)
    try sketch.convolution("branch", filters: 4, Convolution(1), of: "relu1")
    try sketch.convolution("conv2", filters: 4, Convolution(3, padding: 1), of: "relu1")
    try sketch.add("sum", Arithmetic(.add), of: ["conv2", "relu1"])
    let network = try sketch.network()
    let (first, second) = (4 * 27 + 4, 4 * 36 + 4)
    #expect(
      network.cost(of: "relu1")
        == LayerCost(parameters: first + 8, multiplyAdds: 256 * 27))
    #expect(network.cost(of: "conv1") == LayerCost(parameters: first, multiplyAdds: 256 * 27))
    #expect(network.cost(of: "sum") == LayerCost(parameters: 0, multiplyAdds: 0))
    // Without the branch that it does not read.
    #expect(
      network.cost(upTo: "sum")
        == LayerCost(parameters: first + 8 + second, multiplyAdds: 256 * (27 + 36)))
  }

  @Test func `includes the convolution, also where the bias is a node of its own`() throws {
    let graph = try Graph(
      inputShape: [2, 6, 6],
      [
        Graph.Node("conv", Convolution(3), inputs: ["input"], parameters: ["w"]),
        Graph.Node("shift", Constant(), inputs: [], parameters: ["b"]),
        Graph.Node("biased", Arithmetic(.add), inputs: ["shift", "conv"]),
        Graph.Node("relu", Activation.relu, inputs: ["biased"]),
        Graph.Node("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)), inputs: ["relu"]),
      ])
    let network = try Network(
      graph: graph,
      parameters: Parameters([
        "w": .random([3, 2, 3, 3], seed: 1), "b": .random([1, 3, 1, 1], seed: 2),
      ]))
    for layer in ["biased", "relu"] {
      #expect(network.cost(of: layer).multiplyAdds == 16 * 3 * 18)
      #expect(network.cost(of: layer).parameters == 54 + 3)
    }
    #expect(network.cost(of: "pool").multiplyAdds == 0)
  }

  @Test func `has shared weights once, and all their products`() throws {
    let graph = try Graph(
      inputShape: [2, 6, 6],
      [
        Graph.Node("a", Convolution(3, padding: 1), inputs: ["input"], parameters: ["w"]),
        Graph.Node("b", Convolution(3, padding: 1), inputs: ["a"], parameters: ["w"]),
      ])
    let network = try Network(
      graph: graph, parameters: Parameters(["w": .random([2, 2, 3, 3], seed: 1)]))
    #expect(
      network.cost(upTo: "b") == LayerCost(parameters: 36, multiplyAdds: 2 * 72 * 18))
  }
}
