internal import Kernels
public import TensorCore

/// What each step of a run costs: its time, its arithmetic, and the bytes that it reads and writes.
///
///     let profile = network.profile(images, .inputGradient, rounds: 9)
///     for step in profile.steps { print(step.nodes, step.seconds, step.multiplyAdds) }
///
/// Steps that run as one kernel are one step with several nodes. Where threads run parts of the
/// pictures by themselves, a step's time is that of all parts, divided by the number of threads.
public struct RunProfile: Sendable {
  /// What is run.
  public enum Way: String, Sendable, Hashable, CaseIterable {
    /// Forward alone, with as few kernels as possible.
    case forward
    /// Forward, and the gradient of the sum of all scores with respect to the pictures.
    case inputGradient = "input-gradient"
    /// Forward in training mode, and the gradients of the parameters.
    case training

    /// What a run keeps for its backward pass.
    public var keep: Keep {
      switch self {
      case .forward: .only([])
      case .inputGradient: .forGradient()
      case .training: .forTraining
      }
    }

    public var mode: Mode { self == .training ? .training(seed: 0) : .inference }
  }

  /// What a step computes.
  public enum Pass: String, Sendable, Hashable, CaseIterable {
    case forward
    case inputGradient = "input gradient"
    case weightGradient = "weight gradient"
    /// Where several nodes read one, the signals that they send back are added.
    case sumOfSignals = "sum of signals"

    public var isForward: Bool { self == .forward }
  }

  public struct Step: Sendable {
    public let pass: Pass
    /// Several for operations in one kernel; `input` for the pictures.
    public let nodes: [String]
    /// The kind of each node's operation.
    public let kinds: [String]
    /// The median over the rounds.
    public let seconds: Double
    /// For all pictures; those of a matrix product's backward pass are for both factors.
    public let multiplyAdds: Int
    /// What the step has to read and write at least: inputs, output, weights, and what a forward
    /// run stores for the backward pass. Nothing is counted twice that a kernel reads twice, and a step
    /// that only passes its input on counts as one that copies it.
    public let bytes: Int
  }

  /// In the order in which they ran.
  public let steps: [Step]
  /// The median over the rounds of the whole forward run, and of the whole backward pass, which is
  /// zero if there is none. They include the time between the steps, and that in which a thread has
  /// no part left; medians of steps may still add up to more.
  public let seconds: (forward: Double, back: Double)

  public var multiplyAdds: Int { steps.reduce(0) { $0 + $1.multiplyAdds } }
}

extension Network {
  /// Runs the network several times and takes the time of each step.
  ///
  /// Two rounds before the first are not counted: they make the primitives, and arrange the weights
  /// as these want them.
  ///
  /// - Parameters:
  ///   - images: `[N, C, H, W]`.
  ///   - rounds: At least one.
  public func profile(_ images: Tensor, _ way: RunProfile.Way, rounds: Int) -> RunProfile {
    for _ in 0..<2 { _ = time(images, way) }
    var runs: [TimedRun] = []
    var bytes: [Stopwatch.Step: Int] = [:]
    for round in 0..<max(rounds, 1) {
      let (run, recording) = time(images, way)
      runs.append(run)
      guard round == 0 else { continue }
      // Pictures that run one by one have the same steps.
      let runs = batchObstacle == nil || recording.parts.isEmpty ? [recording] : recording.parts
      for sizes in runs.map({ StepSizes($0, way) }) {
        for step in run.laps.steps {
          // Several sums at one node count as often as they ran.
          bytes[step, default: 0] += sizes.bytes(of: step) * run.laps.count(of: step)
        }
      }
    }
    let pictures = images.shape.rank > 0 ? images.shape[0] : 1
    let steps = runs[0].laps.steps.map { step in
      let nodes = step.nodes.map { $0 < 0 ? nil : graph.nodes[$0] }
      return RunProfile.Step(
        pass: step.pass, nodes: nodes.map { $0?.name ?? Graph.inputName },
        kinds: step.pass == .sumOfSignals
          ? [step.pass.rawValue] : nodes.map { $0?.operation.kind ?? Graph.inputName },
        seconds: median(runs.map { $0.laps.time(of: step).seconds }),
        multiplyAdds: nodes.reduce(0) {
          $0 + ($1.map { multiplyAdds(of: $0, in: step.pass, pictures: pictures) } ?? 0)
        },
        bytes: bytes[step] ?? 0)
    }
    return RunProfile(
      steps: steps,
      seconds: (median(runs.map(\.forward.seconds)), median(runs.map(\.back.seconds))))
  }

  private func multiplyAdds(
    of node: Graph.Node, in pass: RunProfile.Pass, pictures: Int
  ) -> Int {
    let runs =
      batchObstacle == nil
      ? (dependsOnPictures(node.name) ? pictures : 1) : max(pictures / max(graph.batch, 1), 1)
    let own = multiplyAdds(of: node) * runs
    return switch pass {
    case .forward, .weightGradient: own
    case .inputGradient: own * node.inputs.count
    case .sumOfSignals: 0
    }
  }

