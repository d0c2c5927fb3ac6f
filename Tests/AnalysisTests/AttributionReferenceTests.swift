import Analysis
import Checkpoints
import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// The networks of `Fixtures/attributions.py`.
enum AttributionReference: String, CaseIterable, Sendable {
  case residual, branches, transposed

  func load() throws -> (network: Network, file: SafeTensorsFile) {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/attributions-\(rawValue).safetensors")
    let file = try SafeTensorsFile(path.path(percentEncoded: false))
    var parameters = Parameters()
    for entry in file.entries where !Self.isResult(entry.name) {
      parameters[entry.name] = try file.tensor(entry.name)
    }
    let graph = try Graph(inputShape: [3, 14, 14], nodes)
    return (try Network(graph: graph, parameters: parameters), file)
  }

  private var nodes: [Graph.Node] {
    switch self {
    case .residual: Self.residualNodes
    case .branches: Self.branchesNodes
    case .transposed: Self.transposedNodes
    }
  }

  private static func isResult(_ name: String) -> Bool {
    ["input", "target", "scores"].contains(name)
      || attributionMethods.contains { name.hasPrefix($0.name) }
  }

  /// The layer that the class activation maps are of.
  var layer: String {
    switch self {
    case .residual: "relu3"
    case .branches, .transposed: "pool2"
    }
  }

  private static func node(
    _ name: String, _ operation: any Networks.Operation, _ inputs: String..., bias: Bool = true
  ) -> Graph.Node {
    let parameters =
      switch operation {
      case is Convolution, is ConvolutionTranspose, is Linear:
        bias ? ["weight", "bias"] : ["weight"]
      case is BatchNormalization: ["weight", "bias", "running_mean", "running_var"]
      default: [String]()
      }
    return Graph.Node(
      name, operation, inputs: inputs, parameters: parameters.map { "\(name).\($0)" })
  }

  private static var residualNodes: [Graph.Node] {
    [
      node("stem", Convolution(3, padding: 1), "input", bias: false),
      node("bn0", BatchNormalization(), "stem"),
      node("relu0", Activation.relu, "bn0"),
      node("conv1", Convolution(3, padding: 1), "relu0", bias: false),
      node("bn1", BatchNormalization(), "conv1"),
      node("relu1", Activation.relu, "bn1"),
      node("conv2", Convolution(3, padding: 1), "relu1"),
      node("bn2", BatchNormalization(), "conv2"),
      node("sum", Arithmetic(.add), "relu0", "bn2"),
      node("relu2", Activation.relu, "sum"),
      node("pool", AveragePool(PoolingGeometry(window: 2, stride: 2)), "relu2"),
      node("conv3", Convolution(3), "pool"),
      node("relu3", Activation.relu, "conv3"),
      node("gap", GlobalPool(.average), "relu3"),
      node("flatten", Flatten(), "gap"),
      node("fc", Linear(), "flatten"),
    ]
  }

  private static var branchesNodes: [Graph.Node] {
    [
      node("conv1", Convolution(5, stride: 2, padding: 2), "input"),
      node("relu1", Activation.relu, "conv1"),
      node(
        "norm",
        LocalResponseNormalization(LocalResponse(size: 3, alpha: 0.3, beta: 0.75, k: 1.5)), "relu1"),
      node("pool1", MaxPool(PoolingGeometry(window: 2, stride: 1)), "norm"),
      node("a", Convolution(1), "pool1"),
      node("swish", Activation(.hardSwish), "a"),
      node("b", Convolution(3, padding: 1, groups: 8), "pool1"),
      node("relu2", Activation.relu, "b"),
      node("cat", Concatenate(), "swish", "relu2"),
      node("pool2", AveragePool(PoolingGeometry(window: 2, stride: 2)), "cat"),
      node("flatten", Flatten(), "pool2"),
      node("fc1", Linear(), "flatten"),
      node("bn", BatchNormalization(), "fc1"),
      node("relu3", Activation.relu, "bn"),
      node("fc2", Linear(), "relu3"),
    ]
  }

  private static var transposedNodes: [Graph.Node] {
    let up = ConvolutionTranspose(
      window: [3, 3], moves: WindowGeometry(stride: 2, padding: 1), outputPadding: [0, 0])
    return [
      node("conv1", Convolution(3, stride: 2), "input"),
      node("relu1", Activation(.leakyRectifier(slope: 0.1)), "conv1"),
      node("up", up, "relu1"),
      node("bn", BatchNormalization(), "up"),
      node("relu2", Activation.relu, "bn"),
      node("pool1", AveragePool(PoolingGeometry(window: 3, stride: 2, padding: 1)), "relu2"),
      node("conv2", Convolution(3, groups: 2), "pool1"),
      node("relu3", Activation.relu, "conv2"),
      node("pool2", MaxPool(PoolingGeometry(window: 2, stride: 2)), "relu3"),
      node("flatten", Flatten(), "pool2"),
      node("fc", Linear(), "flatten"),
    ]
  }
}

/// Expects each picture's map to agree within `relative` of its greatest magnitude.
func expectMaps(
  _ actual: Tensor, _ expected: Tensor, relative: Float = 1e-4, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.shape == expected.shape else {
    Issue.record(
      "\(what): shape \(actual.shape), expected \(expected.shape)", sourceLocation: sourceLocation)
    return
  }
  #expect(expected.norm > 0, "\(what): nothing to compare", sourceLocation: sourceLocation)
  for row in 0..<actual.shape[0] {
    let (a, b) = (
      actual.rows(row..<(row + 1)).elements, expected.rows(row..<(row + 1)).elements
    )
    let size = b.reduce(0) { max($0, abs($1)) }
    let worst = zip(a, b).map { abs($0 - $1) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
    #expect(
      worst <= relative * size, "\(what), picture \(row): \(worst / size) of its greatest",
      sourceLocation: sourceLocation)
  }
}

