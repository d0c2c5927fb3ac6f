internal import Kernels
internal import TensorCore

extension BlueprintBuilder {
  /// He et al. (2016), section 4.2: three stages of 16, 32 and 64 filters for CIFAR-10, with the
  /// parameter names of akamaster/pytorch_resnet_cifar10.
  ///
  /// At the beginning of a stage, the shortcut has no weights (option A): every second row and
  /// column, and channels of zeros on both sides.
  ///
  /// - Parameter depth: The number of layers with weights, `6 n + 2`.
  mutating func addCIFARResNet(depth: Int, classes: Int) {
    normalizedConvolution(("conv1", "bn1", "relu"), filters: 16, Convolution(3, padding: 1))
    for (stage, filters) in [16, 32, 64].enumerated() {
      for block in 0..<((depth - 2) / 6) {
        addPlainBlock("layer\(stage + 1).\(block)", filters: filters)
      }
    }
    globalAverage()
    linear("linear", outputs: classes)
  }

  private mutating func addPlainBlock(_ name: String, filters: Int) {
    let start = current
    let added = filters - shape[1]
    normalizedConvolution(
      ("\(name).conv1", "\(name).bn1", "\(name).relu1"), filters: filters,
      Convolution(3, stride: added > 0 ? 2 : 1, padding: 1))
    normalizedConvolution(
      ("\(name).conv2", "\(name).bn2", nil), filters: filters, Convolution(3, padding: 1))
    let body = current
    current = start
    if added > 0 {
      append(
        "\(name).shortcut.slice",
        Slice(axes: [2, 3], starts: [0, 0], ends: [.max, .max], steps: [2, 2]))
      append(
        "\(name).shortcut",
        Pad(before: [0, added / 2, 0, 0], after: [0, added / 2, 0, 0], mode: .constant, value: 0))
    }
    add("\(name).add", of: [body, current])
    append("\(name).relu2", Activation.relu)
  }
}
