internal import Kernels
public import Networks
internal import TensorCore

extension Network {
  /// A network of random structure in which every operation reads only around its position:
  /// strides, paddings and dilations that differ along the axes, pools whose extents are rounded
  /// up, an inception block, a residual block with a stride, local response norm.
  ///
  /// - Parameter weights: With `integers`, everything is exact in any order; there is no
  ///   normalization then.
  public static func randomLocal(
    seed: Int, weights: NetworkSketch.Weights = .normal
  ) throws -> Network {
    var sketch = NetworkSketch([3, 35 + seed % 7, 33 + seed * 3 % 8], seed: seed, weights: weights)
    let isExact = weights == .integers
    func window(_ size: [Int], stride: ClosedRange<Int> = 1...2) -> Convolution {
      Convolution(
        window: size,
        moves: WindowGeometry(
          stride: size.map { _ in sketch.pick(stride) },
          dilation: size.map { _ in sketch.pick(1...2) },
          paddingBefore: size.map { sketch.pick(0...($0 - 1)) },
          paddingAfter: size.map { sketch.pick(0...($0 - 1)) }))
    }
    if seed % 3 == 0 {
      try sketch.add(
        "pad", Pad(before: [0, 0, 2, 1], after: [0, 0, 0, 3], value: isExact ? 1 : 0.3))
    }
    try sketch.convolution("conv1", filters: 4, window([sketch.pick(2...5), sketch.pick(1...4)]))
    if !isExact { try sketch.batchNormalization("norm1") }
    try sketch.add("relu1", Activation.relu)
    let pool = PoolingGeometry(
      window: [3, 2],
      moves: WindowGeometry(
        stride: [sketch.pick(1...2), sketch.pick(1...2)], dilation: [1, 1],
        paddingBefore: [sketch.pick(0...1), 0], paddingAfter: [sketch.pick(0...1), 0]),
      ceiling: seed % 2 == 0)
    try sketch.add("pool1", MaxPool(pool))
    if !isExact {
      try sketch.add(
        "response",
        LocalResponseNormalization(LocalResponse(size: 3, alpha: 0.1, beta: 0.75, k: 1)))
    }
    let trunk = sketch.last
    try sketch.convolution("a", filters: 3, Convolution(1), of: trunk)
    try sketch.convolution("b0", filters: 2, Convolution(1), of: trunk)
    try sketch.add("b1", Activation.relu)
    try sketch.convolution("b2", filters: 2, Convolution(3, padding: 1))
    try sketch.convolution("c0", filters: 2, Convolution(5, padding: 2), of: trunk)
    try sketch.add(
      "d0",
      MaxPool(PoolingGeometry(window: 3, stride: 1, padding: 1, ceiling: true)), of: [trunk])
    try sketch.convolution("d1", filters: 1, Convolution(1))
    try sketch.add("inception", Concatenate(), of: ["a", "b2", "c0", "d1"])
    try sketch.add("relu2", Activation.relu)
    if seed % 2 == 1 {
      let means = PoolingGeometry(
        window: 2, stride: 2, padding: isExact ? 0 : 1, ceiling: seed % 4 == 1)
      try sketch.add("pool2", AveragePool(means, countsPadding: isExact || seed % 3 != 0))
    }
    let block = sketch.last
    try sketch.convolution("e", filters: 4, Convolution(3, stride: 2, padding: 1), of: block)
    try sketch.convolution("short", filters: 4, Convolution(1, stride: 2), of: block)
    try sketch.add("sum", Arithmetic(.add), of: ["e", "short"])
    try sketch.add("relu3", Activation.relu)
    if !isExact {
      try sketch.convolution(
        "conv4", filters: 4, Convolution(3, padding: 2, dilation: 2, groups: 2))
      try sketch.add("relu4", Activation(.leakyRectifier(slope: 0.1)))
    }
    try sketch.add("gap", GlobalPool())
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 3)
    return try sketch.network()
  }
}
