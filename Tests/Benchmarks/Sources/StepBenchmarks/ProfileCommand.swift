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
      let multiplyAdds: Int
      let bytes: Int
    }

    let network: String
    let batch: Int
    let input: [Int]
    let rounds: Int
    let limit: String
    let limitGflops: Double
    let memoryGbs: Double
    let forwardSeconds: Double
    let backSeconds: Double
    let steps: [Step]
  }

  func validate() throws {
    guard (1...65536).contains(batch) else {
      throw ValidationError("--batch: expected 1 to 65,536, found \(batch)")
    }
    guard rounds > 0 else { throw ValidationError("--rounds: expected 1 or more, found \(rounds)") }
  }

  func run() throws {
    let network = try named(network)
    let needed = network.runBytes(pictures: batch, keeping: way.keep, mode: way.mode)
    guard needed <= 1 << 33 else {
      throw ValidationError(
        "--batch: expected pictures of which a run needs at most 8 GiB, found \(batch), of which "
          + "\(self.network) needs \(needed >> 20) MiB")
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
        rounds: rounds, limit: limit.name, limitGflops: median(limits),
        memoryGbs: memory.reduce(0, +) / Double(memory.count),
        forwardSeconds: profile.seconds.forward, backSeconds: profile.seconds.back,
        steps: profile.steps.map {
          Report.Step(
            pass: $0.pass.rawValue, nodes: $0.nodes, kinds: $0.kinds, seconds: $0.seconds,
            multiplyAdds: $0.multiplyAdds, bytes: $0.bytes)
        }))
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
