internal import Kernels
internal import Networks
internal import Synchronization
internal import TensorCore

/// Runs the parts of batches on all threads, or one after the other where other programs use the
/// cores: then threads wait for each other longer than they help.
///
/// Which is faster is measured, again and again; what is computed does not depend on it.
package final class PartThreads: Sendable {
  private let choice = Mutex(ThreadChoice())

  package init() {}

  func map<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
    let isShared = choice.withLock { $0.next() }
    var values: [Value] = []
    let time = ContinuousClock().measure {
      values =
        isShared
        ? concurrentMapWithSingleThreads(count, body)
        : withSingleThread { (0..<count).map(body) }
    }
    choice.withLock { $0.took(time / count, isShared: isShared) }
    return values
  }
}

/// Whether the next batch is shared by all threads, or run by one: the faster of both, and from
/// time to time the other one, because the machine may have become busy, or idle.
package struct ThreadChoice {
  /// The first batches also prepare kernels.
  private static let warmUp = 2
  private static let trial = 4
  /// The number of batches between trials; twice as many after each that changes nothing.
  private static let pauses = 64...512

  /// The time of a part: of the last trial, or the mean of those after it.
  private var shared: Duration?
  private var alone: Duration?
  private var pause = pauses.lowerBound
  private var isShared = true
  /// The batches left of the trial, or of the pause.
  private var left = trial
  private var isTrial = false
  private var skipped = 0
  private var sum = Duration.zero

  package init() {}

  /// Whether the next batch is shared.
  package mutating func next() -> Bool { isTrial ? !isShared : isShared }

  /// - Parameter time: Of each part.
  package mutating func took(_ time: Duration, isShared ran: Bool) {
    guard skipped >= Self.warmUp else { return skipped += 1 }
    sum += time
    left -= 1
    guard left == 0 else { return }
    let mean = sum / (isTrial || shared == nil ? Self.trial : pause)
    if ran { shared = mean } else { alone = mean }
    if isTrial, let shared, let alone {
      let best = shared <= alone
      pause = best == isShared ? min(2 * pause, Self.pauses.upperBound) : Self.pauses.lowerBound
      isShared = best
    }
    isTrial.toggle()
    left = isTrial ? Self.trial : pause
    sum = .zero
  }
}

extension Network {
  /// Fewer pictures keep a thread busy with preparing kernels.
  private static let fewestPictures = 16

  /// The parts of a batch that threads take by themselves, with kernels of one thread each; none if
  /// all threads had better share each kernel, if layers measure the whole batch, or if what frozen
  /// layers make of whole batches may be kept (`FrozenFeatures`), which must not change a bit.
  ///
  /// - Parameter rates: What learns; nil if nothing does.
  package func batchParts(of count: Int, learning rates: LayerRates?) -> [Range<Int>] {
    let parts = min(ThreadCount.current, count / Self.fewestPictures)
    guard parts > 1, batchObstacle == nil, graph.batch == 1,
      parameters.count <= mostCachedWeights,
      rates.map({ $0.measured.isEmpty && $0.frozenBoundary == nil }) ?? true
    else { return [] }
    return (0..<parts).map { (count * $0 / parts)..<(count * ($0 + 1) / parts) }
  }
}
