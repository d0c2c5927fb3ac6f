public import Testing

/// Counts what a reader makes of damaged files, which it must refuse or read, but never trap.
public struct DamagedReads {
  private var read = 0
  private var refused = 0

  public init() {}

  /// Reads a damaged file; a refusal must be a single line.
  public mutating func attempt(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> some Any
  ) {
    guard let text = errorText(of: body) else {
      read += 1
      return
    }
    refused += 1
    if text.contains(where: \.isNewline) {
      Issue.record("a refusal of several lines: \(text)", sourceLocation: sourceLocation)
    }
  }

  /// Expects both outcomes: damage that is never noticed, or always at once, shows nothing.
  public func expectBoth(sourceLocation: SourceLocation = #_sourceLocation) {
    if read == 0 || refused == 0 {
      Issue.record(
        "\(read) damaged files were read and \(refused) refused", sourceLocation: sourceLocation)
    }
  }
}
