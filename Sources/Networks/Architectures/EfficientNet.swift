internal import Kernels
internal import TensorCore

extension BlueprintBuilder {
  /// Tan and Le (2019), "EfficientNet", table 1: the baseline B0.
  ///
  /// Unlike torchvision's, blocks are not randomly skipped in training (stochastic depth).
  mutating func addEfficientNetB0(classes: Int, dropout: Float) {
    normalizedConvolution(
      "features.0", filters: 32, Convolution(3, stride: 2, padding: 1), activation: .swish)
    // Expansion, window, stride, channels and layers.
    for (stage, (expansion, window, stride, filters, count)) in [
      (1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3),
      (6, 5, 2, 192, 4), (6, 3, 1, 320, 1),
    ].enumerated() {
      for block in 0..<count {
        let name = "features.\(stage + 1).\(block)"
        let depthwise = (window: window, stride: block == 0 ? stride : 1)
        if depthwise.stride == 1 && shape[1] == filters {
          residual("\(name).add") {
            $0.addMBConv("\(name).block", filters, expansion: expansion, depthwise)
          }
        } else {
          addMBConv("\(name).block", filters, expansion: expansion, depthwise)
        }
      }
    }
    normalizedConvolution("features.8", filters: 1280, Convolution(1), activation: .swish)
    globalAverage()
    append("classifier.0", Dropout(dropout))
    linear("classifier.1", outputs: classes)
  }

  private mutating func addMBConv(
    _ name: String, _ filters: Int, expansion: Int, _ moves: (window: Int, stride: Int)
  ) {
    // A quarter of the channels that the block reads, not of those after expansion.
    let squeezed = max(1, shape[1] / 4)
    var index = 0
    if expansion != 1 {
      normalizedConvolution(
        "\(name).0", filters: expansion * shape[1], Convolution(1), activation: .swish)
      index = 1
    }
    normalizedConvolution(
      "\(name).\(index)", filters: shape[1], depthwise(window: moves.window, stride: moves.stride),
      activation: .swish)
    squeezeExcitation("\(name).\(index + 1)", squeezed: squeezed, .swish)
    normalizedConvolution(
      "\(name).\(index + 2)", filters: filters, Convolution(1), activation: nil)
  }
}

extension Activation {
  fileprivate static let swish = Activation(.swish)
}
