internal import Kernels
internal import TensorCore

extension BlueprintBuilder {
  /// Ma et al. (2018), "ShuffleNet V2", table 5 at width 1×.
  mutating func addShuffleNetV2(classes: Int) {
    normalizedConvolution("conv1", filters: 24, Convolution(3, stride: 2, padding: 1))
    append("maxpool", MaxPool(PoolingGeometry(window: 3, stride: 2, padding: 1)))
    for (stage, (count, filters)) in [(4, 116), (8, 232), (4, 464)].enumerated() {
      for unit in 0..<count {
        let name = "stage\(stage + 2).\(unit)"
        if unit == 0 {
          addShrinkingUnit(name, half: filters / 2)
        } else {
          addUnit(name, half: filters / 2)
        }
        shuffle("\(name).shuffle")
      }
    }
    normalizedConvolution("conv5", filters: 1024, Convolution(1))
    globalAverage()
    linear("fc", outputs: classes)
  }

  /// Figure 3 (c): half of the channels bypass the unit.
  private mutating func addUnit(_ name: String, half: Int) {
    branches(
      "\(name).concatenate",
      [
        {
          $0.append("\(name).first", Slice(axes: [1], starts: [0], ends: [half], steps: [1]))
        },
        {
          $0.append(
            "\(name).second", Slice(axes: [1], starts: [half], ends: [2 * half], steps: [1]))
          $0.addWorkingBranch("\(name).branch2", half, stride: 1)
        },
      ])
  }

  /// Figure 3 (d): both branches read all channels and halve the maps' extents.
  private mutating func addShrinkingUnit(_ name: String, half: Int) {
    branches(
      "\(name).concatenate",
      [
        {
          $0.normalizedConvolution(
            ("\(name).branch1.0", "\(name).branch1.1", nil), filters: $0.shape[1],
            $0.depthwise(window: 3, stride: 2))
          $0.normalizedConvolution(
            ("\(name).branch1.2", "\(name).branch1.3", "\(name).branch1.4"), filters: half,
            Convolution(1))
        },
        { $0.addWorkingBranch("\(name).branch2", half, stride: 2) },
      ])
  }

  private mutating func addWorkingBranch(_ name: String, _ filters: Int, stride: Int) {
    normalizedConvolution(
      ("\(name).0", "\(name).1", "\(name).2"), filters: filters, Convolution(1))
    normalizedConvolution(
      ("\(name).3", "\(name).4", nil), filters: filters, depthwise(window: 3, stride: stride))
    normalizedConvolution(
      ("\(name).5", "\(name).6", "\(name).7"), filters: filters, Convolution(1))
  }

  /// Interleaves the channels of both halves, so that the next unit's halves contain both.
  private mutating func shuffle(_ name: String) {
    let channels = shape[1]
    let order = (0..<channels).map { $0 % 2 * (channels / 2) + $0 / 2 }
    append(name, Gather(axis: 1, indices: order, indexShape: [channels]))
  }
}
