import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct `Receptive fields of branches` {
  /// An inception block: a 1×1, a 3×3 and a 5×5 convolution and a pooling, concatenated.
  private func inception(seed: Int) throws -> NetworkSketch {
    var sketch = NetworkSketch([2, 14, 13], seed: seed, weights: .positive)
    try sketch.convolution("stem", filters: 3, Convolution(3, stride: sketch.pick(1...2)))
    try sketch.convolution("one", filters: 2, Convolution(1), of: "stem")
    try sketch.convolution("three", filters: 3, Convolution(3, padding: 1), of: "stem")
    try sketch.convolution("five", filters: 1, Convolution(5, padding: 2), of: "stem")
    let pool = PoolingGeometry(window: 3, stride: 1, padding: 1)
    try sketch.add("pool", MaxPool(pool), of: ["stem"])
    try sketch.add("concat", Concatenate(), of: ["one", "three", "five", "pool"])
    return sketch
  }

  @Test func `are those of the branch that a unit comes from`() throws {
    let field = try #require(try inception(seed: 0).network().receptiveFields()["concat"])
    let sizes = (0..<9).map { field.field(ofUnit: $0).size[0] }
    let (one, three, five) = (sizes[0], sizes[2], sizes[5])
    #expect(sizes == [one, one, three, three, three, five, three, three, three])
    #expect(one < three && three < five)
    #expect(field.size == [five, five])
    // The pooling's channels are the fourth part: equal fields are one only if they are neighbours.
    #expect(field.branches.map(\.units) == [0..<2, 2..<5, 5..<6, 6..<9])
    #expect(field.pixels(at: [2, 2]) == field.pixels(at: [2, 2], ofUnit: 5))
  }

  @Test(.slow, arguments: 0..<10)
  func `are what a changed pixel changes, up to the next convolution`(seed: Int) throws {
    var sketch = try inception(seed: seed)
    try sketch.add("relu", Activation.relu)
    try sketch.add("pooled", MaxPool(PoolingGeometry(window: 2, stride: 1)))
    // Each channel by itself, and the second and third groups of three.
    try sketch.convolution("depthwise", filters: 9, Convolution(3, padding: 1, groups: 9))
    try sketch.convolution("groups", filters: 6, Convolution(1, groups: 3), of: "pooled")
    try sketch.add(
      "sliced", Slice(axes: [1], starts: [1], ends: [9], steps: [sketch.pick(1...3)]),
      of: ["depthwise"])
    try sketch.add("sum", Arithmetic(.add), of: ["relu", "concat"])
    try sketch.add("joined", Concatenate(), of: ["sliced", "groups"])
    try sketch.convolution("mixed", filters: 2, Convolution(1))
    let network = try sketch.network()
    let fields = network.receptiveFields()
    for name in ["relu", "pooled", "depthwise", "groups", "sliced", "sum", "joined"] {
      #expect(fields[name].map { $0.branches.count > 1 } == true, "\(name)")
    }
    #expect(fields["mixed"]?.branches.isEmpty == true)
    #expect(try MeasuredFields(network).check() > 1000)
  }

  @Test func `of normalization across channels are the widest`() throws {
    var sketch = try inception(seed: 1)
    let response = LocalResponse(size: 3, alpha: 1, beta: 0.75, k: 1)
    try sketch.add("norm", LocalResponseNormalization(response))
    let fields = try sketch.network().receptiveFields()
    #expect(fields["norm"]?.branches.isEmpty == true)
    #expect(fields["norm"]?.size == fields["concat"]?.size)
  }

  @Test func `of a branch without positions stay where they are`() throws {
    var sketch = NetworkSketch([2, 6, 6], seed: 1, weights: .positive)
    try sketch.convolution("conv", filters: 2, Convolution(3, padding: 1))
    try sketch.add("mean", Reduce(.mean, axes: [2, 3], keepsAxes: true))
    try sketch.add("spread", Resample(ResamplingRule(), axes: [2, 3], extents: [6, 6]))
    try sketch.add("concat", Concatenate(), of: ["conv", "spread"])
    let network = try sketch.network()
    let field = try #require(network.receptiveFields()["concat"])
    #expect(field.field(ofUnit: 0).size == [3, 3])
    #expect(field.pixels(at: [1, 4], ofUnit: 3) == field.pixels(at: [5, 0], ofUnit: 3))
    _ = try MeasuredFields(network).check()
  }
}
