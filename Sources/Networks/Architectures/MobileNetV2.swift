internal import Kernels
internal import TensorCore

extension BlueprintBuilder {
  /// Sandler et al. (2018), "MobileNetV2: Inverted Residuals and Linear Bottlenecks", table 2.
  mutating func addMobileNetV2(classes: Int, dropout: Float) {
    normalizedConvolution(
      "features.0", filters: 32, Convolution(3, stride: 2, padding: 1), activation: .rectifier6)
    var index = 1
    // Expansion t, channels c, repetitions n and stride s.
    for (expansion, filters, count, stride) in [
      (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
      (6, 320, 1, 1),
    ] {
      for block in 0..<count {
        let name = "features.\(index)"
        let stride = block == 0 ? stride : 1
        if stride == 1 && shape[1] == filters {
          residual("\(name).add") {
            $0.addLinearBottleneck(name, filters, expansion: expansion, stride: stride)
          }
        } else {
          addLinearBottleneck(name, filters, expansion: expansion, stride: stride)
        }
        index += 1
      }
    }
    normalizedConvolution(
      "features.\(index)", filters: 1280, Convolution(1), activation: .rectifier6)
    globalAverage()
    append("classifier.0", Dropout(dropout))
    linear("classifier.1", outputs: classes)
  }

  /// Table 1: expand, convolve each map separately, and project without an activation.
  private mutating func addLinearBottleneck(
    _ name: String, _ filters: Int, expansion: Int, stride: Int
  ) {
    let isExpanded = expansion != 1
    if isExpanded {
      normalizedConvolution(
        "\(name).conv.0", filters: expansion * shape[1], Convolution(1), activation: .rectifier6)
    }
    let next = isExpanded ? 1 : 0
    normalizedConvolution(
      "\(name).conv.\(next)", filters: shape[1], depthwise(window: 3, stride: stride),
      activation: .rectifier6)
    normalizedConvolution(
      ("\(name).conv.\(next + 1)", "\(name).conv.\(next + 2)", nil), filters: filters,
      Convolution(1))
  }
}

extension Activation {
  /// ReLU with an upper bound of 6.
  fileprivate static let rectifier6 = Activation(.clip(lower: 0, upper: 6))
}
