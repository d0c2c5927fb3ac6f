public import TensorCore

/// A family of networks by name.
public enum Architecture: String, Sendable, Hashable, CaseIterable, Codable {
  case lenet5
  case alexnet
  case alexnetOriginal = "alexnet-original"
  case alexnetSmall = "alexnet-small"
  case vgg11, vgg13, vgg16, vgg19
  case vgg11BatchNorm = "vgg11_bn"
  case vgg13BatchNorm = "vgg13_bn"
  case vgg16BatchNorm = "vgg16_bn"
  case vgg19BatchNorm = "vgg19_bn"
  case vggSmall = "vgg-small"
  case allcnn
  case mlp

  /// `[C, H, W]` of the data for which the paper made it.
  public var usualInputShape: Shape {
    switch self {
    case .lenet5, .mlp: [1, 28, 28]
    case .alexnetOriginal: [3, 227, 227]
    case .alexnetSmall: [3, 64, 64]
    case .vggSmall, .allcnn: [3, 32, 32]
    default: [3, 224, 224]
    }
  }

  public var usualClassCount: Int {
    switch self {
    case .lenet5, .mlp, .vggSmall, .allcnn: 10
    case .alexnetSmall: 12
    default: 1000
    }
  }

  /// One line for lists: what it is and where it comes from.
  public var summary: String {
    switch self {
    case .lenet5: "LeNet-5 (LeCun et al. 1998) with ReLU and max pooling"
    case .alexnet: "AlexNet as in torchvision (Krizhevsky 2014)"
    case .alexnetOriginal: "AlexNet with LRN and groups (Krizhevsky et al. 2012)"
    case .alexnetSmall: "an AlexNet-like network for 64×64 pictures"
    case .vgg11: "VGG configuration A (Simonyan and Zisserman 2015)"
    case .vgg13: "VGG configuration B"
    case .vgg16: "VGG configuration D"
    case .vgg19: "VGG configuration E"
    case .vgg11BatchNorm, .vgg13BatchNorm, .vgg16BatchNorm, .vgg19BatchNorm:
      "the same with batch norm"
    case .vggSmall: "a VGG-like network with batch norm for 32×32 pictures"
    case .allcnn: "All-CNN-C (Springenberg et al. 2015)"
    case .mlp: "a multilayer perceptron, 256 and 128 hidden units"
    }
  }

  /// - Parameters:
  ///   - inputShape: `[C, H, W]`.
  ///   - dropout: In place of the paper's rate in hidden layers.
  /// - Throws: `GraphError` where the pictures are too small.
  public func blueprint(
    classes: Int? = nil, inputShape: Shape? = nil, dropout: Float? = nil
  ) throws(GraphError) -> Blueprint {
    var builder = BlueprintBuilder(inputShape: inputShape ?? usualInputShape)
    let classes = classes ?? usualClassCount
    switch self {
    case .lenet5: builder.addLeNet5(classes: classes)
    case .alexnet: builder.addAlexNet(classes: classes, dropout: dropout ?? 0.5)
    case .alexnetOriginal: builder.addOriginalAlexNet(classes: classes, dropout: dropout ?? 0.5)
    case .alexnetSmall: builder.addSmallAlexNet(classes: classes, dropout: dropout ?? 0.5)
    case .vgg11, .vgg13, .vgg16, .vgg19, .vgg11BatchNorm, .vgg13BatchNorm, .vgg16BatchNorm,
      .vgg19BatchNorm:
      builder.addVGG(
        depth: vggDepth, batchNorm: rawValue.hasSuffix("_bn"), classes: classes,
        dropout: dropout ?? 0.5)
    case .vggSmall: builder.addSmallVGG(classes: classes, dropout: dropout ?? 0)
    case .allcnn: builder.addAllCNN(classes: classes, dropout: dropout ?? 0.5)
    case .mlp: builder.addPerceptron(classes: classes)
    }
    return try builder.blueprint()
  }

  private var vggDepth: Int {
    switch self {
    case .vgg11, .vgg11BatchNorm: 11
    case .vgg13, .vgg13BatchNorm: 13
    case .vgg16, .vgg16BatchNorm: 16
    default: 19
    }
  }
}
