extension BlueprintBuilder {
  /// - Parameter dropout: Nil for the rate of the paper or of torchvision.
  mutating func add(_ architecture: Architecture, classes: Int, dropout: Float?) {
    switch architecture {
    case .lenet5: addLeNet5(classes: classes)
    case .alexnet: addAlexNet(classes: classes, dropout: dropout ?? 0.5)
    case .alexnetOriginal: addOriginalAlexNet(classes: classes, dropout: dropout ?? 0.5)
    case .alexnetSmall: addSmallAlexNet(classes: classes, dropout: dropout ?? 0.5)
    case .alexnetMini: addMiniAlexNet(classes: classes, dropout: dropout ?? 0.5)
    case .vgg11: addVGG([1, 1, 2, 2, 2], batchNorm: false, classes, dropout ?? 0.5)
    case .vgg13: addVGG([2, 2, 2, 2, 2], batchNorm: false, classes, dropout ?? 0.5)
    case .vgg16: addVGG([2, 2, 3, 3, 3], batchNorm: false, classes, dropout ?? 0.5)
    case .vgg19: addVGG([2, 2, 4, 4, 4], batchNorm: false, classes, dropout ?? 0.5)
    case .vgg11BatchNorm: addVGG([1, 1, 2, 2, 2], batchNorm: true, classes, dropout ?? 0.5)
    case .vgg13BatchNorm: addVGG([2, 2, 2, 2, 2], batchNorm: true, classes, dropout ?? 0.5)
    case .vgg16BatchNorm: addVGG([2, 2, 3, 3, 3], batchNorm: true, classes, dropout ?? 0.5)
    case .vgg19BatchNorm: addVGG([2, 2, 4, 4, 4], batchNorm: true, classes, dropout ?? 0.5)
    case .vggSmall: addSmallVGG(classes: classes, dropout: dropout ?? 0)
    case .resnet18: addResNet(ResNetDesign([2, 2, 2, 2]), classes: classes)
    case .resnet34: addResNet(ResNetDesign([3, 4, 6, 3]), classes: classes)
    case .resnet50: addResNet(ResNetDesign(bottlenecks: [3, 4, 6, 3]), classes: classes)
    case .resnet101: addResNet(ResNetDesign(bottlenecks: [3, 4, 23, 3]), classes: classes)
    case .resnet152: addResNet(ResNetDesign(bottlenecks: [3, 8, 36, 3]), classes: classes)
    case .wideResNet50:
      addResNet(ResNetDesign(bottlenecks: [3, 4, 6, 3], groupWidth: 128), classes: classes)
    case .resnext50:
      addResNet(
        ResNetDesign(bottlenecks: [3, 4, 6, 3], groups: 32, groupWidth: 4), classes: classes)
    case .resnet20: addCIFARResNet(depth: 20, classes: classes)
    case .resnet32: addCIFARResNet(depth: 32, classes: classes)
    case .resnet44: addCIFARResNet(depth: 44, classes: classes)
    case .resnet56: addCIFARResNet(depth: 56, classes: classes)
    case .resnet110: addCIFARResNet(depth: 110, classes: classes)
    case .squeezenet10: addSqueezeNet(.version10, classes: classes, dropout: dropout ?? 0.5)
    case .squeezenet11: addSqueezeNet(.version11, classes: classes, dropout: dropout ?? 0.5)
    case .mobilenetV2: addMobileNetV2(classes: classes, dropout: dropout ?? 0.2)
    case .mobilenetV3Small: addMobileNetV3(.small, classes: classes, dropout: dropout ?? 0.2)
    case .mobilenetV3Large: addMobileNetV3(.large, classes: classes, dropout: dropout ?? 0.2)
    case .densenet121: addDenseNet(DenseNetDesign(layers: [6, 12, 24, 16]), classes: classes)
    case .densenet161:
      addDenseNet(
        DenseNetDesign(layers: [6, 12, 36, 24], growth: 48, stemFilters: 96), classes: classes)
    case .densenet169: addDenseNet(DenseNetDesign(layers: [6, 12, 32, 32]), classes: classes)
    case .densenet201: addDenseNet(DenseNetDesign(layers: [6, 12, 48, 32]), classes: classes)
    case .googlenet: addGoogLeNet(classes: classes, dropout: dropout ?? 0.2)
    case .inceptionV3: addInceptionV3(classes: classes, dropout: dropout ?? 0.5)
    case .shufflenetV2: addShuffleNetV2(classes: classes)
    case .efficientnetB0: addEfficientNetB0(classes: classes, dropout: dropout ?? 0.2)
    case .mnasnet: addMNASNet(classes: classes, dropout: dropout ?? 0.2)
    case .regnetY400MF: addRegNetY400MF(classes: classes)
    case .convnextTiny: addConvNeXtTiny(classes: classes)
    case .allcnn: addAllCNN(classes: classes, dropout: dropout ?? 0.5)
    case .mlp: addPerceptron(classes: classes)
    case .local: addLocal(classes: classes)
    case .localExample: addLocalExample(classes: classes)
    case .seriesSmall: addSmallSeries(classes: classes)
    case .volumeSmall: addSmallVolumes(classes: classes)
    }
  }
}
