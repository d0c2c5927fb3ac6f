import ArgumentParser
import Checkpoints
import Networks
import TensorCore

/// Times every step of a network.
struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Time every step of a network, forward and back.")

  @Argument(help: "An architecture's name, or a checkpoint.") var network: String
  @Option(help: "Number of pictures.") var batch = 8
  @Option(help: "forward, input-gradient or training.") var way = RunProfile.Way.forward
  @Option(help: "Number of rounds, of which the medians are printed.") var rounds = 9

  private struct Report: Encodable {
    struct Step: Encodable {
      let pass: String
      let nodes: [String]
      let kinds: [String]
      let seconds: Double
      let multiply_adds: Int
      let bytes: Int
    }

    let network: String
    let batch: Int
    let input: [Int]
    let way: String
    let rounds: Int
    let limit: String
    let limit_gflops: Double
    let memory_gbs: Double
    let forward_seconds: Double
    let back_seconds: Double
    let steps: [Step]
  }

  func validate() throws {
    guard batch > 0 else { throw ValidationError("--batch: expected 1 or more, found \(batch)") }
    guard rounds > 0 else { throw ValidationError("--rounds: expected 1 or more, found \(rounds)") }
  }

  func run() throws {
    let network = try named(network)
    let most = network.mostPictures(upTo: batch, within: 1 << 33, keeping: way.keep) ?? 0
    guard batch <= most else {
      throw ValidationError(
        "--batch: expected at most \(most), for which \(self.network) needs 8 GiB, found \(batch)")
    }
    let limit = try LimitConvolution.fastest()
    // Before and after, as the speed of a machine may change.
    var (limits, memory) = (limit.speeds(rounds: 3), [memorySpeed(rounds: 5)])
    let profile = network.profile(
      normal(Shape([batch] + network.graph.inputShape.extents)), way, rounds: rounds)
    limits += limit.speeds(rounds: 3)
    memory.append(memorySpeed(rounds: 5))
    try printJSON(
      Report(
        network: self.network, batch: batch, input: network.graph.inputShape.extents,
        way: way.rawValue, rounds: rounds, limit: limit.name, limit_gflops: median(limits),
        memory_gbs: memory.reduce(0, +) / Double(memory.count),
        forward_seconds: profile.seconds.forward, back_seconds: profile.seconds.back,
        steps: profile.steps.map {
          Report.Step(
            pass: $0.pass.rawValue, nodes: $0.nodes, kinds: $0.kinds, seconds: $0.seconds,
            multiply_adds: $0.multiplyAdds, bytes: $0.bytes)
        }))
  }
}

extension RunProfile.Way {
  var keep: Keep {
    switch self {
    case .forward: .only([])
    case .inputGradient: .forGradient()
    case .training: .forTraining
    }
  }
}

/// A network by an architecture's name, with random weights, or from a checkpoint.
func named(_ name: String, side: Int? = nil) throws -> Network {
  guard let architecture = Architecture(rawValue: name) else {
    return try Checkpoint.load(name).network
  }
  let usual = architecture.usualInputShape
  guard let side else {
    return try architecture.blueprint().network(seed: 0, initialization: .he)
  }
  guard usual.rank == 3 else {
    throw ValidationError("expected an architecture that takes pictures, found '\(name)'")
  }
  return try architecture.blueprint(inputShape: [usual[0], side, side])
    .network(seed: 0, initialization: .he)
}
