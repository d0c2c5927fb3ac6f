internal import Kernels
internal import TensorCore

/// How a run in another precision than `float32` differs: what a layer with weights reads is
/// rounded to it, and kernels store results as they find their inputs. So operations between layers
/// keep the precision if they have a kernel for it, and otherwise compute with `float32`.
extension Network {
  /// The layers with weights that no other layer comes after. What they add up is not rounded, so
  /// that scores keep their differences.
  var unroundedLayers: Set<String> {
    guard precision != .float32 else { return [] }
    var reached: Set<String> = []
    var layers: Set<String> = []
    for node in graph.nodes.reversed() {
      if node.operation.readsRounded {
        if !reached.contains(node.name) { layers.insert(node.name) }
        reached.formUnion(node.inputs)
      } else if reached.contains(node.name) {
        reached.formUnion(node.inputs)
      }
    }
    return layers
  }

  /// Rounds what a layer with weights reads.
  func round(_ inputs: inout [Tensor], of node: Graph.Node) {
    guard precision != .float32, node.operation.readsRounded, !inputs.isEmpty else { return }
    inputs[0] = inputs[0].converted(to: precision)
  }
}

extension Operation {
  /// Whether it is a layer with weights whose products have a faster kernel.
  var readsRounded: Bool { self is Convolution || self is Linear }
}

extension RuleBook {
  /// Whether all rules pass on gradients or gate them, so that rounding them changes little; others
  /// divide by what may be close to zero, or have to conserve sums.
  var onlyGates: Bool {
    entries.allSatisfy { entry in
      entry.rule is PlainGradient || entry.rule is GuidedReLU || entry.rule is DeconvnetReLU
    }
  }
}
