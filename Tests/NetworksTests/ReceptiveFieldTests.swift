import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Receptive fields` {
  /// Pictures of zeros with a single pixel of 1, one for every pixel; with positive weights and no
  /// biases it is visible wherever it has an influence.
  private func impulses(_ shape: Shape) -> Tensor {
    let (channels, pixels) = (shape[0], shape[1] * shape[2])
    return Tensor(shape: Shape([pixels] + shape.extents)) { target in
      target.initialize(repeating: 0)
      for pixel in 0..<pixels { target[pixel * channels * pixels + pixel] = 1 }
    }
  }

  /// The rows and columns that each position of a node's maps actually depends on.
  private func seen(_ maps: Tensor, width: Int) -> [[(rows: Range<Int>, columns: Range<Int>)?]] {
    let (channels, positions) = (maps.shape[1], maps.shape.spatial.reduce(1, *))
    let values = maps.elements
    let greatest = values.reduce(0, max)
    let all = (0..<positions).map { position -> (rows: Range<Int>, columns: Range<Int>)? in
      let pixels = (0..<maps.shape[0]).filter { pixel in
        (0..<channels).contains {
          values[(pixel * channels + $0) * positions + position] > 1e-6 * greatest
        }
      }
      guard let first = pixels.first, let last = pixels.last else { return nil }
      let columns = pixels.map { $0 % width }
      return (
        first / width..<(last / width + 1), (columns.min() ?? 0)..<((columns.max() ?? 0) + 1)
      )
    }
    return stride(from: 0, to: positions, by: max(maps.shape[3], 1)).map {
      Array(all[$0..<($0 + maps.shape[3])])
    }
  }

  @Test(.slow, arguments: 0..<30)
  func `are what a changed pixel changes`(seed: Int) throws {
    #expect(try exactPositions(of: .random(seed: seed, weights: .positive)) > 50)
  }

  @Test(arguments: 0..<12)
  func `stay exact where channels are shuffled and windows turned`(seed: Int) throws {
    var sketch = NetworkSketch([4, 12, 11], seed: seed, weights: .positive)
    try sketch.add("pad", Pad(before: [0, 0, 1, 2], after: [0, 0, 2, 0]))
    let pool = PoolingGeometry(
      window: [2, 3], moves: WindowGeometry(stride: sketch.pick(1...2), padding: 1, dilation: 2))
    try sketch.add("pool", seed % 2 == 0 ? MaxPool(pool) : AveragePool(pool))
    let picture = sketch.shape.spatial
    try sketch.add("groups", Reshape([-1, 2, 2] + picture))
    try sketch.add("swapped", Transpose([0, 2, 1, 3, 4]))
    try sketch.add("shuffled", Reshape([-1, 4] + picture))
    let turned = ConvolutionTranspose(
      window: [3, 2],
      moves: WindowGeometry(
        stride: [1, 1], dilation: [1, 2], paddingBefore: [1, 0], paddingAfter: [0, 1]),
      outputPadding: [0, 0])
    try sketch.add(
      "turned", turned, parameters: [("turned.weight", Tensor(shape: [4, 3, 3, 2], repeating: 1))])
    try sketch.add(
      "adaptive", AdaptiveAveragePool(extents: [sketch.shape[2] - 1, sketch.shape[3]]))
    #expect(try exactPositions(of: sketch.network()) > 50)
  }

  @Test(arguments: 0..<12)
  func `stay exact where pictures are cut`(seed: Int) throws {
    var sketch = NetworkSketch([4, 14, 13], seed: seed, weights: .positive)
    try sketch.convolution("before", filters: 4, Convolution(2, padding: 1))
    let slice = Slice(
      axes: [1, sketch.pick(2...3)], starts: [0, sketch.pick(0...3)], ends: [3, 12],
      steps: [1, sketch.pick(1...2)])
    try sketch.add("slice", slice)
    // Without padding, which would count pixels that the slice has removed.
    try sketch.convolution("behind", filters: 2, Convolution(3))
    try sketch.add("depth", Slice(axes: [2, 3], starts: [0, 0], ends: [2, 4], steps: [1, 1]))
    try sketch.add("deep", SpaceToDepth(block: 2))
    #expect(try exactPositions(of: sketch.network()) > 50)
  }

  @Test func `reach over everything where positions are mixed, in any number of axes`() throws {
    var sketch = NetworkSketch([4, 6, 5], seed: 1, weights: .positive)
    try sketch.convolution("conv", filters: 4, Convolution(2))
    try sketch.add("tokens", Reshape([-1, 4, 20]))
    try sketch.add("turned", Transpose([0, 2, 1]))
    try sketch.add("maps", Reshape([-1, 2, 2, 5, 4]))
    try sketch.add("resized", Resample(ResamplingRule(), axes: [3, 4], extents: [3, 3]))
    let fields = try sketch.network().receptiveFields()
    for name in ["tokens", "turned", "maps", "resized"] {
      let field = try #require(fields[name])
      #expect(field.size == [6, 5] && field.stride == [0, 0] && field.start == [0, 0], "\(name)")
    }
  }

  /// Expects every position to depend exactly on the pixels in its field.
  ///
  /// - Returns: The number of rows and columns compared that no border cuts off.
  private func exactPositions(of network: Network) throws -> Int {
    let shape = network.graph.inputShape
    let (height, width) = (shape[1], shape[2])
    let recording = network.record(impulses(shape))
    let fields = network.receptiveFields()
    var exact = 0
    for node in network.graph.nodes where recording[node.name].shape.rank == 4 {
      let field = try #require(fields[node.name])
      let grid = seen(recording[node.name], width: width)
      for (row, entries) in grid.enumerated() {
        for (column, entry) in entries.enumerated() {
          let said = field.pixels(at: [row, column])
          guard let entry else { continue }
          let pairs = [(said[0], entry.rows, height), (said[1], entry.columns, width)]
          for (said, seen, extent) in pairs {
            #expect(
              seen.lowerBound >= said.lowerBound && seen.upperBound <= said.upperBound,
              "\(node.name) at \(row), \(column): says \(said), sees \(seen)")
            // If nothing is cut off, the field must be exact.
            guard said.lowerBound >= 0, said.upperBound <= extent else { continue }
            exact += 1
            #expect(seen == said, "\(node.name) at \(row), \(column)")
          }
        }
      }
    }
    return exact
  }

  @Test(arguments: 0..<8)
  func `of flattened and fully connected nodes are the whole of what they read`(seed: Int) throws {
    let network = try Network.random(seed: seed, weights: .positive)
    let shape = network.graph.inputShape
    let scores = network.record(impulses(shape)).scores
    let field = try #require(network.receptiveFields()["fc"])
    #expect(field.stride == [0, 0])
    let pixels = field.pixels(at: [0, 0])
    let values = scores.elements
    for pixel in 0..<(shape[1] * shape[2]) where values[pixel * 5] > 0 {
      #expect(pixels[0].contains(pixel / shape[2]) && pixels[1].contains(pixel % shape[2]))
    }
  }

  private func fields(
    _ architecture: Architecture, inputShape: Shape
  ) throws -> [String: ReceptiveField] {
    let blueprint = try architecture.blueprint(classes: 2, inputShape: inputShape)
    let zeros = blueprint.parameters.mapValues { Tensor(shape: $0.shape, repeating: 0) }
    return try Network(graph: blueprint.graph, parameters: Parameters(zeros)).receptiveFields()
  }

  /// Araujo et al. (2019), table 1: AlexNet 195, VGG-16 212.
  @Test func `of AlexNet and VGG-16 are the published ones`() throws {
    let alexnet = try fields(.alexnet, inputShape: [3, 64, 64])
    for (node, size, stride, start) in [
      ("features.0", 11, 4, -2), ("features.2", 19, 8, -2), ("features.3", 51, 8, -18),
      ("features.5", 67, 16, -18), ("features.6", 99, 16, -34), ("features.8", 131, 16, -50),
      ("features.10", 163, 16, -66), ("features.12", 195, 32, -66),
    ] {
      let field = try #require(alexnet[node])
      #expect(field.size == [size, size], "\(node)")
      #expect(field.stride == [stride, stride], "\(node)")
      #expect(field.start == [start, start], "\(node)")
    }
    let vgg = try fields(.vgg16, inputShape: [3, 32, 32])
    #expect(vgg["features.29"]?.size == [196, 196])
    #expect(vgg["features.28"]?.stride == [16, 16])
    #expect(vgg["features.30"]?.size == [212, 212])
    #expect(vgg["features.30"]?.stride == [32, 32])
  }

  @Test func `lie symmetrically about the pixel where padding is half the window`() throws {
    var sketch = NetworkSketch([1, 9, 9], seed: 1)
    try sketch.convolution("conv", filters: 1, Convolution(5, padding: 2))
    let field = try #require(try sketch.network().receptiveFields()["conv"])
    #expect(field.center(of: [0, 0]) == [0.5, 0.5])
    #expect(field.center(of: [3, 4]) == [3.5, 4.5])
    #expect(field.pixels(at: [3, 4]) == [1..<6, 2..<7])
  }

  @Test func `of several units contain those of each`() throws {
    var sketch = NetworkSketch([2, 9, 9], seed: 1)
    try sketch.convolution("point", filters: 2, Convolution(1), of: "input")
    try sketch.convolution("square", filters: 2, Convolution(3, padding: 1), of: "input")
    try sketch.convolution(
      "row", filters: 2,
      Convolution(
        window: [1, 5],
        moves: WindowGeometry(
          stride: [1, 1], dilation: [1, 1], paddingBefore: [0, 2], paddingAfter: [0, 2])),
      of: "input")
    try sketch.add("join", Concatenate(), of: ["point", "square", "row"])
    let field = try #require(try sketch.network().receptiveFields()["join"])
    #expect(field.field(ofUnits: []) == field)
    for (units, size, start) in [
      ([0, 1], [1, 1], [0, 0]), ([3], [3, 3], [-1, -1]), ([1, 2], [3, 3], [-1, -1]),
      ([0, 5], [1, 5], [0, -2]), ([2, 4], [3, 5], [-1, -2]),
    ] {
      let union = field.field(ofUnits: units)
      #expect(union.size == size && union.start == start && union.stride == [1, 1], "\(units)")
    }
  }

  @Test func `strides that multiply beyond any number end far outside any picture`() throws {
    var sketch = NetworkSketch([1, 1, 1], seed: 1)
    for layer in 0..<6 {
      try sketch.convolution(
        "conv\(layer)", filters: 1, Convolution(3, stride: 1 << 20, padding: 1, dilation: 1))
    }
    let field = try #require(try sketch.network().receptiveFields()["conv5"])
    #expect(field.stride == [1 << 40, 1 << 40])
    #expect(field.size == [1 << 40, 1 << 40])
    #expect(field.start == [-(1 << 40), -(1 << 40)])
    #expect(field.pixels(at: [0, 0]).count == 2)
  }
}
