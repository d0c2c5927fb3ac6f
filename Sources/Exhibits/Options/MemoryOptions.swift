public import ArgumentParser
public import Files

/// How much memory a command may use.
public struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Maximum memory to use, such as 800M or 4G; by default half of what is available.",
      valueName: "size"))
  public var memory: MemoryBudget?

  public init() {}

  package var budget: MemoryBudget { memory ?? .ofMachine() }

  /// What every error about memory ends with.
  package static let advice = "--memory allows more"
}
