import Analysis
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// Saturated units of networks that move the batch axis away from the front.
@Suite struct `Ranking where pictures move` {
  /// - Parameter mixes: Whether the pictures of a batch cannot be told apart.
  private func network(mixes: Bool) throws -> Network {
    var sketch = NetworkSketch([3, 6, 6], seed: 4)
    try sketch.convolution("conv", filters: 4, Convolution(3, padding: 1))
    if mixes {
      try sketch.add("mean", Reduce(.l2, axes: [0, 1, 2, 3], keepsAxes: true))
      try sketch.add("scaled", Arithmetic(.divide), of: ["conv", "mean"])
    } else {
      try sketch.add("turned", Transpose([1, 0, 2, 3]))
    }
    try sketch.add("clip", Activation(.clip(lower: 0, upper: 0.05)))
    try sketch.add("flat", Reshape(mixes ? [1, 144] : [4, 36]))
    return try sketch.network()
  }

  @Test(arguments: [true, false]) func `finds the top nine without a trap`(mixes: Bool) throws {
    let network = try network(mixes: mixes)
    #expect((network.batchObstacle != nil) == mixes)
    let scan = TopActivationScan(network, layers: ["clip", "flat"])
    let images = Tensor.random([3, 3, 6, 6], seed: 5)
    scan.observe(
      network.record(images, keeping: .only(scan.nodes)), pictures: [0, 1, 2])
    for finding in scan.findings() {
      #expect(finding.units.contains { $0.count == 3 }, "\(finding.layer)")
    }
  }
}
