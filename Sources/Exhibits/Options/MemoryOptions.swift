public import ArgumentParser
public import Files

/// How much memory a command may use.
public struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Maximum memory to use, such as 800M or 4G; by default half of what is available. This \
      includes the program itself (43M), the weights and their copies in the order that the \
      processor prefers, the pictures, and the largest run with its temporary memory; figures are \
      drawn in another 32M, or more with a high --dpi. Batches become smaller before a command is \
      refused.
      """,
      valueName: "size"))
  public var memory: MemoryBudget?

  public init() {}

  /// The program before it reads anything: its libraries' pages and its threads.
  private static let programBytes = 43 << 20

  package var budget: MemoryBudget {
    memory?.includingProgram(of: Self.programBytes) ?? .ofMachine()
  }

  /// What every error about memory ends with.
  package static let advice = "--memory allows more"
}
