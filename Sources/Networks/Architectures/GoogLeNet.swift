internal import Kernels

extension BlueprintBuilder {
  /// Szegedy et al. (2015), "Going Deeper with Convolutions", table 1, as in torchvision: with
  /// batch norm, without local response norm, and with 3×3 filters instead of the paper's 5×5.
  ///
  /// The two auxiliary classifiers are not built. torchvision's pretrained weights expect pictures
  /// in −1…1, which its network computes from normalized ones (`transform_input`): that is part of
  /// the preprocessing, not of this graph.
  mutating func addGoogLeNet(classes: Int, dropout: Float) {
    let pool = MaxPool(PoolingGeometry(window: 3, stride: 2, ceiling: true))
    addInceptionConvolution("conv1", 64, Convolution(7, stride: 2, padding: 3))
    append("maxpool1", pool)
    addInceptionConvolution("conv2", 64, Convolution(1))
    addInceptionConvolution("conv3", 192, Convolution(3, padding: 1))
    append("maxpool2", pool)
    addInception("inception3a", 64, (96, 128), (16, 32), pooled: 32)
    addInception("inception3b", 128, (128, 192), (32, 96), pooled: 64)
    append("maxpool3", pool)
    addInception("inception4a", 192, (96, 208), (16, 48), pooled: 64)
    addInception("inception4b", 160, (112, 224), (24, 64), pooled: 64)
    addInception("inception4c", 128, (128, 256), (24, 64), pooled: 64)
    addInception("inception4d", 112, (144, 288), (32, 64), pooled: 64)
    addInception("inception4e", 256, (160, 320), (32, 128), pooled: 128)
    append("maxpool4", MaxPool(PoolingGeometry(window: 2, stride: 2, ceiling: true)))
    addInception("inception5a", 256, (160, 320), (32, 128), pooled: 128)
    addInception("inception5b", 384, (192, 384), (48, 128), pooled: 128)
    globalAverage()
    append("dropout", Dropout(dropout))
    linear("fc", outputs: classes)
    unusedPrefixes = ["aux1.", "aux2."]
  }

  /// Figure 2 (b).
  ///
  /// - Parameters:
  ///   - wide: Filters of the 1×1 reduction and of the convolution after it; so is `wider`.
  ///   - pooled: Filters after the max pool.
  private mutating func addInception(
    _ name: String, _ single: Int, _ wide: (Int, Int), _ wider: (Int, Int), pooled: Int
  ) {
    func reduced(_ branch: String, _ filters: (Int, Int), in builder: inout Self) {
      builder.addInceptionConvolution("\(branch).0", filters.0, Convolution(1))
      builder.addInceptionConvolution("\(branch).1", filters.1, Convolution(3, padding: 1))
    }
    branches(
      name,
      [
        { $0.addInceptionConvolution("\(name).branch1", single, Convolution(1)) },
        { reduced("\(name).branch2", wide, in: &$0) },
        { reduced("\(name).branch3", wider, in: &$0) },
        {
          $0.append(
            "\(name).branch4.0",
            MaxPool(PoolingGeometry(window: 3, stride: 1, padding: 1, ceiling: true)))
          $0.addInceptionConvolution("\(name).branch4.1", pooled, Convolution(1))
        },
      ])
  }

  /// Convolution, batch norm and ReLU, as in the networks with inception modules.
  mutating func addInceptionConvolution(
    _ name: String, _ filters: Int, _ convolution: Convolution
  ) {
    normalizedConvolution(
      ("\(name).conv", "\(name).bn", "\(name).relu"), filters: filters, convolution,
      BatchNormalization(epsilon: 0.001))
  }
}
