import Kernels
import Networks
import TensorCore

/// The most arithmetic that the machine does for a network: one large convolution, which reads each
/// number that it loads many times over.
struct LimitConvolution {
  let name: String
  private let network: Network
  private let images: Tensor
  private let multiplyAdds: Int

  /// 14.8 billion multiply-adds each; which of them is the fastest depends on the caches.
  private static let shapes = [(64, 224), (128, 112), (256, 56), (512, 28)]
  private static let batch = 8

  private init(channels: Int, side: Int) throws {
    name = "3×3, \(channels)→\(channels), \(side)×\(side), batch \(Self.batch)"
    let filters = normal([channels, channels, 3, 3]) * 0.02
    network = try Network(
      graph: Graph(
        inputShape: [channels, side, side],
        [
          Graph.Node(
            "limit", Convolution(3, padding: 1), inputs: [Graph.inputName], parameters: ["filters"])
        ]), parameters: Parameters(["filters": filters]))
    images = normal([Self.batch, channels, side, side])
    let each = network.graph.nodes.map { [network] in network.multiplyAdds(of: $0) }
    multiplyAdds = each.reduce(0, +) * Self.batch
  }

  /// The one of several that is the fastest on this machine.
  static func fastest() throws -> LimitConvolution {
    var (best, most): (LimitConvolution?, Double) = (nil, 0)
    for (channels, side) in shapes {
      let limit = try LimitConvolution(channels: channels, side: side)
      let speed = median(limit.speeds(rounds: 3))
      if best == nil || speed > most { (best, most) = (limit, speed) }
    }
    return try best ?? LimitConvolution(channels: 256, side: 56)
  }

  /// In GFLOP/s, after one run that is not counted.
  func speeds(rounds: Int) -> [Double] {
    let run = { _ = network.record(images, keeping: .only([])) }
    run()
    return times(rounds, of: run).map { gigaflops(multiplyAdds, in: $0) }
  }
}

/// The speed of memory in GB/s: a tensor of 128 MiB is added to another in its place, so that two
/// numbers are read for each one written, as in the sums of a network.
func memorySpeed(rounds: Int) -> Double {
  let count = 1 << 25
  let addend = Tensor(shape: [1, count], repeating: 0.5)
  var sum: Tensor? = Tensor(shape: [1, count], repeating: 1)
  let seconds = times(rounds + 1) {
    // Taken out, so that the sum has no other owner and is overwritten.
    if let own = sum.take() { sum = combine(own, addend, .add) }
  }
  return 1e-9 * Double(3 * count * MemoryLayout<Float>.stride)
    / median(Array(seconds.dropFirst()))
}
