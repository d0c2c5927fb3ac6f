internal import Kernels
internal import TensorCore

/// The parameters that distinguish the densely connected networks.
struct DenseNetDesign {
  /// The number of layers in each of the four blocks.
  let layers: [Int]
  /// The number of maps that each layer adds (the paper's k).
  var growth = 32
  var stemFilters = 64
}

extension BlueprintBuilder {
  /// Huang et al. (2017), "Densely Connected Convolutional Networks", table 1: DenseNet-BC.
  ///
  /// A layer reads all maps before it in its block; they are concatenated once and grow from layer
  /// to layer.
  mutating func addDenseNet(_ design: DenseNetDesign, classes: Int) {
    normalizedConvolution(
      ("features.conv0", "features.norm0", "features.relu0"), filters: design.stemFilters,
      Convolution(7, stride: 2, padding: 3))
    append("features.pool0", MaxPool(PoolingGeometry(window: 3, stride: 2, padding: 1)))
    for (block, count) in design.layers.enumerated() {
      for layer in 1...count {
        addDenseLayer("features.denseblock\(block + 1).denselayer\(layer)", design.growth)
      }
      if block + 1 < design.layers.count {
        let name = "features.transition\(block + 1)"
        batchNormalization("\(name).norm")
        append("\(name).relu", Activation.relu)
        convolution("\(name).conv", filters: shape[1] / 2, Convolution(1), bias: false)
        append("\(name).pool", AveragePool(PoolingGeometry(window: 2, stride: 2)))
      }
    }
    batchNormalization("features.norm5")
    append("relu", Activation.relu)
    globalAverage()
    linear("classifier", outputs: classes)
  }

  private mutating func addDenseLayer(_ name: String, _ growth: Int) {
    let start = current
    // The 1×1 convolution outputs four times the growth (section 3, "Bottleneck layers").
    for (index, filters, convolution) in [
      (1, 4 * growth, Convolution(1)), (2, growth, Convolution(3, padding: 1)),
    ] {
      batchNormalization("\(name).norm\(index)")
      append("\(name).relu\(index)", Activation.relu)
      self.convolution("\(name).conv\(index)", filters: filters, convolution, bias: false)
      // torchvision's published files use older names, with a dot before the number.
      for part in ["norm", "conv"] {
        rename("\(name).\(part).\(index)", to: "\(name).\(part)\(index)")
      }
    }
    append("\(name).concatenate", Concatenate(), of: [start, current])
  }
}
