public import ArgumentParser

/// Whether a pass over pictures may be replaced by what an earlier run found.
///
/// Not recorded with figures: it decides how their numbers are found, not which they are, up
/// to rounding: the layers that a pass keeps decide what is computed in one kernel.
public struct CacheOptions: ParsableArguments {
  @Flag(
    help: """
      Look through the pictures again, even if an earlier run found the strongest activations or \
      the features in them, and keep nothing for later runs.
      """)
  public var noCache = false

  public init() {}
}
