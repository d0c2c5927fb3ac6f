internal import Kernels
internal import TensorCore

/// The parameters that distinguish the residual networks for ImageNet.
struct ResNetDesign {
  /// The number of blocks in each of the four stages.
  let blocks: [Int]
  /// Three convolutions per block, the outer two 1×1, instead of two.
  let hasBottlenecks: Bool
  let groups: Int
  /// The number of filters per group of the 3×3 convolutions in the first stage.
  let groupWidth: Int

  init(_ blocks: [Int]) {
    (self.blocks, hasBottlenecks, groups, groupWidth) = (blocks, false, 1, 64)
  }

  init(bottlenecks blocks: [Int], groups: Int = 1, groupWidth: Int = 64) {
    (self.blocks, hasBottlenecks) = (blocks, true)
    (self.groups, self.groupWidth) = (groups, groupWidth)
  }
}

extension BlueprintBuilder {
  /// He et al. (2016), "Deep Residual Learning for Image Recognition", table 1; wide ones by
  /// Zagoruyko and Komodakis (2016), grouped ones (ResNeXt) by Xie et al. (2017).
  ///
  /// As in torchvision, the 3×3 convolution of a bottleneck has the stride, not the first one
  /// ("v1.5").
  mutating func addResNet(_ design: ResNetDesign, classes: Int) {
    normalizedConvolution(
      ("conv1", "bn1", "relu"), filters: 64, Convolution(7, stride: 2, padding: 3))
    append("maxpool", MaxPool(PoolingGeometry(window: 3, stride: 2, padding: 1)))
    for (stage, count) in design.blocks.enumerated() {
      for block in 0..<count {
        addResidualBlock(
          "layer\(stage + 1).\(block)", width: 64 << stage, stride: stage > 0 && block == 0 ? 2 : 1,
          design)
      }
    }
    globalAverage()
    linear("fc", outputs: classes)
  }

  private mutating func addResidualBlock(
    _ name: String, width: Int, stride: Int, _ design: ResNetDesign
  ) {
    func names(_ index: Int, relu: Bool = true) -> (String, String, String?) {
      ("\(name).conv\(index)", "\(name).bn\(index)", relu ? "\(name).relu\(index)" : nil)
    }
    let start = current
    let filters = design.hasBottlenecks ? 4 * width : width
    if design.hasBottlenecks {
      let inner = width * design.groupWidth / 64 * design.groups
      normalizedConvolution(names(1), filters: inner, Convolution(1))
      normalizedConvolution(
        names(2), filters: inner,
        Convolution(3, stride: stride, padding: 1, groups: design.groups))
      normalizedConvolution(names(3, relu: false), filters: filters, Convolution(1))
    } else {
      normalizedConvolution(
        names(1), filters: filters, Convolution(3, stride: stride, padding: 1))
      normalizedConvolution(names(2, relu: false), filters: filters, Convolution(3, padding: 1))
    }
    let body = current
    current = start
    if stride != 1 || shape[1] != filters {
      normalizedConvolution(
        "\(name).downsample", filters: filters, Convolution(1, stride: stride), activation: nil)
    }
    add("\(name).add", of: [body, current])
    append("\(name).relu\(design.hasBottlenecks ? 3 : 2)", Activation.relu)
  }
}
