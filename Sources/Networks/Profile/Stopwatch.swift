/// Takes the time of each step of one run. A run without a stopwatch asks no clock.
///
/// A run's steps follow one another on one thread, so that one start is enough.
final class Stopwatch {
  /// A step: what is done, and the indices of the nodes for which it is done at once; −1 for the
  /// pictures.
  struct Step: Hashable {
    let pass: RunProfile.Pass
    let nodes: [Int]
  }

  /// In the order in which they ran first.
  private(set) var steps: [Step] = []
  /// How often each ran, and how long in all.
  private(set) var laps: [Step: (count: Int, time: Duration)] = [:]
  private let clock = ContinuousClock()
  private var started: ContinuousClock.Instant

  init() { started = clock.now }

  func start() { started = clock.now }

  func stop(_ pass: RunProfile.Pass, _ nodes: [Int]) {
    let time = clock.now - started
    let step = Step(pass: pass, nodes: nodes)
    guard let lap = laps[step] else {
      steps.append(step)
      laps[step] = (1, time)
      return
    }
    laps[step] = (lap.count + 1, lap.time + time)
  }
}
