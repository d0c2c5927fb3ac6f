import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Maps of series and volumes` {
  private func convolution(
    _ window: Int, stride: Int = 1, padding: Int = 0, axes: Int = 1
  ) -> Convolution {
    func along(_ value: Int) -> [Int] { [Int](repeating: value, count: axes) }
    return Convolution(
      window: along(window),
      moves: WindowGeometry(
        stride: along(stride), dilation: along(1), paddingBefore: along(padding),
        paddingAfter: along(padding)))
  }

  /// A network that only adds what it sees, so that an impulse is greatest where it is nearest.
  private func network(
    _ length: Int, _ layers: [(window: Int, stride: Int, padding: Int)]
  ) throws -> Network {
    var sketch = NetworkSketch([1, length], seed: 1)
    for (index, layer) in layers.enumerated() {
      // Highest in the middle of the window.
      let taps = (0..<layer.window).map { tap in
        Float(layer.window) - abs(Float(2 * tap + 1 - layer.window)) / 2
      }
      try sketch.add(
        "conv\(index)", convolution(layer.window, stride: layer.stride, padding: layer.padding),
        parameters: [("w\(index)", Tensor(shape: [1, 1, layer.window], taps))])
    }
    return try sketch.network()
  }

  @Test(arguments: [
    [(3, 1, 1)], [(5, 4, 0)], [(5, 4, 2)], [(4, 2, 1)], [(7, 1, 0), (5, 2, 2), (3, 4, 0)],
  ])
  func `have their greatest value where an impulse is`(
    layers: [(window: Int, stride: Int, padding: Int)]
  ) throws {
    let network = try network(100, layers)
    let last = "conv\(layers.count - 1)"
    let field = try #require(network.receptiveFields()[last])
    for sample in [40, 41, 42, 43, 50, 61] {
      var values = [Float](repeating: 0, count: 100)
      values[sample] = 1
      let finding = try FeatureMapAnalysis().run(
        on: network, picture: Tensor(shape: [1, 1, 100], values), layers: [last])[0]
      let map = finding.maps.elements
      let greatest = try #require(map.max())
      let places = map.indices.filter { map[$0] == greatest }.compactMap { field.place(of: $0) }
      let middle = places.reduce(0, +) / Double(places.count)
      // A position may be half a step away, not half of the receptive field.
      #expect(
        abs(middle - Double(sample)) <= Double(field.stride[0]) / 2, "\(sample) at \(middle)")
    }
  }

  @Test func `are placed by offsets that are known`() throws {
    // Windows of 5 that begin with samples 0, 4, 8 have their middles at 2, 6, 10.
    let fields = try network(64, [(5, 4, 0), (3, 1, 0)]).receptiveFields()
    #expect((0..<3).map { fields["conv0"]?.place(of: $0) } == [2, 6, 10])
    #expect((0..<3).map { fields["conv1"]?.place(of: $0) } == [6, 10, 14])
    // A window of 4 has its middle between samples.
    #expect(try network(64, [(4, 2, 1)]).receptiveFields()["conv0"]?.place(of: 0) == 0.5)
  }

  @Test func `have as many positions as the example has axes`() throws {
    let network = try network(64, [(5, 4, 0)])
    #expect(network.hasPositions("conv0") && !network.hasPositions("nothing"))
    var sketch = NetworkSketch([2, 6, 8, 8], seed: 2)
    try sketch.convolution("conv1", filters: 3, convolution(3, padding: 1, axes: 3))
    try sketch.add("relu1", Activation.relu)
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 4)
    let volumes = try sketch.network()
    #expect(
      ["conv1", "relu1", "flat", "fc"].map(volumes.hasPositions) == [true, true, false, false])
    #expect(volumes.hasFilters("conv1") && !volumes.hasFilters("fc"))
    #expect(volumes.usualLayers().map(\.name) == ["relu1"])
    #expect(volumes.convolutionBlock(of: "relu1") == ["conv1", "relu1"])
    let error = #expect(throws: SelectionError.self) {
      try FeatureMapAnalysis().run(
        on: volumes, picture: Tensor(shape: [1, 2, 6, 8, 8], repeating: 0), layers: ["fc"])
    }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("'fc' has no maps"))
    // The tokens of a transformer of pictures are none.
    var tokens = NetworkSketch([4, 5, 5], seed: 3)
    try tokens.add("tokens", Reshape([1, 4, 25]))
    #expect(try !tokens.network().hasPositions("tokens"))
  }

  @Test func `of series with more convolutions have stages`() throws {
    var sketch = NetworkSketch([1, 64], seed: 4)
    for index in 1...6 {
      try sketch.convolution(
        "conv\(index)", filters: 3,
        convolution(3, stride: index.isMultiple(of: 2) ? 2 : 1, padding: 1))
      try sketch.add("relu\(index)", Activation.relu)
    }
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 5)
    let usual = try sketch.network().usualLayers()
    #expect(usual.map(\.name) == ["relu1", "relu3", "relu5", "relu6"])
    #expect(usual.last?.reason == "end of the 8-position stage, the last maps")
  }

  @Test(arguments: [[3, 40], [3, 4], [2, 1], [3, 9, 12, 20], [3, 2, 6, 6]])
  func `are ordered by a percentile inside their borders`(extents: [Int]) throws {
    let maps = Tensor.random(Shape(extents), seed: extents.count)
    let identity = (0..<extents[0] * extents[0]).map {
      Float($0 / extents[0] == $0 % extents[0] ? 1 : 0)
    }
    let axes = extents.count - 1
    var sketch = NetworkSketch(Shape(extents), seed: 1)
    try sketch.add(
      "conv", convolution(1, axes: axes),
      parameters: [
        (
          "w",
          Tensor(
            shape: Shape([extents[0], extents[0]] + [Int](repeating: 1, count: axes)), identity)
        )
      ])
    let finding = try FeatureMapAnalysis().run(
      on: sketch.network(), picture: maps.reshaped(to: Shape([1] + extents)), layers: ["conv"])[0]
    // Frames have a border of their own, rows and columns that of the shorter side.
    let spatial = Array(extents.dropFirst())
    let shorter = spatial.suffix(2).min() ?? 1
    let borders = spatial.indices.map { axis -> Int in
      let side = spatial.count == 3 && axis == 0 ? spatial[0] : shorter
      return side < 5 ? 0 : max(1, side / 16)
    }
    let size = spatial.reduce(1, *)
    let strengths = (0..<extents[0]).map { unit -> Float in
      var inside: [Float] = []
      for place in 0..<size {
        var rest = place
        var isInside = true
        for axis in spatial.indices.reversed() {
          let index = rest % spatial[axis]
          rest /= spatial[axis]
          if index < borders[axis] || index >= spatial[axis] - borders[axis] { isInside = false }
        }
        if isInside { inside.append(maps.elements[unit * size + place]) }
      }
      inside.sort()
      return inside[Int((0.99 * Double(inside.count)).rounded(.up)) - 1]
    }
    #expect(
      finding.strongest == (0..<extents[0]).sorted { strengths[$0] > strengths[$1] })
  }
}
