import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `The memory of a run` {
  /// `1×16×16 → conv 8 → relu → pool → conv 4`, whose memory can be calculated by hand.
  private func sketch() throws -> Network {
    var sketch = NetworkSketch([1, 16, 16], seed: 3)
    try sketch.convolution("conv", filters: 8, Convolution(3, padding: 1))
    try sketch.add("relu", Activation(.rectifier))
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    try sketch.convolution("last", filters: 4, Convolution(8))
    return try sketch.network()
  }

  /// In bytes, for one picture.
  private let input = 4 * 256
  private let wide = 4 * 8 * 256
  private let pooled = 4 * 8 * 64
  private let scores = 4 * 4

  @Test(arguments: [1, 2, 7])
  func `a planned run is full where the pool reads the fused layer`(pictures: Int) throws {
    let network = try sketch()
    // The pictures, the pool's input, the same in another layout, and its output; then the freed
    // memory that is kept for the next tensors.
    let most = input + wide + wide + pooled
    let freed = wide + pooled
    let scratchpads = ["conv", "last"].map { name -> Int in
      guard let node = network.graph[name], let output = network.shapes[name],
        let read = network.shapes[node.inputs[0]]
      else { return 0 }
      return withSingleThread {
        node.operation.scratchpadBytes(
          .forward, inputs: [read.withCount(pictures)],
          parameters: node.parameters.compactMap { network.parameters[$0]?.shape },
          output: output.withCount(pictures))
      }
    }
    // Without parts, which are run by all threads.
    let bytes = withSingleThread { network.runBytes(pictures: pictures, keeping: .only([])) }
    #expect(
      bytes
        == pictures * (most + freed) + Set(scratchpads).reduce(0, +))
  }

  @Test func `what is kept and what leads back is counted`() throws {
    let network = try sketch()
    let plain = network.runBytes(pictures: 3, keeping: .only([]))
    let kept = network.runBytes(pictures: 3, keeping: .only(["conv", "relu"]))
    let gradient = network.runBytes(pictures: 3, keeping: .forGradient())
    let everything = network.runBytes(pictures: 3, keeping: .everything)
    #expect(plain <= kept && kept < everything && plain < gradient && gradient <= everything)
    // All activations, and in the backward pass a signal as wide as the widest.
    #expect(everything >= 3 * (input + 2 * wide + pooled + scores + wide))
  }

  @Test func `what does not depend on the pictures is there once`() throws {
    var sketch = NetworkSketch([4, 8, 8], seed: 1)
    let table = Tensor(shape: [1, 4, 8, 8], repeating: 2)
    try sketch.add("table", Constant(), of: [], parameters: [("table", table)])
    try sketch.add("sum", Arithmetic(.add), of: [Graph.inputName, "table"])
    let network = try sketch.network()
    let one = network.runBytes(pictures: 1, keeping: .only([]))
    let ten = network.runBytes(pictures: 10, keeping: .only([]))
    #expect(ten < 10 * one)
  }

  @Test(arguments: [1, 5, 100])
  func `as many pictures go together as fit, and none where one does not`(most: Int) throws {
    let network = try sketch()
    let keep = Keep.forGradient()
    for limit in [1, 2, 3, 50, 101] {
      let bytes = network.runBytes(pictures: limit, keeping: keep)
      #expect(
        network.mostPictures(upTo: most, within: bytes, keeping: keep) == min(most, limit))
    }
    let one = network.runBytes(pictures: 1, keeping: keep)
    #expect(network.mostPictures(upTo: most, within: one - 1, keeping: keep) == nil)
  }
}
