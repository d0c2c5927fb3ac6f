internal import Kernels
internal import TensorCore

/// The parameters that distinguish the two MobileNetV3 networks.
struct MobileNetV3Design {
  /// One row of the paper's tables.
  struct Row {
    let window: Int
    let expanded: Int
    let filters: Int
    let hasGates: Bool
    let isSwish: Bool
    let stride: Int

    init(
      _ window: Int, _ expanded: Int, _ filters: Int, gates hasGates: Bool = false,
      swish isSwish: Bool = false, stride: Int = 1
    ) {
      (self.window, self.expanded, self.filters) = (window, expanded, filters)
      (self.hasGates, self.isSwish, self.stride) = (hasGates, isSwish, stride)
    }
  }

  let rows: [Row]
  /// Features before the class scores.
  let features: Int

  /// Howard et al. (2019), table 1.
  static let large = MobileNetV3Design(
    rows: [
      Row(3, 16, 16), Row(3, 64, 24, stride: 2), Row(3, 72, 24),
      Row(5, 72, 40, gates: true, stride: 2), Row(5, 120, 40, gates: true),
      Row(5, 120, 40, gates: true), Row(3, 240, 80, swish: true, stride: 2),
      Row(3, 200, 80, swish: true), Row(3, 184, 80, swish: true), Row(3, 184, 80, swish: true),
      Row(3, 480, 112, gates: true, swish: true), Row(3, 672, 112, gates: true, swish: true),
      Row(5, 672, 160, gates: true, swish: true, stride: 2),
      Row(5, 960, 160, gates: true, swish: true), Row(5, 960, 160, gates: true, swish: true),
    ], features: 1280)

  /// Howard et al. (2019), table 2.
  static let small = MobileNetV3Design(
    rows: [
      Row(3, 16, 16, gates: true, stride: 2), Row(3, 72, 24, stride: 2), Row(3, 88, 24),
      Row(5, 96, 40, gates: true, swish: true, stride: 2),
      Row(5, 240, 40, gates: true, swish: true), Row(5, 240, 40, gates: true, swish: true),
      Row(5, 120, 48, gates: true, swish: true), Row(5, 144, 48, gates: true, swish: true),
      Row(5, 288, 96, gates: true, swish: true, stride: 2),
      Row(5, 576, 96, gates: true, swish: true), Row(5, 576, 96, gates: true, swish: true),
    ], features: 1024)
}

extension BlueprintBuilder {
  private var mobileNorm: BatchNormalization { BatchNormalization(epsilon: 0.001, momentum: 0.01) }

  /// Howard et al. (2019), "Searching for MobileNetV3".
  mutating func addMobileNetV3(_ design: MobileNetV3Design, classes: Int, dropout: Float) {
    normalizedConvolution(
      "features.0", filters: 16, Convolution(3, stride: 2, padding: 1), mobileNorm,
      activation: .hardSwish)
    for (index, row) in design.rows.enumerated() {
      let name = "features.\(index + 1)"
      if row.stride == 1 && shape[1] == row.filters {
        residual("\(name).add") { $0.addBottleneck("\(name).block", row) }
      } else {
        addBottleneck("\(name).block", row)
      }
    }
    normalizedConvolution(
      "features.\(design.rows.count + 1)", filters: 6 * shape[1], Convolution(1), mobileNorm,
      activation: .hardSwish)
    globalAverage()
    linear("classifier.0", outputs: design.features)
    append("classifier.1", Activation.hardSwish)
    append("classifier.2", Dropout(dropout))
    linear("classifier.3", outputs: classes)
  }

  private mutating func addBottleneck(_ name: String, _ row: MobileNetV3Design.Row) {
    let activation: Activation = row.isSwish ? .hardSwish : .relu
    var index = 0
    if row.expanded != shape[1] {
      normalizedConvolution(
        "\(name).\(index)", filters: row.expanded, Convolution(1), mobileNorm,
        activation: activation)
      index += 1
    }
    normalizedConvolution(
      "\(name).\(index)", filters: row.expanded, depthwise(window: row.window, stride: row.stride),
      mobileNorm, activation: activation)
    index += 1
    if row.hasGates {
      squeezeExcitation(
        "\(name).\(index)", squeezed: multipleOf8(near: row.expanded / 4),
        gate: Activation(.hardSigmoid(alpha: 1 / 6, beta: 0.5)))
      index += 1
    }
    normalizedConvolution(
      "\(name).\(index)", filters: row.filters, Convolution(1), mobileNorm, activation: nil)
  }
}

extension Activation {
  fileprivate static let hardSwish = Activation(.hardSwish)
}

/// Rounds to a multiple of 8, but never down by more than a tenth, as the authors' code does.
private func multipleOf8(near width: Int) -> Int {
  let rounded = max(8, (width + 4) / 8 * 8)
  return 10 * rounded < 9 * width ? rounded + 8 : rounded
}
