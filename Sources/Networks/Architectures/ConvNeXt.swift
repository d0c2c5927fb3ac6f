internal import Kernels
internal import TensorCore

extension BlueprintBuilder {
  /// Liu et al. (2022), "A ConvNet for the 2020s": ConvNeXt-T.
  ///
  /// Unlike torchvision's, blocks are not randomly skipped in training (stochastic depth).
  mutating func addConvNeXtTiny(classes: Int) {
    convolution("features.0.0", filters: 96, Convolution(4, stride: 4), paper: convNeXtStart)
    normalizeChannels("features.0.1")
    // The odd modules are stages; the even ones between them halve the maps' extents.
    for (stage, (count, width)) in [(3, 96), (3, 192), (9, 384), (3, 768)].enumerated() {
      if stage > 0 {
        let name = "features.\(2 * stage)"
        normalizeChannels("\(name).0")
        convolution("\(name).1", filters: width, Convolution(2, stride: 2), paper: convNeXtStart)
      }
      for block in 0..<count { addConvNeXtBlock("features.\(2 * stage + 1).\(block)") }
    }
    append("avgpool", GlobalPool(.average))
    // torchvision normalizes before it flattens, with the same result.
    append("classifier.1", Flatten())
    layerNormalization("classifier.0", axis: 1)
    linear("classifier.2", outputs: classes, paper: convNeXtStart)
  }

  /// Appendix A.1, table 5: a truncated normal distribution with standard deviation 0.02.
  private var convNeXtStart: PaperStart { PaperStart(weights: .normal(deviation: 0.02)) }

  /// Figure 4: first within each map, then within each position.
  private mutating func addConvNeXtBlock(_ name: String) {
    let width = shape[1]
    residual("\(name).add") {
      $0.convolution(
        "\(name).block.0", filters: width, $0.depthwise(window: 7), paper: $0.convNeXtStart)
      $0.append("\(name).block.1", Transpose([0, 2, 3, 1]))
      $0.layerNormalization("\(name).block.2", axis: 3)
      $0.linear("\(name).block.3", outputs: 4 * width, paper: $0.convNeXtStart)
      $0.append("\(name).block.4", Activation(.gelu))
      $0.linear("\(name).block.5", outputs: width, paper: $0.convNeXtStart)
      $0.append("\(name).block.6", Transpose([0, 3, 1, 2]))
      $0.scaleLayer(name, width)
    }
  }

  /// A factor for each map, initialized near zero (table 5, "layer scale").
  private mutating func scaleLayer(_ name: String, _ width: Int) {
    let maps = current
    let scale = constant("\(name).layer_scale", [width, 1, 1], 1e-6)
    append(scale, Constant(), [scale], of: [])
    append("\(name).scale", Arithmetic(.multiply), of: [maps, scale])
  }

  /// Layer norm over the channels of each position of `[N, C, H, W]`.
  private mutating func normalizeChannels(_ name: String) {
    append("\(name).permute", Transpose([0, 2, 3, 1]))
    layerNormalization("\(name).norm", parametersOf: name, axis: 3)
    append(name, Transpose([0, 3, 1, 2]))
  }

  private mutating func layerNormalization(
    _ name: String, parametersOf module: String? = nil, axis: Int
  ) {
    let module = module ?? name
    let width = Shape(Array(shape.extents[axis...]))
    let names = [
      constant("\(module).weight", width, 1), constant("\(module).bias", width, 0),
    ]
    append(name, LayerNormalization(axis: axis, epsilon: 1e-6), names)
  }
}
