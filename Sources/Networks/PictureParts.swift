internal import Kernels
internal import TensorCore

extension Network {
  /// What one step of a part should read and write at most, so that the next step finds it in a
  /// cache: 16 MiB.
  private static let mostStepBytes = 16 << 20
  /// How many multiplications a part should make with each weight, if the weights do not stay in a
  /// cache. On two Zen 4 cores, reading a weight takes as long as 22 multiplications.
  private static let fewestUses = 450

  /// The parts of a batch that threads run by themselves, with kernels of one thread each; none if
  /// all threads had better share each kernel.
  ///
  /// Threads then wait for each other once per batch instead of once per kernel, and find in a cache
  /// what the step before has written. Measured on two cores with batches of 8 to 32: SqueezeNet,
  /// DenseNet, and GoogLeNet with its gradient take four fifths of the time, MobileNet half. Networks
  /// that are limited by reading their weights, such as AlexNet, are not divided.
  ///
  /// - Parameters:
  ///   - keep: What the run keeps. Relevance rules may hold numbers of each picture, so they need
  ///     the whole batch.
  ///   - last: Where the run stops.
  func pictureParts(of count: Int, for keep: Keep, through last: String?) -> [Range<Int>] {
    guard batchObstacle == nil, graph.batch == 1, keep.backward != .anyRule, fillsThreads(count)
    else { return [] }
    let position = last.flatMap { graph.positions[$0] } ?? (graph.nodes.count - 1)
    let nodes = graph.nodes[0...max(position, 0)]
    let threads = ThreadCount.current
    let most = max(Self.mostStepBytes / max(mostStepBytes(of: nodes), 1), 1)
    var rounds = (count + most * threads - 1) / (most * threads)
    let weights = Set(nodes.flatMap(\.parameters)).reduce(0) { $0 + (parameters[$1]?.count ?? 0) }
    if weights > mostCachedWeights {
      let products = nodes.reduce(0) { $0 + multiplyAdds(of: $1) }
      let fewest = Self.fewestUses * weights / max(products, 1) + 1
      guard fewest * threads <= count else { return [] }
      rounds = min(rounds, count / (fewest * threads))
    }
    let parts = min(rounds * threads, count)
    return (0..<parts).map { (count * $0 / parts)..<(count * ($0 + 1) / parts) }
  }

  /// Of one picture.
  private func mostStepBytes(of nodes: ArraySlice<Graph.Node>) -> Int {
    func numbers(_ name: String) -> Int { ownShapes[name]?.elementCount ?? 0 }
    let numbers = nodes.map { node in
      node.inputs.reduce(numbers(node.name)) { $0 + numbers($1) }
    }
    return MemoryLayout<Float>.stride * (numbers.max() ?? 0)
  }
}

/// The number of weights that stay in a cache, so that each thread may read them: 16 MiB.
package let mostCachedWeights = 4 << 20

/// Whether all threads are busy for at least four fifths of the time if each takes one of some equal
/// parts after the other.
private func fillsThreads(_ count: Int) -> Bool {
  let threads = ThreadCount.current
  guard threads > 1, count >= threads else { return false }
  let rounds = (count + threads - 1) / threads
  return 5 * count >= 4 * rounds * threads
}

/// `body` of each part of a batch, in order: on all threads at once, with kernels of one thread each,
/// or one after the other if there are too few.
///
/// - Parameter stopwatch: Takes the time of each step.
func mapParts<Value: Sendable>(
  _ count: Int, timedBy stopwatch: Stopwatch?,
  _ body: @Sendable (Int, Stopwatch?) -> Value
) -> [Value] {
  let isShared = fillsThreads(count)
  func map<Result: Sendable>(_ body: @Sendable (Int) -> Result) -> [Result] {
    isShared ? concurrentMapWithSingleThreads(count, body) : (0..<count).map(body)
  }
  guard let stopwatch else { return map { body($0, nil) } }
  let timed = map { part in
    let own = Stopwatch()
    return (value: body(part, own), laps: own.laps)
  }
  stopwatch.add(timed.map(\.laps), onThreads: isShared ? ThreadCount.current : 1)
  return timed.map(\.value)
}
