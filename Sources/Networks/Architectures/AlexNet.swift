internal import Kernels

extension BlueprintBuilder {
  /// torchvision's `alexnet`, with its names (Krizhevsky 2014, "One weird trick").
  mutating func addAlexNet(classes: Int, dropout: Float) {
    let pool = MaxPool(PoolingGeometry(window: 3, stride: 2))
    convolution("features.0", filters: 64, Convolution(11, stride: 4, padding: 2))
    append("features.1", Activation.relu)
    append("features.2", pool)
    convolution("features.3", filters: 192, Convolution(5, padding: 2))
    append("features.4", Activation.relu)
    append("features.5", pool)
    convolution("features.6", filters: 384, Convolution(3, padding: 1))
    append("features.7", Activation.relu)
    convolution("features.8", filters: 256, Convolution(3, padding: 1))
    append("features.9", Activation.relu)
    convolution("features.10", filters: 256, Convolution(3, padding: 1))
    append("features.11", Activation.relu)
    append("features.12", pool)
    adaptiveAverage("avgpool", extent: 6)
    append("flatten", Flatten())
    append("classifier.0", Dropout(dropout))
    linear("classifier.1", outputs: 4096)
    append("classifier.2", Activation.relu)
    append("classifier.3", Dropout(dropout))
    linear("classifier.4", outputs: 4096)
    append("classifier.5", Activation.relu)
    linear("classifier.6", outputs: classes)
  }

  /// Krizhevsky, Sutskever and Hinton (2012), with Caffe's names: two groups represent the two
  /// GPUs; section 5 gives the initialization, section 3.3 the normalization.
  mutating func addOriginalAlexNet(classes: Int, dropout: Float) {
    // The paper does not divide α = 10⁻⁴ by the five channels.
    let normalization = LocalResponseNormalization(
      LocalResponse(size: 5, alpha: 5e-4, beta: 0.75, k: 2))
    let pool = MaxPool(PoolingGeometry(window: 3, stride: 2))
    let zero = PaperStart(weights: .normal(deviation: 0.01))
    let one = PaperStart(weights: .normal(deviation: 0.01), bias: 1)
    convolution("conv1", filters: 96, Convolution(11, stride: 4), paper: zero)
    append("relu1", Activation.relu)
    append("norm1", normalization)
    append("pool1", pool)
    convolution("conv2", filters: 256, Convolution(5, padding: 2, groups: 2), paper: one)
    append("relu2", Activation.relu)
    append("norm2", normalization)
    append("pool2", pool)
    convolution("conv3", filters: 384, Convolution(3, padding: 1), paper: zero)
    append("relu3", Activation.relu)
    convolution("conv4", filters: 384, Convolution(3, padding: 1, groups: 2), paper: one)
    append("relu4", Activation.relu)
    convolution("conv5", filters: 256, Convolution(3, padding: 1, groups: 2), paper: one)
    append("relu5", Activation.relu)
    append("pool5", pool)
    append("flatten", Flatten())
    linear("fc6", outputs: 4096, paper: one)
    append("relu6", Activation.relu)
    append("drop6", Dropout(dropout))
    linear("fc7", outputs: 4096, paper: one)
    append("relu7", Activation.relu)
    append("drop7", Dropout(dropout))
    linear("fc8", outputs: classes, paper: zero)
  }
}