@Suite struct `Attribution references` {
  private func attributions(
    _ reference: AttributionReference, _ name: String, _ given: [String: String] = [:]
  ) throws -> (found: Attribution, file: SafeTensorsFile) {
    let (network, file) = try reference.load()
    let method = try attributionMethod(name, given)
    let batch = ExplainedBatch(try file.tensor("input"), of: network)
    let targets = try file.tensor("target").elements.map { Int($0) }
    let scores = batch.scores(targets.map { .classIndex($0) })
    return (method.attribute(scores, of: batch), file)
  }

  @Test(arguments: AttributionReference.allCases)
  func `the networks are the same`(reference: AttributionReference) throws {
    let (network, file) = try reference.load()
    let scores = network.record(try file.tensor("input")).scores
    expectMaps(scores, try file.tensor("scores"), relative: 1e-5, reference.rawValue)
  }

  @Test(
    arguments: AttributionReference.allCases,
    [
      "gradient-times-input", "integrated-gradients", "lrp-epsilon-plus-flat",
      "lrp-epsilon-alpha2-beta1-flat",
    ])
  func `agree with Captum's and zennit's`(reference: AttributionReference, name: String) throws {
    let (found, file) = try attributions(reference, name)
    expectMaps(found.maps, try file.tensor(name), "\(name) of \(reference)")
  }

  @Test(arguments: AttributionReference.allCases)
  func `relevance within a box agrees with zennit's`(reference: AttributionReference) throws {
    let name = "lrp-epsilon-gamma-box"
    let (found, file) = try attributions(
      reference, name, ["low": "-2,-2.5,-1.75", "high": "2,2.25,3"])
    expectMaps(found.maps, try file.tensor(name), "\(name) of \(reference)")
  }

  @Test(.slow, arguments: AttributionReference.allCases)
  func `integrated gradients begin anywhere`(reference: AttributionReference) throws {
    for baseline in ["0.5", "0.5,0.5,0.5"] {
      let (found, file) = try attributions(
        reference, "integrated-gradients", ["baseline": baseline])
      expectMaps(
        found.maps, try file.tensor("integrated-gradients.baseline"), "baseline of \(reference)")
    }
  }

  @Test(arguments: AttributionReference.allCases, ["grad-cam", "grad-cam++", "layer-cam"])
  func `class activation maps agree with pytorch-grad-cam's`(
    reference: AttributionReference, name: String
  ) throws {
    let (found, file) = try attributions(reference, name, ["layer": reference.layer])
    let maps = try #require(found.layerMaps)
    expectMaps(maps, try file.tensor(name), "\(name) of \(reference)")
    #expect(found.maps.shape == [2, 1, 14, 14])
  }

  @Test(arguments: AttributionReference.allCases)
  func `guided Grad-CAM agrees with Captum's`(reference: AttributionReference) throws {
    let (found, file) = try attributions(
      reference, "guided-grad-cam", ["layer": reference.layer])
    expectMaps(found.maps, try file.tensor("guided-grad-cam"), "guided Grad-CAM of \(reference)")
  }

  /// The larger networks of the shared data.
  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.skipMessage)),
    arguments: ReferenceNetwork.allCases)
  func `agree with Captum's on the shared networks`(reference: ReferenceNetwork) throws {
    let (network, expected) = try reference.load()
    let batch = ExplainedBatch(try expected.tensor("input"), of: network)
    let scores = batch.scores(
      try expected.tensor("target").elements.map { .classIndex(Int($0)) })
    for (name, key) in [
      ("gradient", "gradient"), ("guided-backpropagation", "guided_backprop"),
      ("deconvnet", "deconvnet"), ("gradient-times-input", "input_x_gradient"),
      ("integrated-gradients", "integrated_gradients.riemann_middle50"),
    ] {
      let found = try attributionMethod(name).attribute(scores, of: batch)
      expectMaps(found.maps, try expected.tensor(key), "\(name) of \(reference)")
    }
    let cam = try attributionMethod("grad-cam", ["layer": "relu3"]).attribute(scores, of: batch)
    expectMaps(
      try #require(cam.layerMaps), try expected.tensor("gradcam"), "grad-cam of \(reference)")
  }

  /// Every layer by the ε rule, pools among them. Captum keeps relevance divided by activations
  /// between its layers and multiplies it again at what a layer reads; an addition that is no layer
  /// hands relevance as it is to both summands, and that of the skip connection, which a layer
  /// reads too, is multiplied once more. Here that is restated.
  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.skipMessage)))
  func `the epsilon rule agrees with Captum's`() throws {
    let (network, expected) = try ReferenceNetwork.wide.load()
    let recording = network.record(try expected.tensor("input"))
    let targets = try expected.tensor("target").elements.map { Int($0) }
    let scores = recording.scores.elements
    let start = Tensor(
      shape: recording.scores.shape,
      scores.indices.map { targets[$0 / 7] == $0 % 7 ? scores[$0] : 0 })
    let node = recording.network.graph.scoreName
    struct CaptumAddition: BackwardRule {
      func propagate(_ signal: consuming Tensor, through site: BackwardSite) -> [Tensor] {
        let signal = signal
        return [signal * site.evaluation.keptInputs[0], signal]
      }
    }
    let rules = RuleBook.relevance(
      [
        .at("sum", CaptumAddition()),
        .on(BatchNormalization.self, EpsilonRelevance(epsilon: 1e-9)),
      ], stabilizer: 1e-9)
    expectMaps(
      recording.propagate(start, from: node, by: rules).input,
      try expected.tensor("lrp.epsilon1e-9"), "the epsilon rule")
  }
}
