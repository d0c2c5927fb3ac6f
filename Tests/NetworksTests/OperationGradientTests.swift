import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// One operation, with just enough around it to provide its inputs.
private struct OperationCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var mode = Mode.inference
  let network: Network

  init(
    _ name: String, _ inputShape: Shape = [4, 7, 6], mode: Mode = .inference,
    _ build: (inout NetworkSketch) throws -> Void
  ) throws {
    testDescription = name
    self.mode = mode
    var sketch = NetworkSketch(inputShape, seed: name.count)
    try build(&sketch)
    network = try sketch.network()
  }

  static func all() throws -> [OperationCase] {
    try convolutions() + others() + pools() + joins() + grids()
  }

  private static func convolutions() throws -> [OperationCase] {
    [
      try OperationCase("strided convolution") {
        try $0.convolution("it", filters: 5, Convolution(3, stride: 2, padding: 1))
      },
      try OperationCase("dilated grouped convolution, uneven padding") {
        let moves = WindowGeometry(
          stride: [1, 2], dilation: [2, 1], paddingBefore: [2, 0], paddingAfter: [1, 2])
        try $0.convolution("it", filters: 6, Convolution(window: [3, 2], moves: moves, groups: 2))
      },
      try OperationCase("depthwise convolution") {
        try $0.convolution("it", filters: 4, Convolution(3, padding: 1, groups: 4))
      },
      try OperationCase("locally connected, with stride and uneven padding") {
        let moves = WindowGeometry(
          stride: [2, 1], dilation: [1, 2], paddingBefore: [1, 0], paddingAfter: [0, 2])
        try $0.locallyConnected("it", filters: 3, LocallyConnected(window: [3, 2], moves: moves))
      },
      try OperationCase("flatten and linear") {
        try $0.add("flatten", Flatten())
        try $0.linear("it", outputs: 5)
      },
    ]
  }

  private static func others() throws -> [OperationCase] {
    [
      try OperationCase("ReLU") { try $0.add("it", Activation.relu) },
      try OperationCase("sigmoid") { try $0.add("it", Activation.sigmoid) },
      try OperationCase("tanh") { try $0.add("it", Activation.tanh) },
      try OperationCase("softmax of maps") { try $0.add("it", Softmax()) },
      try OperationCase("softmax of features", [6, 1, 1]) {
        try $0.add("flatten", Flatten())
        try $0.add("it", Softmax())
      },
      try OperationCase("frozen batch norm") { try $0.batchNormalization("it") },
      try OperationCase("batch norm by the batch", mode: .training(seed: 1)) {
        try $0.batchNormalization("it")
      },
      try OperationCase("frozen batch norm of features", [6, 1, 1]) {
        try $0.add("flatten", Flatten())
        try $0.batchNormalization("it")
      },
      try OperationCase("batch norm of features by the batch", [6, 1, 1], mode: .training(seed: 1))
      {
        try $0.add("flatten", Flatten())
        try $0.batchNormalization("it")
      },
      try OperationCase("local response norm", [7, 3, 3]) {
        try $0.add(
          "it",
          LocalResponseNormalization(LocalResponse(size: 5, alpha: 0.1, beta: 0.75, k: 2)))
      },
      try OperationCase("dropout in training", mode: .training(seed: 5)) {
        try $0.add("it", Dropout(0.4))
      },
      try OperationCase("dropout at rest") { try $0.add("it", Dropout(0.4)) },
    ]
  }

  private static func pools() throws -> [OperationCase] {
    let overlapping = PoolingGeometry(window: 3, stride: 2, padding: 1, ceiling: true)
    return [
      try OperationCase("max pool, rounded up") { try $0.add("it", MaxPool(overlapping)) },
      try OperationCase("max pool, rounded down") {
        try $0.add("it", MaxPool(PoolingGeometry(window: 2, stride: 2)))
      },
      try OperationCase("average pool with its padding") {
        try $0.add("it", AveragePool(overlapping))
      },
      try OperationCase("average pool without its padding") {
        try $0.add("it", AveragePool(overlapping, countsPadding: false))
      },
      try OperationCase("global average pool") { try $0.add("it", GlobalPool()) },
      try OperationCase("global max pool") { try $0.add("it", GlobalPool(.maximum)) },
    ]
  }

  /// On series and on volumes.
  private static func grids() throws -> [OperationCase] {
    try [("series", Shape([4, 11])), ("volumes", [4, 3, 5, 4])].flatMap { name, shape in
      let axes = shape.rank - 1
      func same(_ number: Int) -> [Int] { [Int](repeating: number, count: axes) }
      let moves = WindowGeometry(
        stride: same(2), dilation: same(1), paddingBefore: same(1), paddingAfter: same(0))
      let pool = PoolingGeometry(window: same(2), moves: moves)
      return [
        try OperationCase("convolution of \(name)", shape) {
          try $0.convolution(
            "it", filters: 6, Convolution(window: same(3), moves: moves, groups: 2))
        },
        try OperationCase("transposed convolution of \(name)", shape) {
          try $0.add(
            "it",
            ConvolutionTranspose(window: same(3), moves: moves, outputPadding: same(1)),
            parameters: [
              (name: "w", value: .random(Shape([4, 3] + same(3)), seed: 1) * 0.3),
              (name: "b", value: .random([3], seed: 2)),
            ])
        },
        try OperationCase("max pool of \(name)", shape) { try $0.add("it", MaxPool(pool)) },
        try OperationCase("average pool of \(name)", shape) {
          try $0.add("it", AveragePool(pool, countsPadding: false))
        },
        try OperationCase("global average pool of \(name)", shape) {
          try $0.add("it", GlobalPool())
        },
        try OperationCase("adaptive average pool of \(name)", shape) {
          try $0.add("it", AdaptiveAveragePool(extents: same(2)))
        },
        try OperationCase("frozen batch norm of \(name)", shape) {
          try $0.batchNormalization("it")
        },
        try OperationCase("batch norm of \(name) by the batch", shape, mode: .training(seed: 1)) {
          try $0.batchNormalization("it")
        },
        try OperationCase("local response norm of \(name)", shape) {
          try $0.add(
            "it", LocalResponseNormalization(LocalResponse(size: 3, alpha: 0.1, beta: 0.75, k: 2)))
        },
      ]
    }
  }

  private static func joins() throws -> [OperationCase] {
    [
      try OperationCase("sum of two") {
        try $0.add("left", Activation.tanh, of: ["input"])
        try $0.add("right", Activation.sigmoid, of: ["input"])
        try $0.add("it", Arithmetic(.add), of: ["left", "right"])
      },
      try OperationCase("sum of one thing twice") {
        try $0.add("it", Arithmetic(.add), of: ["input", "input"])
      },
      try OperationCase("three concatenated, one of them twice") {
        try $0.convolution("left", filters: 3, Convolution(1), of: "input")
        try $0.add("it", Concatenate(), of: ["left", "input", "left"])
      },
    ]
  }
}

