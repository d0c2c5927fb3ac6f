/// What a studio reports to.
public protocol Reporter: Sendable {
  /// Says what a user must know: what was left out, and why.
  func warn(_ line: String)
  /// Says what may be of interest.
  func say(_ line: String)
  /// Shows how much of a task is done.
  func progress(_ label: String, _ done: Int, of total: Int, detail: String)
}

extension Reporter {
  func progress(_ label: String, _ done: Int, of total: Int) {
    progress(label, done, of: total, detail: "")
  }
}

/// Says nothing.
public struct SilentReporter: Reporter {
  public init() {}
  public func warn(_ line: String) {}
  public func say(_ line: String) {}
  public func progress(_ label: String, _ done: Int, of total: Int, detail: String) {}
}
