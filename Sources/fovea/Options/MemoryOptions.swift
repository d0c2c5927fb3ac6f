import ArgumentParser
import Files

/// How much memory a command may use.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most memory to use, such as 800M or 4G; half of what there is by default.",
      valueName: "size"))
  var memory: MemoryBudget?

  var budget: MemoryBudget { memory ?? .ofMachine() }

  /// What every error about memory ends with.
  static let advice = "--memory allows more"
}
