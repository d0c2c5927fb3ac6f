extension Architecture {
  /// One line for lists: the network and its source.
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
      "a VGG configuration with batch norm"
    case .vggSmall: "a VGG-like network with batch norm for 32×32 pictures"
    case .resnet18, .resnet34: "a residual network of two-layer blocks (He et al. 2016)"
    case .resnet50, .resnet101, .resnet152: "a residual network of bottlenecks (He et al. 2016)"
    case .wideResNet50: "ResNet-50, twice as wide inside (Zagoruyko and Komodakis 2016)"
    case .resnext50: "ResNet-50 in 32 groups (Xie et al. 2017)"
    case .resnet20, .resnet32, .resnet44, .resnet56, .resnet110:
      "a residual network for CIFAR-10 (He et al. 2016, section 4.2)"
    case .squeezenet10: "SqueezeNet 1.0 (Iandola et al. 2016)"
    case .squeezenet11: "SqueezeNet 1.1, with less computation"
    case .mobilenetV2: "MobileNetV2 (Sandler et al. 2018)"
    case .mobilenetV3Small: "MobileNetV3-Small (Howard et al. 2019)"
    case .mobilenetV3Large: "MobileNetV3-Large (Howard et al. 2019)"
    case .densenet121, .densenet161, .densenet169, .densenet201:
      "a densely connected network (Huang et al. 2017)"
    case .googlenet: "GoogLeNet with batch norm (Szegedy et al. 2015)"
    case .inceptionV3: "Inception v3 (Szegedy et al. 2016)"
    case .shufflenetV2: "ShuffleNet V2 at width 1× (Ma et al. 2018)"
    case .efficientnetB0: "EfficientNet-B0 (Tan and Le 2019)"
    case .mnasnet: "MnasNet-B1 (Tan et al. 2019)"
    case .regnetY400MF: "RegNetY-400MF (Radosavovic et al. 2020)"
    case .convnextTiny: "ConvNeXt-T (Liu et al. 2022)"
    case .allcnn: "All-CNN-C (Springenberg et al. 2015)"
    case .mlp: "a multilayer perceptron, 256 and 128 hidden units"
    }
  }
}
