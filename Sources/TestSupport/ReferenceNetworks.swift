public import Checkpoints
internal import Kernels
public import Networks
internal import TensorCore

/// The networks of the reference values from PyTorch and Captum, built from their descriptions.
public enum ReferenceNetwork: String, Sendable, CaseIterable {
  case plain, wide

  public var graph: Graph {
    get throws {
      switch self {
      case .plain: try Self.plainGraph()
      case .wide: try Self.wideGraph()
      }
    }
  }

  private static func chain(
    _ layers: [(String, any Operation, [String])], inputShape: Shape
  ) throws -> Graph {
    var last = Graph.inputName
    return try Graph(
      inputShape: inputShape,
      layers.map { name, operation, parameters in
        defer { last = name }
        return Graph.Node(name, operation, inputs: [last], parameters: parameters)
      })
  }

  private static func plainGraph() throws -> Graph {
    func weights(_ name: String) -> [String] { ["\(name).weight", "\(name).bias"] }
    return try chain(
      [
        ("conv1", Convolution(7, stride: 2, padding: 3), weights("conv1")),
        ("relu1", Activation.relu, []),
        (
          "norm1",
          LocalResponseNormalization(LocalResponse(size: 5, alpha: 1e-4, beta: 0.75, k: 2)), []
        ),
        ("pool1", MaxPool(PoolingGeometry(window: 3, stride: 2)), []),
        ("conv2", Convolution(5, padding: 2, groups: 2), weights("conv2")),
        ("relu2", Activation.relu, []),
        ("pool2", MaxPool(PoolingGeometry(window: 2, stride: 2)), []),
        ("conv3", Convolution(3, padding: 1), weights("conv3")),
        ("relu3", Activation.relu, []),
        ("flatten", Flatten(), []),
        ("fc4", Linear(), weights("fc4")),
        ("relu4", Activation.relu, []),
        // The reference was trained with dropout off.
        ("drop4", Dropout(0), []),
        ("fc5", Linear(), weights("fc5")),
      ], inputShape: [3, 64, 64])
  }

  private static func wideGraph() throws -> Graph {
    func norm(_ name: String, of input: String) -> Graph.Node {
      Graph.Node(
        name, BatchNormalization(), inputs: [input],
        parameters: ["weight", "bias", "running_mean", "running_var"].map { "\(name).\($0)" })
    }
    func node(_ name: String, _ operation: any Operation, _ inputs: String...) -> Graph.Node {
      Graph.Node(name, operation, inputs: inputs)
    }
    func convolution(
      _ name: String, _ operation: Convolution, of input: String, bias: Bool = false
    ) -> Graph.Node {
      Graph.Node(
        name, operation, inputs: [input],
        parameters: bias ? ["\(name).weight", "\(name).bias"] : ["\(name).weight"])
    }
    return try Graph(
      inputShape: [3, 64, 64],
      [
        convolution("stem", Convolution(3, stride: 2, padding: 1), of: Graph.inputName),
        norm("bn0", of: "stem"),
        node("relu0", Activation.relu, "bn0"),
        convolution("conv1", Convolution(3, padding: 2, dilation: 2), of: "relu0"),
        norm("bn1", of: "conv1"),
        node("relu1", Activation.relu, "bn1"),
        convolution("dw", Convolution(3, padding: 1, groups: 12), of: "relu1"),
        norm("bn2", of: "dw"),
        node("sum", Arithmetic(.add), "relu0", "bn2"),
        node("relu2", Activation.relu, "sum"),
        node("pool2", MaxPool(PoolingGeometry(window: 2, stride: 2)), "relu2"),
        convolution("a", Convolution(1), of: "pool2", bias: true),
        convolution("b", Convolution(3, padding: 1), of: "pool2", bias: true),
        node("concat", Concatenate(), "a", "b"),
        node("relu3", Activation.relu, "concat"),
        node("avg", AveragePool(PoolingGeometry(window: 2, stride: 2)), "relu3"),
        convolution("head", Convolution(1), of: "avg", bias: true),
        node("gap", GlobalPool(.average), "head"),
        node("flatten", Flatten(), "gap"),
      ])
  }

  /// - Returns: The network with its weights, and the file with its expected values.
  public func load() throws -> (network: Network, expected: SafeTensorsFile) {
    let weights = try SafeTensorsFile(
      SharedData.path("reference/captum/\(rawValue).weights.safetensors"))
    var parameters = Parameters()
    for entry in weights.entries { parameters[entry.name] = try weights.tensor(entry.name) }
    return (
      try Network(graph: graph, parameters: parameters),
      try SafeTensorsFile(SharedData.path("reference/captum/\(rawValue).expected.safetensors"))
    )
  }
}
