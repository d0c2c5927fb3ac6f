internal import Kernels
internal import TensorCore

extension Network {
  /// What one step of a part should read and write at most, so that the next step finds it in a
  /// cache: of 4 to 16 MiB for each core on today's processors.
  private static let mostStepBytes = 16 << 20
  /// Weights that stay in a cache are read again for nothing: 16 MiB.
  private static let mostCachedWeights = 4 << 20
  /// How often each weight that does not is to be used by a part, so that reading it takes little
  /// time beside that.
  private static let fewestUses = 450
  /// The least share of their time in which all threads have to have a picture.
  private static let leastShare = 0.8

  /// The parts of a batch that threads run by themselves, with kernels of one thread each; none if
  /// all threads had better share each kernel.
  ///
  /// Threads then wait for each other once per batch instead of once per kernel, and what one step
  /// leaves the next finds in a cache. Measured on two cores, batches of 8 to 32 (one part after
  /// the other): SqueezeNet, DenseNet and ways back of ResNet-18 and GoogLeNet take four fifths of
  /// the time, MobileNet half. Networks whose weights do more than their kernels, such as AlexNet's
  /// linear layers, would read these for each part.
  ///
  /// - Parameters:
  ///   - keep: What the run keeps. A rule may know each picture's own numbers, and must meet them
  ///     together.
  ///   - last: Where the run stops.
  func pictureParts(of count: Int, for keep: Keep, through last: String?) -> [Range<Int>] {
    guard batchObstacle == nil, graph.batch == 1, keep.backward != .anyRule,
      Self.shareThreads(count)
    else { return [] }
    let position = last.flatMap { graph.positions[$0] } ?? (graph.nodes.count - 1)
    let nodes = graph.nodes[0...max(position, 0)]
    func numbers(_ name: String) -> Int { ownShapes[name]?.elementCount ?? 0 }
    let stepBytes =
      nodes.map { node in
        MemoryLayout<Float>.stride
          * (numbers(node.name) + node.inputs.reduce(0) { $0 + numbers($1) })
      }.max() ?? 0
    var most = max(Self.mostStepBytes / max(stepBytes, 1), 1)
    let weights = Set(nodes.flatMap(\.parameters)).reduce(0) { $0 + (parameters[$1]?.count ?? 0) }
    if weights > Self.mostCachedWeights {
      let products = nodes.reduce(0) { $0 + multiplyAdds(of: $1) }
      most = max(most, Self.fewestUses * weights / max(products, 1) + 1)
    }
    let threads = ThreadCount.current
    guard most * threads <= count || weights <= Self.mostCachedWeights else { return [] }
    // As many for each thread.
    let rounds = (count + most * threads - 1) / (most * threads)
    let parts = min(rounds * threads, count)
    return (0..<parts).map { (count * $0 / parts)..<(count * ($0 + 1) / parts) }
  }

  /// Whether all threads have nearly as many of some pictures.
  fileprivate static func shareThreads(_ count: Int) -> Bool {
    let threads = ThreadCount.current
    guard threads > 1, count >= threads else { return false }
    let rounds = (count + threads - 1) / threads
    return Double(count) >= leastShare * Double(rounds * threads)
  }
}

/// `body` of each part of a batch, in order: on all threads at once, with kernels of one thread each,
/// or one after the other if there are too few.
///
/// - Parameter stopwatch: Takes the time of each step.
func mapParts<Value: Sendable>(
  _ count: Int, timedBy stopwatch: Stopwatch?,
  _ body: @Sendable (Int, Stopwatch?) -> Value
) -> [Value] {
  guard Network.shareThreads(count) else { return (0..<count).map { body($0, stopwatch) } }
  guard let stopwatch else { return concurrentMapWithSingleThreads(count) { body($0, nil) } }
  let timed = concurrentMapWithSingleThreads(count) { part in
    let own = Stopwatch()
    return (value: body(part, own), laps: own.laps)
  }
  stopwatch.add(timed.map(\.laps), onThreads: ThreadCount.current)
  return timed.map(\.value)
}
