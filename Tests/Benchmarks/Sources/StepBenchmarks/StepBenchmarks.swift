import ArgumentParser
import Foundation
import Networks
import TensorCore

/// What `scripts/bench` measures inside of one process; each command prints JSON, one object a line.
@main struct StepBenchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time steps of networks.",
    subcommands: [TimeCommand.self, ProfileCommand.self, RunCommand.self, MakeCommand.self],
    defaultSubcommand: TimeCommand.self)
}

/// Normally distributed numbers.
func normal(_ shape: Shape) -> Tensor {
  var generator = SeededGenerator(seed: 0)
  return Tensor(shape: shape, layout: .channelsLast) { target in
    for index in target.indices { target[index] = generator.normal() }
  }
}

/// The upper one of two in the middle.
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// The seconds that each of several runs takes.
func times(_ rounds: Int, of run: () -> Void) -> [Double] {
  let clock = ContinuousClock()
  return (0..<rounds).map { _ in clock.measure(run) / .seconds(1) }
}

func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Two operations a multiply-add.
func gigaflops(_ multiplyAdds: Int, in seconds: Double) -> Double {
  seconds > 0 ? 2e-9 * Double(multiplyAdds) / seconds : 0
}

extension RunProfile.Way: ExpressibleByArgument {}
