import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Blocks of convolutions` {
  private let halving = PoolingGeometry(window: 2, stride: 2)

  @Test func `are the convolution, its normalization, its activation and its pooling`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv1", filters: 4, Convolution(3, padding: 1))
    try sketch.batchNormalization("bn1")
    try sketch.add("relu1", Activation.relu)
    try sketch.add("drop", Dropout(0.2))
    try sketch.add("pool1", MaxPool(halving))
    try sketch.add("after", Activation.relu)
    try sketch.convolution("conv2", filters: 4, Convolution(3, padding: 1))
    try sketch.add("pool2", AveragePool(halving))
    try sketch.convolution("conv3", filters: 4, Convolution(1))
    let network = try sketch.network()
    let block = ["conv1", "bn1", "relu1", "pool1"]
    for layer in block + ["drop"] {
      #expect(network.convolutionBlock(of: layer) == block, "\(layer)")
    }
    #expect(network.convolutionBlock(of: "conv2") == ["conv2", "pool2"])
    #expect(network.convolutionBlock(of: "conv3") == ["conv3"])
    // Behind the pooling.
    #expect(network.convolutionBlock(of: "after") == nil)
    #expect(network.convolutionBlock(of: "nothing") == nil)
  }

  @Test func `end where others read the maps, too`() throws {
    var sketch = NetworkSketch([4, 8, 8], seed: 1)
    try sketch.convolution("conv1", filters: 4, Convolution(3, padding: 1))
    try sketch.add("relu1", Activation.relu)
    try sketch.convolution("conv2", filters: 4, Convolution(3, padding: 1))
    try sketch.batchNormalization("bn2")
    try sketch.add("sum", Arithmetic(.add), of: ["bn2", "relu1"])
    try sketch.add("relu2", Activation.relu)
    let network = try sketch.network()
    #expect(network.convolutionBlock(of: "conv1") == ["conv1", "relu1"])
    #expect(network.convolutionBlock(of: "conv2") == ["conv2", "bn2"])
    #expect(network.convolutionBlock(of: "relu2") == nil)
    #expect(
      network.obstacle(to: .block, at: "sum")
        == "is in no block that begins with a convolution: its kind is add")
  }

  @Test(arguments: [["biased", "gate"], ["gate", "biased"]])
  func `go on through biases and SiLUs that exporters write out`(factors: [String]) throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 4, Convolution(3, padding: 1))
    try sketch.add(
      "bias", Constant(), of: [], parameters: [("b", Tensor.random([1, 4, 1, 1], seed: 2))])
    try sketch.add("biased", Arithmetic(.add), of: ["conv", "bias"])
    try sketch.add("gate", Activation.sigmoid)
    try sketch.add("silu", Arithmetic(.multiply), of: factors)
    try sketch.add("pool", MaxPool(halving))
    let block = ["conv", "silu", "pool"]
    for layer in block + ["biased"] {
      #expect(try sketch.network().convolutionBlock(of: layer) == block, "\(layer)")
    }
    #expect(try sketch.network().convolutionBlock(of: "gate") == nil)
  }

  @Test func `end at a product with a gate that others read, too`() throws {
    var sketch = NetworkSketch([3, 8, 8], seed: 1)
    try sketch.convolution("conv", filters: 4, Convolution(3, padding: 1))
    try sketch.add("gate", Activation.sigmoid)
    try sketch.add("product", Arithmetic(.multiply), of: ["conv", "gate"])
    try sketch.add("sum", Arithmetic(.add), of: ["product", "gate"])
    #expect(try sketch.network().convolutionBlock(of: "conv") == ["conv"])
  }

  @Test func `of layers without maps are none`() throws {
    var sketch = NetworkSketch([1, 4, 4], seed: 1)
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 3)
    try sketch.add("relu", Activation.relu)
    #expect(try sketch.network().convolutionBlock(of: "relu") == nil)
  }
}
