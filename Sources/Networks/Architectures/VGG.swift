internal import Kernels

extension BlueprintBuilder {
  /// Simonyan and Zisserman (2015), table 1, with torchvision's names; section 3.1 gives an initial
  /// variance of 10⁻², that is a standard deviation of 0.1.
  ///
  /// - Parameter counts: The number of convolutions in each of the five stages.
  mutating func addVGG(
    _ counts: [Int], batchNorm: Bool, _ classes: Int, _ dropout: Float
  ) {
    let paper = PaperStart(weights: .normal(deviation: 0.1))
    var index = 0
    func name() -> String { "features.\(index)" }
    for (count, filters) in zip(counts, [64, 128, 256, 512, 512]) {
      for _ in 0..<count {
        convolution(name(), filters: filters, Convolution(3, padding: 1), paper: paper)
        index += 1
        if batchNorm {
          batchNormalization(name())
          index += 1
        }
        append(name(), Activation.relu)
        index += 1
      }
      append(name(), MaxPool(PoolingGeometry(window: 2, stride: 2)))
      index += 1
    }
    adaptiveAverage("avgpool", extent: 7)
    append("flatten", Flatten())
    linear("classifier.0", outputs: 4096, paper: paper)
    append("classifier.1", Activation.relu)
    append("classifier.2", Dropout(dropout))
    linear("classifier.3", outputs: 4096, paper: paper)
    append("classifier.4", Activation.relu)
    append("classifier.5", Dropout(dropout))
    linear("classifier.6", outputs: classes, paper: paper)
  }

  /// Six 3×3 convolutions with batch norm in three stages: VGG's design at the size of CIFAR-10.
  mutating func addSmallVGG(classes: Int, dropout: Float) {
    var index = 1
    for filters in [64, 128, 256] {
      for _ in 0..<2 {
        convolution("conv\(index)", filters: filters, Convolution(3, padding: 1), bias: false)
        batchNormalization("norm\(index)")
        append("relu\(index)", Activation.relu)
        index += 1
      }
      append("pool\(index - 1)", MaxPool(PoolingGeometry(window: 2, stride: 2)))
      if dropout > 0 { append("drop\(index - 1)", Dropout(dropout)) }
    }
    append("flatten", Flatten())
    linear("fc7", outputs: classes)
  }
}
