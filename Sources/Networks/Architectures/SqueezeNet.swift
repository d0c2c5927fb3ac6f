internal import Kernels

/// The parameters that distinguish the two versions of SqueezeNet.
struct SqueezeNetDesign {
  let filters: Int
  let window: Int
  /// The width of each fire module's squeeze layer; nil for a max pool in between.
  let modules: [Int?]

  /// Iandola et al. (2016), table 1.
  static let version10 = SqueezeNetDesign(
    filters: 96, window: 7, modules: [nil, 16, 16, 32, nil, 32, 48, 48, 64, nil, 64])
  /// The authors' repository: same accuracy with 2.4 times less computation.
  static let version11 = SqueezeNetDesign(
    filters: 64, window: 3, modules: [nil, 16, 16, nil, 32, 32, nil, 48, 48, 64, 64])
}

extension BlueprintBuilder {
  /// Iandola et al. (2016), "SqueezeNet", without a linear layer: the scores are means of maps.
  mutating func addSqueezeNet(_ design: SqueezeNetDesign, classes: Int, dropout: Float) {
    convolution("features.0", filters: design.filters, Convolution(design.window, stride: 2))
    append("features.1", Activation.relu)
    for (index, squeezed) in design.modules.enumerated() {
      let name = "features.\(index + 2)"
      if let squeezed {
        addFire(name, squeezed: squeezed)
      } else {
        append(name, MaxPool(PoolingGeometry(window: 3, stride: 2, ceiling: true)))
      }
    }
    append("classifier.0", Dropout(dropout))
    convolution(
      "classifier.1", filters: classes, Convolution(1),
      paper: PaperStart(weights: .normal(deviation: 0.01)))
    append("classifier.2", Activation.relu)
    append("classifier.3", GlobalPool(.average))
    append("flatten", Flatten())
  }

  /// Section 3.2: a narrow layer, then 1×1 and 3×3 filters in parallel, four times as many of each.
  private mutating func addFire(_ name: String, squeezed: Int) {
    func add(
      _ part: String, filters: Int, _ convolution: Convolution, to builder: inout Self
    ) {
      builder.convolution("\(name).\(part)", filters: filters, convolution)
      builder.append("\(name).\(part)_activation", Activation.relu)
    }
    add("squeeze", filters: squeezed, Convolution(1), to: &self)
    branches(
      name,
      [
        { add("expand1x1", filters: 4 * squeezed, Convolution(1), to: &$0) },
        { add("expand3x3", filters: 4 * squeezed, Convolution(3, padding: 1), to: &$0) },
      ])
  }
}
