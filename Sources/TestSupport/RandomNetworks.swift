internal import Kernels
public import Networks
internal import TensorCore

extension Network {
  /// A network of random structure: strides, paddings, dilations, groups, pools, and a branch that
  /// is added or concatenated, ending with `classes` scores.
  ///
  /// - Parameter smooth: Without kinks: hyperbolic tangents instead of ReLUs, average pooling
  ///   instead of max pooling.
  public static func random(
    seed: Int, weights: NetworkSketch.Weights = .normal, smooth: Bool = false, classes: Int = 5
  ) throws -> Network {
    var sketch = NetworkSketch([3, 12 + seed % 4, 11 + seed % 5], seed: seed, weights: weights)
    let activation = smooth ? Activation.tanh : Activation.relu
    try sketch.convolution(
      "conv1", filters: 6,
      Convolution(
        sketch.pick(2...3), stride: sketch.pick(1...2), padding: sketch.pick(0...2),
        dilation: sketch.pick(1...2)))
    if weights == .normal { try sketch.batchNormalization("norm1") }
    try sketch.add("relu1", activation)
    let pool = PoolingGeometry(
      window: 2, stride: sketch.pick(1...2), padding: 0, ceiling: seed % 2 == 0)
    try sketch.add("pool1", smooth ? AveragePool(pool) : MaxPool(pool))
    let trunk = sketch.last
    try sketch.convolution("a", filters: 6, Convolution(3, padding: 1, groups: 2), of: trunk)
    try sketch.convolution("b", filters: 6, Convolution(1), of: trunk)
    try sketch.add("join", seed % 3 == 0 ? Concatenate() : Arithmetic(.add), of: ["a", "b"])
    try sketch.add("relu2", activation)
    if seed % 4 == 1 {
      // Windows of four elements: the means of integers are exact.
      try sketch.add("pool2", AveragePool(PoolingGeometry(window: 2, stride: 2)))
    }
    try sketch.convolution("conv3", filters: 8, Convolution(2))
    try sketch.add("relu3", activation)
    if seed % 2 == 1, weights == .normal { try sketch.add("gap", GlobalPool()) }
    try sketch.add("flatten", Flatten())
    try sketch.add("drop", Dropout(0.5))
    try sketch.linear("fc", outputs: classes)
    return try sketch.network()
  }
}