@Suite struct `Gradients of operations` {
  private static let cases = (try? OperationCase.all()) ?? []

  @Test func `all are there`() throws { #expect(try OperationCase.all().count == 44) }

  private func run(_ operation: OperationCase, batch: Int = 8) -> (Recording, Tensor) {
    let images = Tensor.separated(
      Shape([batch] + operation.network.graph.inputShape.extents), seed: 2)
    let recording = operation.network.record(
      smallEnough(images, operation),
      keeping: operation.mode == .inference ? .everything : .forTraining,
      mode: operation.mode)
    return (recording, .random(recording[operation.network.graph.outputName].shape, seed: 3))
  }

  /// Functions that saturate are tested where they are not flat.
  private func smallEnough(_ images: Tensor, _ operation: OperationCase) -> Tensor {
    let bends = [
      "ReLU", "max pool, rounded up", "max pool, rounded down", "global max pool",
      "max pool of series", "max pool of volumes",
    ]
    return bends.contains(operation.testDescription) ? images : images * (30 / Float(images.count))
  }

  /// `Σ signal · output` for other pictures or weights.
  private func value(
    _ network: Network, _ images: Tensor, _ signal: Tensor, _ mode: Mode
  ) -> Double {
    network.record(images, keeping: .only([]), mode: mode)[network.graph.outputName].dot(signal)
  }

  @Test(arguments: cases)
  fileprivate func `are the slopes at the pictures`(operation: OperationCase) {
    let (recording, signal) = run(operation)
    let network = operation.network
    let gradient = recording.propagate(signal, from: network.graph.outputName).input
    #expect(gradient.shape == recording.input.shape)
    for seed in 0..<3 {
      // Within ±2, so that no kink is crossed.
      let direction = Tensor.random(recording.input.shape, seed: 10 + seed).map {
        max(-2, min(2, $0))
      }
      let slope = centralDifference(
        of: { value(network, $0, signal, operation.mode) }, at: recording.input, along: direction)
      #expect(
        abs(gradient.dot(direction) - slope) <= 2e-3 * max(abs(slope), Double(gradient.norm)))
    }
  }

