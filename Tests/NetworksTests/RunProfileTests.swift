import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `A profile` {
  /// `[2, 6, 6]` → convolution of 4 filters → norm → relu → max pool → convolution back on the sum
  /// of two branches → 3 scores.
  private func network() throws -> Network {
    var sketch = NetworkSketch([2, 6, 6], seed: 3, weights: .normal)
    try sketch.convolution("conv1", filters: 4, Convolution(3, padding: 1))
    try sketch.batchNormalization("norm1")
    try sketch.add("relu1", Activation.relu)
    try sketch.add("pool", MaxPool(PoolingGeometry(window: 2, stride: 2)))
    let trunk = sketch.last
    try sketch.convolution("conv2", filters: 4, Convolution(3, padding: 1))
    try sketch.add("sum", Arithmetic(.add), of: [sketch.last, trunk])
    try sketch.add("flatten", Flatten())
    try sketch.linear("fc", outputs: 3)
    return try sketch.network()
  }

  private func profile(_ way: RunProfile.Way, pictures: Int = 5, rounds: Int = 2) throws
    -> RunProfile
  {
    let images = Tensor.random([pictures, 2, 6, 6], seed: 1)
    return try network().profile(images, way, rounds: rounds)
  }

  private func step(
    _ node: String, _ pass: RunProfile.Pass, of profile: RunProfile
  ) throws -> RunProfile.Step {
    try #require(profile.steps.first { $0.nodes.contains(node) && $0.pass == pass })
  }

  @Test func `has one step for each kernel of a run without a backward pass`() throws {
    let profile = try profile(.forward)
    #expect(
      profile.steps.map(\.nodes) == [
        ["conv1", "norm1", "relu1"], ["pool"], ["conv2", "sum"], ["flatten"], ["fc"],
      ])
    #expect(profile.steps.allSatisfy { $0.pass == .forward })
    #expect(profile.steps[0].kinds == ["convolution", "batch norm", "ReLU"])
    #expect(profile.seconds.back == 0)
  }

  @Test func `counts the multiplications of all pictures`() throws {
    // conv1: 36 positions × 4 filters × 2 × 9; conv2: 9 × 4 × 4 × 9; fc: 36 × 3.
    let (conv1, conv2, fc) = (36 * 4 * 18, 9 * 4 * 36, 36 * 3)
    #expect(try profile(.forward).multiplyAdds == 5 * (conv1 + conv2 + fc))
    #expect(try profile(.inputGradient).multiplyAdds == 2 * 5 * (conv1 + conv2 + fc))
    // Nothing before the first convolution learns.
    #expect(try profile(.training).multiplyAdds == 5 * (2 * conv1 + 3 * (conv2 + fc)))
    #expect(try profile(.forward, pictures: 1).multiplyAdds == conv1 + conv2 + fc)
  }

  @Test func `counts what is read and written`() throws {
    let (pictures, conv1, pool) = (5 * 2 * 36, 5 * 4 * 36, 5 * 4 * 9)
    let (weights1, norm, weights2) = (4 * 2 * 9 + 4, 4 * 4, 4 * 4 * 9 + 4)
    let forward = try profile(.forward)
    #expect(
      try step("conv1", .forward, of: forward).bytes == 4 * (pictures + weights1 + norm + conv1))
    // Its own input is also what it adds to.
    #expect(
      try step("conv2", .forward, of: forward).bytes == 4 * (pool + pool + weights2 + pool))
    #expect(try step("pool", .forward, of: forward).bytes == 4 * (conv1 + pool))

    let way = try profile(.inputGradient)
    #expect(
      try step("conv2", .inputGradient, of: way).bytes == 4 * (pool + weights2 + pool))
    // A gate reads the signal and the output, and writes the signal.
    #expect(try step("relu1", .inputGradient, of: way).bytes == 4 * 3 * conv1)
    // Besides signals, pooling stores and reads where each maximum was.
    let pooling = try step("pool", .inputGradient, of: way).bytes
    #expect((4 * (pool + conv1) + pool...4 * (pool + conv1 + pool)).contains(pooling))
    #expect(try step("pool", .forward, of: way).bytes == pooling)
    #expect(try step("pool", .sumOfSignals, of: way).bytes == 4 * 3 * pool)

    let training = try profile(.training)
    #expect(
      try step("conv2", .weightGradient, of: training).bytes == 4 * (pool + pool + weights2))
  }

  @Test func `shows every step of the backward pass`() throws {
    let nodes = ["conv1", "norm1", "relu1", "pool", "conv2", "sum", "flatten", "fc"]
    let way = try profile(.inputGradient)
    #expect(way.steps.filter(\.pass.isForward).flatMap(\.nodes) == nodes)
    #expect(way.steps.filter { $0.pass == .inputGradient }.flatMap(\.nodes) == nodes.reversed())
    let training = try profile(.training)
    #expect(
      training.steps.filter { $0.pass == .weightGradient }.flatMap(\.nodes)
        == ["fc", "conv2", "norm1", "conv1"])
    #expect(!training.steps.contains { $0.pass == .inputGradient && $0.nodes == ["conv1"] })
  }

  @Test(arguments: RunProfile.Way.allCases)
  func `has times that are no more than the whole`(way: RunProfile.Way) throws {
    // Of one round, of which no median mixes others in.
    let profile = try profile(way, rounds: 1)
    for isForward in [true, false] {
      let steps = profile.steps.filter { $0.pass.isForward == isForward }.map(\.seconds)
      #expect(steps.allSatisfy { $0 >= 0 })
      #expect(
        steps.reduce(0, +) <= (isForward ? profile.seconds.forward : profile.seconds.back) + 1e-9)
    }
  }

  @Test func `runs at least one round`() throws {
    #expect(try profile(.forward, rounds: -1).seconds.forward > 0)
  }

  @Test func `of random networks has every node once`() throws {
    for seed in 0..<12 {
      let network = try Network.random(seed: seed)
      let images = Tensor.random(Shape([2] + network.graph.inputShape.extents), seed: seed)
      let names = network.graph.nodes.map(\.name).sorted()
      for way in RunProfile.Way.allCases {
        let steps = network.profile(images, way, rounds: 1).steps
        #expect(steps.filter(\.pass.isForward).flatMap(\.nodes).sorted() == names)
        #expect(steps.allSatisfy { $0.bytes >= 0 && $0.multiplyAdds >= 0 })
      }
    }
  }
}
