internal import Kernels
internal import TensorCore

extension BlueprintBuilder {
  /// Tan et al. (2019), "MnasNet", variant B1 (without gates), as in torchvision.
  ///
  /// torchvision updates the running statistics with a momentum of 0.0003, which suits a million
  /// steps; here it is 0.1, as in every other network.
  mutating func addMNASNet(classes: Int, dropout: Float) {
    func names(_ first: Int, activation: Bool = true) -> (String, String, String?) {
      ("layers.\(first)", "layers.\(first + 1)", activation ? "layers.\(first + 2)" : nil)
    }
    normalizedConvolution(names(0), filters: 32, Convolution(3, stride: 2, padding: 1))
    normalizedConvolution(names(3), filters: 32, depthwise(window: 3))
    normalizedConvolution(names(6, activation: false), filters: 16, Convolution(1))
    // Filters, window, stride, expansion and repetitions.
    for (stack, (filters, window, stride, expansion, count)) in [
      (24, 3, 2, 3, 3), (40, 5, 2, 3, 3), (80, 5, 2, 6, 3), (96, 3, 1, 6, 2), (192, 5, 2, 6, 4),
      (320, 3, 1, 6, 1),
    ].enumerated() {
      for block in 0..<count {
        let name = "layers.\(stack + 8).\(block)"
        let depthwise = (window: window, stride: block == 0 ? stride : 1)
        if depthwise.stride == 1 && shape[1] == filters {
          residual("\(name).add") {
            $0.addStackedBlock("\(name).layers", filters, expansion: expansion, depthwise)
          }
        } else {
          addStackedBlock("\(name).layers", filters, expansion: expansion, depthwise)
        }
      }
    }
    normalizedConvolution(names(14), filters: 1280, Convolution(1))
    globalAverage()
    append("classifier.0", Dropout(dropout))
    linear("classifier.1", outputs: classes)
  }

  private mutating func addStackedBlock(
    _ name: String, _ filters: Int, expansion: Int, _ moves: (window: Int, stride: Int)
  ) {
    func names(_ first: Int) -> (String, String, String?) {
      ("\(name).\(first)", "\(name).\(first + 1)", "\(name).\(first + 2)")
    }
    normalizedConvolution(names(0), filters: expansion * shape[1], Convolution(1))
    normalizedConvolution(
      names(3), filters: shape[1], depthwise(window: moves.window, stride: moves.stride))
    normalizedConvolution(("\(name).6", "\(name).7", nil), filters: filters, Convolution(1))
  }
}
