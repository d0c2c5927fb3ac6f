import ArgumentParser
import Networks
import TensorCore

/// Runs one size of a network in a process of its own, so that its memory can be told.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Time a network on pictures of one size, in one batch.")

  @Argument(help: "An architecture's name.") var network: String
  @Option(help: "Number of pictures.") var batch = 1
  @Option(help: "Height and width of the pictures.") var side: Int?
  @Option(help: "forward, input-gradient or training.") var way = RunProfile.Way.forward
  @Option(help: "Number of rounds, of which the median is printed.") var rounds = 5

  private struct Result: Encodable {
    let seconds: Double
    let gflops: Double
  }

  func validate() throws {
    for (name, value) in [("--batch", batch), ("--side", side ?? 1), ("--rounds", rounds)]
    where value < 1 {
      throw ValidationError("\(name): expected 1 or more, found \(value)")
    }
    guard Architecture(rawValue: network) != nil else {
      throw ValidationError("expected an architecture's name, found '\(network)'")
    }
  }

  func run() throws {
    let network = try named(network, side: side)
    let images = normal(Shape([batch] + network.graph.inputShape.extents))
    let profile = network.profile(images, way, rounds: rounds)
    let seconds = profile.seconds.forward + profile.seconds.back
    try printJSON(Result(seconds: seconds, gflops: gigaflops(profile.multiplyAdds, in: seconds)))
  }
}
