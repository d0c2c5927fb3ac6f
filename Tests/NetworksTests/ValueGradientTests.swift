import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// One operation on values, applied to the pictures and additional constants.
private struct ValueCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let network: Network
  let images: Tensor

  /// - Parameters:
  ///   - constants: Further inputs, after the pictures.
  ///   - pictures: Their position among the inputs; nil for the first.
  init(
    _ name: String, _ operation: any Operation, _ images: Tensor, constants: [Tensor] = [],
    parameters: [Tensor] = [], picturesLast: Bool = false
  ) throws {
    testDescription = "\(name) of \(images.shape)"
    self.images = images
    var sketch = NetworkSketch(Shape(Array(images.shape.extents.dropFirst())), seed: 1)
    var inputs: [String] = []
    for (index, constant) in constants.enumerated() {
      inputs.append("constant \(index)")
      try sketch.add(
        "constant \(index)", Constant(), of: [],
        parameters: [("value \(index)", constant)])
    }
    inputs.insert(Graph.inputName, at: picturesLast ? inputs.count : 0)
    try sketch.add(
      "it", operation, of: inputs,
      parameters: parameters.enumerated().map { ("parameter \($0)", $1) })
    network = try sketch.network()
  }

  static func all() throws -> [ValueCase] {
    try arithmetic() + reductions() + products() + normalizations() + others()
  }

  /// More than a step apart from each other and from zero.
  private static func apart(_ shape: Shape, _ seed: Int) -> Tensor {
    .separated(shape, seed: seed) * (20 / Float(max(shape.elementCount, 20)))
  }

  private static func positive(_ shape: Shape, _ seed: Int) -> Tensor {
    Tensor.random(shape, seed: seed).map { abs($0) + 0.7 }
  }

  private static func arithmetic() throws -> [ValueCase] {
    try (0..<3).flatMap { seed in
      var shapes = RandomShapes(seed: seed)
      let shape = shapes.shape(rank: 2 + seed, longest: 4)
      // The batch extent must be that of the pictures.
      let other = Shape(
        [1] + shapes.companion(of: Shape(shape.extents.dropFirst().map { $0 })).extents)
      return try ArithmeticFunction.allCases.flatMap { function in
        let images = positive(shape, seed)
        let extreme = function == .minimum || function == .maximum
        let constant = extreme ? positive(other, seed + 7).map { $0 + 0.003 } : positive(other, 8)
        var cases = [
          try ValueCase("\(function)", Arithmetic(function), images, constants: [constant]),
          try ValueCase(
            "\(function), the other way round", Arithmetic(function), images,
            constants: [constant], picturesLast: true),
        ]
        if function.takesMany {
          cases.append(
            try ValueCase(
              "\(function) of three", Arithmetic(function), images,
              constants: [constant, positive([1], 9)]))
        }
        return cases
      }
    }
  }

  private static func reductions() throws -> [ValueCase] {
    try (0..<4).flatMap { seed in
      var shapes = RandomShapes(seed: seed)
      let shape = shapes.shape(rank: 2 + seed, longest: 4)
      let axes = shapes.axes(of: Shape(Array(shape.extents.dropFirst()))).map { $0 + 1 }
      return try ReductionFunction.allCases.map { function in
        try ValueCase(
          "\(function) along \(axes)", Reduce(function, axes: axes, keepsAxes: seed % 2 == 0),
          apart(shape, seed))
      }
    }
  }

  private static func products() throws -> [ValueCase] {
    let x = Tensor.random([2, 3, 4, 5], seed: 1)
    return [
      try ValueCase(
        "matrix product", MatrixProduct(), x, constants: [.random([5, 6], seed: 2)]),
      try ValueCase(
        "matrix product in batches", MatrixProduct(), x,
        constants: [.random([1, 3, 5, 6], seed: 2)]),
      try ValueCase(
        "matrix product on the right", MatrixProduct(), x,
        constants: [.random([7, 4], seed: 2)], picturesLast: true),
      try ValueCase(
        "matrix and vector", MatrixProduct(), x, constants: [.random([5], seed: 2)]),
      try ValueCase(
        "vector and matrix", MatrixProduct(), x, constants: [.random([4], seed: 2)],
        picturesLast: true),
      try ValueCase(
        "linear", Linear(), x, parameters: [.random([7, 5], seed: 2), .random([7], seed: 3)]),
      try ValueCase(
        "linear over tokens", Linear(), .random([2, 6, 5], seed: 1),
        parameters: [.random([7, 5], seed: 2)]),
    ]
  }

  private static func normalizations() throws -> [ValueCase] {
    let (scale, shift) = (Tensor.random([6], seed: 2), Tensor.random([6], seed: 3))
    let shapes: [Shape] = [[2, 6, 7], [2, 6, 3, 4], [2, 6, 2, 3, 2]]
    let x = Tensor.random([2, 3, 4, 5], seed: 4)
    return try shapes.flatMap { shape in
      let images = Tensor.random(shape, seed: 1)
      return [
        try ValueCase(
          "instance norm", InstanceNormalization(), images, parameters: [scale, shift]),
        try ValueCase(
          "group norm", GroupNormalization(groups: 3), images, parameters: [scale, shift]),
      ]
    } + [
      try ValueCase(
        "layer norm", LayerNormalization(axis: 3), x,
        parameters: [.random([5], seed: 2), .random([5], seed: 3)]),
      try ValueCase(
        "layer norm over two axes without shift", LayerNormalization(axis: 2), x,
        parameters: [.random([4, 5], seed: 2)]),
    ]
  }

  private static func others() throws -> [ValueCase] {
    let x = apart([2, 3, 4, 5], 1)
    let condition = Tensor.integers([3, 1, 5], 0...1, seed: 2)
    return [
      try ValueCase("PReLU", PReLU(), x, parameters: [Tensor(shape: [3, 1, 1], [0.1, -2, 0.5])]),
      try ValueCase("softmax of rows", Softmax(axis: 3), x),
      try ValueCase("log softmax of channels", LogSoftmax(), x),
      try ValueCase("log softmax of columns", LogSoftmax(axis: 2), x),
      try ValueCase("GELU", Activation(.gelu), x),
      try ValueCase("leaky ReLU", Activation(.leakyRectifier(slope: 0.2)), x),
      try ValueCase("floor", Activation(.floor), x.map { $0 * 0.01 + 0.5 }),
      try ValueCase(
        "dequantize", Dequantize(axis: 1), x,
        constants: [positive([3], 2), .random([3], seed: 3)]),
      try ValueCase(
        "dequantize by one scale", Dequantize(axis: 1), x, constants: [positive([], 2)]),
      try ValueCase(
        "select", Select(), x, constants: [condition.map { $0 * 9 }, .random([5], seed: 4)]),
    ]
  }
}