  private func time(
    _ images: Tensor, _ way: RunProfile.Way
  ) -> (run: TimedRun, recording: Recording) {
    let (stopwatch, clock) = (Stopwatch(), ContinuousClock())
    let started = clock.now
    let recording = record(images, keeping: way.keep, mode: way.mode, timedBy: stopwatch)
    let forward = clock.now - started
    guard way != .forward else {
      return (TimedRun(laps: stopwatch.laps, forward: forward, back: .zero), recording)
    }
    let signal = Tensor(shape: recording[graph.scoreName].shape, repeating: 1)
    let back = clock.measure {
      if way == .training {
        _ = recording.parameterGradients(of: signal, from: graph.scoreName, timedBy: stopwatch)
      } else {
        _ = recording.propagate(signal, from: graph.scoreName, timedBy: stopwatch)
      }
    }
    return (TimedRun(laps: stopwatch.laps, forward: forward, back: back), recording)
  }
}

private struct TimedRun {
  let laps: Stopwatch.Laps
  let forward: Duration
  let back: Duration
}

/// The bytes that each step reads and writes.
private struct StepSizes {
  private let network: Network
  private let recordings: [Recording]
  private let pictures: Int
  private let way: RunProfile.Way
  private static let numberBytes = MemoryLayout<Float>.stride

  init(_ recording: Recording, _ way: RunProfile.Way) {
    network = recording.network
    recordings = recording.parts.isEmpty ? [recording] : recording.parts
    pictures = recording.input.shape.rank > 0 ? recording.input.shape[0] : 1
    self.way = way
  }

  /// Of one time that it runs.
  func bytes(of step: Stopwatch.Step) -> Int {
    let numbers =
      switch step.pass {
      case .forward: forward(step.nodes.map { network.graph.nodes[$0] })
      case .sumOfSignals: 3 * step.nodes.reduce(0) { $0 + count(name(of: $1)) }
      case .inputGradient: inputGradient(step.nodes.map { network.graph.nodes[$0] })
      case .weightGradient: step.nodes.reduce(0) { $0 + weightGradient(network.graph.nodes[$1]) }
      }
    let reads = step.pass == .inputGradient || step.pass == .forward && way != .forward
    return numbers * Self.numberBytes
      + (reads ? step.nodes.reduce(0) { $0 + savedBytes(at: $1) } : 0)
  }

  private func name(of position: Int) -> String {
    position < 0 ? Graph.inputName : network.graph.nodes[position].name
  }

  /// The numbers in the output of a node.
  private func count(_ name: String) -> Int {
    let own = network.ownShapes[name] ?? []
    return (network.batchAxes[name]?.shape(own, pictures: pictures) ?? own).elementCount
  }

  private func parameterCount(_ node: Graph.Node) -> Int {
    network.parameters(of: node).reduce(0) { $0 + $1.count }
  }

  /// What nodes in one kernel read from each other stays in the processor.
  private func forward(_ nodes: [Graph.Node]) -> Int {
    guard let last = nodes.last else { return 0 }
    let own = Set(nodes.map(\.name))
    let read = nodes.flatMap(\.inputs).filter { !own.contains($0) }.reduce(0) { $0 + count($1) }
    return read + count(last.name) + nodes.reduce(0) { $0 + parameterCount($1) }
  }

  /// - Parameter nodes: Several if their backward pass is one kernel, which starts at the first.
  private func inputGradient(_ nodes: [Graph.Node]) -> Int {
    guard let first = nodes.first, let last = nodes.last else { return 0 }
    let inputs = last.inputs.reduce(0) { $0 + count($1) }
    return count(first.name)
      * (first.operation.pullbackReads(in: way.mode).contains(.output) ? 2 : 1)
      + inputs * (last.operation.pullbackReads(in: way.mode).contains(.inputs) ? 2 : 1)
      + nodes.reduce(0) { $0 + parameterCount($1) }
  }

  private func weightGradient(_ node: Graph.Node) -> Int {
    count(node.name) + node.inputs.reduce(0) { $0 + count($1) } + parameterCount(node)
  }

  /// What a forward run stored for a node's backward pass.
  private func savedBytes(at position: Int) -> Int {
    recordings.reduce(0) { bytes, recording in
      guard recording.evaluations.indices.contains(position),
        let evaluation = recording.evaluations[position]
      else { return bytes }
      return bytes + evaluation.saved.byteCount
    }
  }
}

extension Evaluation.Saved {
  fileprivate var byteCount: Int {
    let numberBytes = MemoryLayout<Float>.stride
    return switch self {
    case .nothing: 0
    case .tensor(let tensor): tensor.count * numberBytes
    case .switches(let switches): switches.byteCount
    case .batchStatistics(let mean, let variance): (mean.count + variance.count) * numberBytes
    }
  }
}

extension Duration {
  fileprivate var seconds: Double { self / .seconds(1) }
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard let upper = sorted.dropFirst(sorted.count / 2).first else { return 0 }
  return sorted.count.isMultiple(of: 2) ? (sorted[sorted.count / 2 - 1] + upper) / 2 : upper
}
