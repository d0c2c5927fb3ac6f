internal import Kernels
public import Networks
public import TensorCore

/// Builds a small network node by node, with random weights.
public struct NetworkSketch {
  public enum Weights: Sendable {
    /// Normally distributed weights with variance `2 / fan-in`, and biases a tenth as large.
    case normal
    /// Positive weights, without biases: whatever a node reads affects its output.
    case positive
    /// Integers from −2 to 2, so that sums and products are exact in any order.
    case integers
  }

  public let inputShape: Shape
  private let weights: Weights
  private var generator: SeededGenerator
  private var nodes: [Graph.Node] = []
  private var parameters = Parameters()
  private var shapes: [String: Shape]
  /// The node that the next one reads unless specified otherwise.
  public private(set) var last = Graph.inputName

  public init(_ inputShape: Shape, seed: Int, weights: Weights = .normal) {
    self.inputShape = inputShape
    self.weights = weights
    generator = SeededGenerator(seed: UInt64(seed), path: 0x5E7C)
    shapes = [Graph.inputName: Shape([1] + inputShape.extents)]
  }

  /// For one picture, after the last node.
  public var shape: Shape { shapes[last] ?? inputShape }

  public mutating func pick(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  /// - Parameter inputs: Nil for the last node.
  public mutating func add(
    _ name: String, _ operation: any Operation, of inputs: [String]? = nil,
    parameters: [(name: String, value: Tensor)] = []
  ) throws {
    let inputs = inputs ?? [last]
    shapes[name] = try operation.outputShape(
      for: inputs.compactMap { shapes[$0] }, parameters: parameters.map(\.value.shape))
    nodes.append(
      Graph.Node(name, operation, inputs: inputs, parameters: parameters.map(\.name)))
    for (name, value) in parameters { self.parameters[name] = value }
    last = name
  }

  public mutating func convolution(
    _ name: String, filters: Int, _ operation: Convolution, of input: String? = nil
  ) throws {
    let channels = (shapes[input ?? last] ?? shape)[1]
    let shape = Shape([filters, channels / operation.groups] + operation.window)
    try add(name, operation, of: input.map { [$0] }, parameters: weighted(name, shape))
  }

  public mutating func locallyConnected(
    _ name: String, filters: Int, _ operation: LocallyConnected
  ) throws {
    let places =
      operation.moves.outputExtents(shape.spatial, window: operation.window) ?? operation.window
    let shape = Shape(places + [filters, shape[1]] + operation.window)
    let scale = Float(1 / Double(shape[3] * operation.window.reduce(1, *)).squareRoot())
    try add(
      name, operation,
      parameters: [
        ("\(name).weight", normal(shape, around: 0, scale)),
        ("\(name).bias", normal([places.reduce(filters, *)], around: 0, 0.2)),
      ])
  }

  public mutating func linear(_ name: String, outputs: Int) throws {
    try add(name, Linear(), parameters: weighted(name, [outputs, shape[1]]))
  }

  /// Scales around 1; running statistics as if measured, none of them 0 or 1.
  public mutating func batchNormalization(_ name: String) throws {
    let channels = shape[1]
    let parameters = [
      ("\(name).weight", normal([channels], around: 1, 0.2)),
      ("\(name).bias", normal([channels], around: 0, 0.2)),
      ("\(name).running_mean", normal([channels], around: 0, 0.2)),
      ("\(name).running_var", normal([channels], around: 1, 0.2).map { $0 * $0 + 0.1 }),
    ]
    try add(name, BatchNormalization(), parameters: parameters)
  }

  public func network() throws(GraphError) -> Network {
    try Network(graph: Graph(inputShape: inputShape, nodes), parameters: parameters)
  }

  private mutating func weighted(
    _ name: String, _ shape: Shape
  ) -> [(name: String, value: Tensor)] {
    let fanIn = Float(shape.extents.dropFirst().reduce(1, *))
    let deviation = (2 / fanIn).squareRoot()
    switch weights {
    case .normal:
      return [
        ("\(name).weight", normal(shape, around: 0, deviation)),
        ("\(name).bias", normal([shape[0]], around: 0, 0.1)),
      ]
    case .positive:
      return [("\(name).weight", normal(shape, around: 0, 1).map { (abs($0) + 0.5) / fanIn })]
    case .integers:
      return [
        ("\(name).weight", integers(shape, -2...2)), ("\(name).bias", integers([shape[0]], -9...1)),
      ]
    }
  }

  private mutating func normal(_ shape: Shape, around mean: Float, _ deviation: Float) -> Tensor {
    Tensor(shape: shape) { target in
      for index in 0..<target.count { target[index] = mean + deviation * generator.normal() }
    }
  }

  private mutating func integers(_ shape: Shape, _ range: ClosedRange<Int>) -> Tensor {
    Tensor(shape: shape) { target in
      for index in 0..<target.count { target[index] = Float(pick(range)) }
    }
  }
}

extension Tensor {
  /// Random integers in `range`.
  public static func integers(_ shape: Shape, _ range: ClosedRange<Int>, seed: Int) -> Tensor {
    var generator = SeededGenerator(seed: UInt64(seed), path: shape.elementCount)
    return Tensor(shape: shape) { target in
      for index in 0..<target.count {
        target[index] = Float(Int.random(in: range, using: &generator))
      }
    }
  }

  /// Normally distributed numbers, moved so that they are at least 0.05 apart and at least 0.05
  /// from zero: a small step changes no maximum and crosses no ReLU's kink.
  public static func separated(_ shape: Shape, seed: Int) -> Tensor {
    var generator = SeededGenerator(seed: UInt64(seed), path: shape.elementCount)
    let places = (0..<shape.elementCount).shuffled(using: &generator)
    return Tensor(
      shape: shape, places.map { (Float($0) - Float(shape.elementCount) / 2 + 0.25) * 0.1 })
  }
}