@Suite struct `Gradients of operations on values` {
  private static let cases = (try? ValueCase.all()) ?? []

  @Test func `all are there`() throws { #expect(try !ValueCase.all().isEmpty) }

  @Test(arguments: cases)
  fileprivate func `are the slopes`(item: ValueCase) {
    expectSlopes(of: item.network, at: item.images, step: 2e-3)
  }

  @Test func `of a product with zeros are the products of the others`() throws {
    var sketch = NetworkSketch([4], seed: 1)
    try sketch.add("product", Reduce(.product, axes: [1], keepsAxes: false))
    let images = Tensor(shape: [3, 4], [1, 2, 3, 4, 1, 0, 3, 4, 0, 2, 0, 4])
    let recording = try sketch.network().record(images)
    let gradient = recording.propagate(Tensor(shape: [3], [1, 1, 1]), from: "product").input
    expectClose(
      gradient.elements, [24, 12, 8, 6, 0, 12, 0, 0, 0, 0, 0, 0], relative: 1e-6)
  }

  @Test func `equal extremes share the gradient`() throws {
    var sketch = NetworkSketch([4], seed: 1)
    try sketch.add("greatest", Reduce(.maximum, axes: [1], keepsAxes: true))
    let recording = try sketch.network().record(Tensor(shape: [1, 4], [1, 3, 3, 2]))
    let gradient = recording.propagate(Tensor(shape: [1, 1], [1]), from: "greatest").input
    #expect(gradient.elements == [0, 0.5, 0.5, 0])
  }

  @Test func `quantization passes what it does not cut off`() throws {
    var sketch = NetworkSketch([4], seed: 1)
    try sketch.add("scale", Constant(), of: [], parameters: [("s", Tensor(shape: [], [0.5]))])
    try sketch.add("zero", Constant(), of: [], parameters: [("z", Tensor(shape: [], [1]))])
    try sketch.add(
      "it", Quantize(axis: 1, lower: 0, upper: 10), of: ["input", "scale", "zero"])
    let recording = try sketch.network().record(Tensor(shape: [1, 4], [-9, 0.3, 1.26, 9]))
    #expect(recording["it"].elements == [0, 2, 4, 10])
    let gradient = recording.propagate(Tensor(shape: [1, 4], [1, 1, 1, 1]), from: "it").input
    #expect(gradient.elements == [0, 2, 2, 0])
    let strange = try sketch.network().record(Tensor(shape: [1, 4], [.nan, 0.3, .infinity, 9]))
    let there = strange.propagate(Tensor(shape: [1, 4], [1, 1, 1, 1]), from: "it").input.elements
    #expect(there[0].isNaN)
    #expect(there.dropFirst() == [2, 0, 0])
  }

  @Test func `comparisons and positions carry none`() throws {
    for operation: any Operation in [
      ArgMax(axis: 1, keepsAxis: true), Reduce(.sum, axes: [], keepsAxes: true),
    ] {
      var sketch = NetworkSketch([4], seed: 1)
      try sketch.add("it", operation)
      let recording = try sketch.network().record(.random([2, 4], seed: 1))
      let signal = Tensor(shape: recording["it"].shape, repeating: 1)
      let gradient = recording.propagate(signal, from: "it").input
      #expect(gradient.elements.allSatisfy { $0 == (operation is ArgMax ? 0 : 1) })
    }
  }
}
