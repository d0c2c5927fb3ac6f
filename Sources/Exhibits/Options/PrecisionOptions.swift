public import ArgumentParser
public import TensorCore

extension Precision: ExpressibleByArgument {}

/// With which numbers a command's networks compute.
public struct PrecisionOptions: ParsableArguments {
  @Option(
    help: """
      How activations, weights and gradients are stored while the network runs: bf16 has 8 instead \
      of 24 significant bits and is almost twice as fast, on processors with AVX-512 BF16; sums and \
      scores keep f32. Captions and records say so.
      """)
  public var precision = Precision.float32

  public init() {}
}
