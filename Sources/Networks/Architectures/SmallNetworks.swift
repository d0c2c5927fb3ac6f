internal import Kernels
internal import TensorCore

extension BlueprintBuilder {
  /// LeCun et al. (1998), section II.B.
  ///
  /// Departs from the paper as every framework's LeNet does: ReLU instead of the scaled hyperbolic
  /// tangent, max pooling instead of trained sub-sampling, full connections in the second
  /// convolution, a linear last layer.
  mutating func addLeNet5(classes: Int) {
    // Appendix A: uniform within ±2.4 / fan-in.
    let paper = PaperStart(weights: .uniformByFanIn(bound: 2.4))
    convolution(
      "conv1", filters: 6, Convolution(5, padding: shape[2] < 32 ? 2 : 0), paper: paper)
    append("relu1", Activation.relu)
    append("pool1", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    convolution("conv2", filters: 16, Convolution(5), paper: paper)
    append("relu2", Activation.relu)
    append("pool2", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    append("flatten", Flatten())
    linear("fc3", outputs: 120, paper: paper)
    append("relu3", Activation.relu)
    linear("fc4", outputs: 84, paper: paper)
    append("relu4", Activation.relu)
    linear("fc5", outputs: classes, paper: paper)
  }

  mutating func addPerceptron(classes: Int) {
    append("flatten", Flatten())
    for (index, width) in [256, 128].enumerated() {
      linear("fc\(index + 1)", outputs: width)
      append("relu\(index + 1)", Activation.relu)
    }
    linear("fc3", outputs: classes)
  }

  /// Two locally connected layers and a linear one: what a convolutional network of this size is
  /// without shared filters, after the network "Net-3" of LeCun (1989), "Generalization and Network
  /// Design Strategies", section 5.3.
  ///
  /// Departs from the paper in the sizes and in the activation.
  mutating func addLocal(classes: Int) {
    locallyConnected("local1", filters: 6, LocallyConnected(5, stride: 2, padding: 2))
    append("relu1", Activation.relu)
    locallyConnected("local2", filters: 16, LocallyConnected(5, stride: 2))
    append("relu2", Activation.relu)
    append("flatten", Flatten())
    linear("fc3", outputs: classes)
  }

  /// The usual example of what sharing filters saves: of pictures of 30×30×3, filters of 7×7 at
  /// each of 24×24 places, five deep, which are 423,360 weights. A convolution has 735.
  mutating func addLocalExample(classes: Int) {
    locallyConnected("local1", filters: 5, LocallyConnected(7))
    append("relu1", Activation.relu)
    append("flatten", Flatten())
    linear("fc2", outputs: classes)
  }

  /// Springenberg et al. (2015), table 1 model C with strided convolutions (All-CNN-C), section
  /// 3.1: dropout of 20 % on the pictures and 50 % after each strided convolution.
  ///
  /// Unlike in the paper, there is no last ReLU: a class score that is clipped at zero has no
  /// gradient to visualize or to learn from.
  mutating func addAllCNN(classes: Int, dropout: Float) {
    append("drop0", Dropout(min(0.2, dropout)))
    for (index, (filters, stride)) in [(96, 1), (96, 1), (96, 2), (192, 1), (192, 1), (192, 2)]
      .enumerated()
    {
      convolution("conv\(index + 1)", filters: filters, Convolution(3, stride: stride, padding: 1))
      append("relu\(index + 1)", Activation.relu)
      if stride == 2 { append("drop\(index + 1)", Dropout(dropout)) }
    }
    convolution("conv7", filters: 192, Convolution(3))
    append("relu7", Activation.relu)
    convolution("conv8", filters: 192, Convolution(1))
    append("relu8", Activation.relu)
    convolution("conv9", filters: classes, Convolution(1))
    append("pool", GlobalPool(.average))
    append("flatten", Flatten())
  }

  /// The eight layers with weights of Krizhevsky et al. (2012), scaled to pictures of 32×32: their
  /// order, and where they pool, but smaller windows at first, an eighth of the filters and a
  /// sixteenth of the units.
  ///
  /// Batch norm follows each hidden layer, in place of the paper's response normalization: without
  /// it, what a layer is worth is hidden behind how long the others take to learn.
  mutating func addMiniAlexNet(classes: Int, dropout: Float) {
    for (index, filters) in [12, 32, 48, 48, 32].enumerated() {
      let (number, window) = (index + 1, index < 2 ? 5 : 3)
      convolution(
        "conv\(number)", filters: filters, Convolution(window, padding: window / 2),
        bias: false)
      batchNormalization("norm\(number)")
      append("relu\(number)", Activation.relu)
      if [1, 2, 5].contains(number) {
        append("pool\(number)", MaxPool(PoolingGeometry(window: 3, stride: 2)))
      }
    }
    append("flatten", Flatten())
    for number in [6, 7] {
      linear("fc\(number)", outputs: 256)
      batchNormalization("norm\(number)")
      append("relu\(number)", Activation.relu)
      append("drop\(number)", Dropout(dropout))
    }
    linear("fc8", outputs: classes)
  }

  /// The sample's network: five layers with weights, modelled on AlexNet as modified by Zeiler and
  /// Fergus (2014; 7×7 filters at stride 2), for 64×64 pictures. As theirs, the first layer is
  /// initialized with standard deviation 0.01, so that its filters show what was learned.
  mutating func addSmallAlexNet(classes: Int, dropout: Float) {
    let pool = MaxPool(PoolingGeometry(window: 3, stride: 2))
    convolution(
      "conv1", filters: 32, Convolution(7, stride: 2, padding: 3),
      paper: PaperStart(weights: .normal(deviation: 0.01)))
    append("relu1", Activation.relu)
    append("pool1", pool)
    convolution("conv2", filters: 64, Convolution(5, padding: 2))
    append("relu2", Activation.relu)
    append("pool2", pool)
    convolution("conv3", filters: 96, Convolution(3, padding: 1))
    append("relu3", Activation.relu)
    convolution("conv4", filters: 96, Convolution(3, padding: 1))
    append("relu4", Activation.relu)
    append("pool4", pool)
    append("flatten", Flatten())
    append("drop5", Dropout(dropout))
    linear("fc5", outputs: 128)
    append("relu5", Activation.relu)
    linear("fc6", outputs: classes)
  }
}
