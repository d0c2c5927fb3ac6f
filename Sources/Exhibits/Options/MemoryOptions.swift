public import ArgumentParser
public import Files

/// How much memory a command may use.
public struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most memory to use, such as 800M or 4G; half of what there is by default.",
      valueName: "size"))
  public var memory: MemoryBudget?

  public init() {}

  package var budget: MemoryBudget { memory ?? .ofMachine() }

  /// What every error about memory ends with.
  package static let advice = "--memory allows more"
}
