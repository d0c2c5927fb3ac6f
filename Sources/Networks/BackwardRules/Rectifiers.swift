internal import Kernels
internal import TensorCore

extension NodePredicate {
  /// A quantization of the sums of a layer, and not of pictures, or of what cannot be negative.
  static let isQuantizedSum = NodePredicate { node, graph in
    guard node.operation is Quantize else { return false }
    var current = node.inputs[0]
    while let origin = graph[current] {
      switch origin.operation {
      case is Convolution, is ConvolutionTranspose, is LocallyConnected, is Linear,
        is MatrixProduct, is BatchNormalization:
        return true
      case let arithmetic as Arithmetic:
        return arithmetic.function == .add || arithmetic.function == .subtract
      case is Flatten, is Reshape, is Transpose, is Dropout, is Slice, is MaxPool, is AveragePool,
        is AdaptiveAveragePool, is GlobalPool:
        current = origin.inputs[0]
      default: return false
      }
    }
    return false
  }
}

extension Quantize {
  /// Whether negative numbers become zero, because no integer stands for them, as in quantized
  /// networks whose ReLUs were fused with the quantization after them.
  func isRectifier(zeroPoint: Tensor) -> Bool {
    upper > lower && zeroPoint.elements.allSatisfy { $0 == lower }
  }
}

extension BackwardSite {
  /// Whether the node is a ReLU, or a quantization that is one by its zero point.
  var isRectifier: Bool {
    guard let quantize = node.operation as? Quantize else { return true }
    return quantize.isRectifier(zeroPoint: evaluation.keptInputs[2])
  }
}

extension Network {
  /// Whether there is a node at which guided backpropagation and deconvnet differ from the
  /// gradient.
  public var hasRectifiers: Bool { graph.nodes.contains(where: isRectifier) }

  /// Whether a maximum over positions, which a picture's values choose, lies between the input and a
  /// node's output.
  public func hasSwitches(before node: String) -> Bool {
    let before = Set(graph.ancestors(of: node).map(\.name) + [node])
    return graph.nodes.contains { node in
      guard before.contains(node.name) else { return false }
      return switch node.operation {
      case is MaxPool: true
      case let pool as GlobalPool: pool.pools == .maximum
      default: false
      }
    }
  }

  /// Whether a deconvnet propagates the same signal back to all pictures: it ignores what the
  /// rectifiers' inputs were, so that only other nodes can tell pictures apart, such as max pools
  /// by their switches.
  public var hasConstantDeconvnet: Bool {
    let variable = graph.descendants(of: Graph.inputName)
    let names = Set(variable.map(\.name))
    let before = Set(graph.ancestors(of: graph.scoreName).map(\.name) + [graph.scoreName])
    return variable.allSatisfy { node in
      guard before.contains(node.name), !isRectifier(node) else { return true }
      switch node.operation {
      case is MaxPool: return false
      case let pool as GlobalPool where pool.pools == .maximum: return false
      case is Dequantize: return true
      case let scaling as Arithmetic where [.multiply, .divide].contains(scaling.function):
        let isVariable = node.inputs.map { names.contains($0) || $0 == Graph.inputName }
        return isVariable.count(where: \.self) == 1
          && (scaling.function == .multiply || isVariable[0])
      default: return node.operation.inferencePullbackReads.isEmpty
      }
    }
  }

  /// Whether a node is a ReLU, or a quantization of sums that is one by its zero point.
  public func isRectifier(_ node: Graph.Node) -> Bool {
    if NodePredicate.isRectifier.matches(node, in: graph) { return true }
    guard let quantize = node.operation as? Quantize,
      NodePredicate.isQuantizedSum.matches(node, in: graph),
      let zero = graph[node.inputs[2]], zero.operation is Constant,
      let zeroPoint = parameters[zero.parameters[0]]
    else { return false }
    return quantize.isRectifier(zeroPoint: zeroPoint)
  }
}
