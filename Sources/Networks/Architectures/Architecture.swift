public import TensorCore

/// A network by name: torchvision's if it has one.
public enum Architecture: String, Sendable, Hashable, CaseIterable, Codable {
  case lenet5
  case alexnet
  case alexnetOriginal = "alexnet-original"
  case alexnetSmall = "alexnet-small"
  case alexnetMini = "alexnet-mini"
  case vgg11, vgg13, vgg16, vgg19
  case vgg11BatchNorm = "vgg11_bn"
  case vgg13BatchNorm = "vgg13_bn"
  case vgg16BatchNorm = "vgg16_bn"
  case vgg19BatchNorm = "vgg19_bn"
  case vggSmall = "vgg-small"
  case resnet18, resnet34, resnet50, resnet101, resnet152
  case wideResNet50 = "wide_resnet50_2"
  case resnext50 = "resnext50_32x4d"
  case resnet20, resnet32, resnet44, resnet56, resnet110
  case squeezenet10 = "squeezenet1_0"
  case squeezenet11 = "squeezenet1_1"
  case mobilenetV2 = "mobilenet_v2"
  case mobilenetV3Small = "mobilenet_v3_small"
  case mobilenetV3Large = "mobilenet_v3_large"
  case densenet121, densenet161, densenet169, densenet201
  case googlenet
  case inceptionV3 = "inception_v3"
  case shufflenetV2 = "shufflenet_v2_x1_0"
  case efficientnetB0 = "efficientnet_b0"
  case mnasnet = "mnasnet1_0"
  case regnetY400MF = "regnet_y_400mf"
  case convnextTiny = "convnext_tiny"
  case allcnn
  case mlp
  case local
  case localExample = "local-example"
  case seriesSmall = "series-small"
  case volumeSmall = "volume-small"

  /// `[C, H, W]` of the data that the paper used; `[C, L]` of series, `[C, D, H, W]` of volumes.
  public var usualInputShape: Shape {
    switch self {
    case .lenet5, .mlp, .local: [1, 28, 28]
    case .localExample: [3, 30, 30]
    case .seriesSmall: [1, 128]
    case .volumeSmall: [1, 16, 32, 32]
    case .alexnetOriginal: [3, 227, 227]
    case .alexnetSmall: [3, 64, 64]
    case .alexnetMini, .vggSmall, .allcnn, .resnet20, .resnet32, .resnet44, .resnet56, .resnet110:
      [3, 32, 32]
    case .inceptionV3: [3, 299, 299]
    default: [3, 224, 224]
    }
  }

  public var usualClassCount: Int {
    switch self {
    case .lenet5, .mlp, .local, .localExample, .alexnetMini, .vggSmall, .allcnn, .resnet20,
      .resnet32, .resnet44, .resnet56, .resnet110:
      10
    case .alexnetSmall: 12
    case .seriesSmall: 8
    case .volumeSmall: 6
    default: 1000
    }
  }

  /// - Parameters:
  ///   - inputShape: With as many axes as the usual one.
  ///   - dropout: Replaces the paper's rate in hidden layers.
  /// - Throws: `GraphError` if the pictures are too small, or have other axes.
  public func blueprint(
    classes: Int? = nil, inputShape: Shape? = nil, dropout: Float? = nil
  ) throws(GraphError) -> Blueprint {
    let shape = inputShape ?? usualInputShape
    guard shape.rank == usualInputShape.rank else {
      throw GraphError(
        node: Graph.inputName, reason: "takes inputs like \(usualInputShape), not \(shape)")
    }
    var builder = BlueprintBuilder(inputShape: shape)
    builder.add(self, classes: classes ?? usualClassCount, dropout: dropout)
    return try builder.blueprint()
  }
}
