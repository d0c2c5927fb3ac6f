/// Takes the time of each step of one run. A run without a stopwatch asks no clock.
///
/// A run's steps follow one another on one thread, so that one start is enough. Parts of a batch
/// that run at the same time have a stopwatch each.
final class Stopwatch {
  /// A step: what is done, and the indices of the nodes for which it is done at once; −1 for the
  /// pictures.
  struct Step: Hashable, Sendable {
    let pass: RunProfile.Pass
    let nodes: [Int]
  }

  /// What was timed: the steps in the order in which they ran first, with how often each ran, and
  /// how long in all.
  struct Laps: Sendable {
    fileprivate(set) var steps: [Step] = []
    fileprivate var counts: [Step: Int] = [:]
    fileprivate var times: [Step: Duration] = [:]

    func count(of step: Step) -> Int { counts[step] ?? 0 }
    func time(of step: Step) -> Duration { times[step] ?? .zero }

    fileprivate mutating func add(_ step: Step, count: Int, _ time: Duration) {
      if counts[step] == nil { steps.append(step) }
      counts[step, default: 0] += count
      times[step, default: .zero] += time
    }
  }

  private(set) var laps = Laps()
  private let clock = ContinuousClock()
  private var started: ContinuousClock.Instant

  init() { started = clock.now }

  func start() { started = clock.now }

  func stop(_ pass: RunProfile.Pass, _ nodes: [Int]) {
    let time = clock.now - started
    laps.add(Step(pass: pass, nodes: nodes), count: 1, time)
  }

  /// Adds the times of parts of a batch that took turns on some threads: what they cost together. A
  /// step counts as often as it ran in one part.
  func add(_ parts: [Laps], onThreads threads: Int) {
    for (index, part) in parts.enumerated() {
      for step in part.steps {
        laps.add(
          step, count: index == 0 ? part.count(of: step) : 0, part.time(of: step) / threads)
      }
    }
  }
}