  @Test(arguments: cases)
  fileprivate func `are the slopes at the parameters`(operation: OperationCase) throws {
    let (recording, signal) = run(operation)
    let network = operation.network
    let gradients = recording.parameterGradients(of: signal, from: network.graph.outputName)
    let learned = network.parameters.names.filter { !$0.contains(".running_") }
    #expect(gradients.keys.sorted() == learned)
    for name in learned {
      let point = try #require(network.parameters[name])
      let gradient = try #require(gradients[name])
      #expect(gradient.shape == point.shape)
      let direction = Tensor.random(point.shape, seed: 20)
      let slope = centralDifference(
        of: {
          var changed = network
          changed.parameters[name] = $0
          return value(changed, recording.input, signal, operation.mode)
        }, at: point, along: direction)
      #expect(
        abs(gradient.dot(direction) - slope) <= 2e-3 * max(abs(slope), Double(gradient.norm)),
        "\(name)")
    }
  }

  @Test(arguments: 0..<6)
  func `of whole networks are the slopes, too`(seed: Int) throws {
    let network = try Network.random(seed: seed, smooth: true)
    let images = Tensor.random(Shape([2] + network.graph.inputShape.extents), seed: seed)
    let recording = network.record(images, keeping: .forTraining)
    let signal = Tensor.random(recording.scores.shape, seed: seed + 1)
    let gradient = recording.propagate(signal, from: "fc").input
    let direction = Tensor.random(images.shape, seed: seed + 2)
    let slope = centralDifference(
      of: { value(network, $0, signal, .inference) }, at: images, along: direction)
    #expect(abs(gradient.dot(direction) - slope) <= 2e-3 * max(abs(slope), Double(gradient.norm)))
  }

  @Test func `of one parameter that two nodes share are summed`() throws {
    let weights = Tensor.random([4, 4, 3, 3], seed: 1) * 0.2
    var sketch = NetworkSketch([4, 6, 6], seed: 1)
    for name in ["first", "second"] {
      try sketch.add(
        name, Convolution(3, padding: 1), parameters: [(name: "shared", value: weights)])
      try sketch.add("\(name) tanh", Activation.tanh)
    }
    let network = try sketch.network()
    let images = Tensor.random([2, 4, 6, 6], seed: 2)
    let recording = network.record(images, keeping: .forTraining)
    let signal = Tensor.random(recording.input.shape, seed: 3)
    let gradients = recording.parameterGradients(of: signal, from: "second tanh")
    let gradient = try #require(gradients["shared"])
    let direction = Tensor.random(weights.shape, seed: 4)
    let slope = centralDifference(
      of: {
        var changed = network
        changed.parameters["shared"] = $0
        return value(changed, images, signal, .inference)
      }, at: weights, along: direction, step: 2e-3)
    #expect(abs(gradient.dot(direction) - slope) <= 2e-3 * max(abs(slope), Double(gradient.norm)))
  }
}
