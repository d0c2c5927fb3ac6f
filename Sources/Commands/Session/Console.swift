import Exhibits
import Files
import Foundation

/// Where people read: results on standard output, everything else on standard error.
struct Console: Reporter {
  var isQuiet = false

  private static let isTerminal = isatty(STDERR_FILENO) == 1

  static func standardError(_ line: String) {
    StandardStreams.writeError((isTerminal ? eraseLine : "") + printable(line) + "\n")
  }

  /// On a terminal, a bar may stand where a line is to be written.
  private static let eraseLine = "\r\u{1B}[K"

  /// A message that is no progress; shown even when quiet.
  func warn(_ line: String) {
    Self.standardError("fovea: \(line)")
  }

  /// A step of the work.
  func say(_ line: String) {
    guard !isQuiet else { return }
    Self.standardError(line)
  }

  /// A bar on a terminal; elsewhere one line when all is done.
  ///
  /// - Parameter detail: Shown behind the bar.
  func progress(_ label: String, _ done: Int, of total: Int, detail: String) {
    guard !isQuiet, total > 0 else { return }
    if !Self.isTerminal, done == total { Self.standardError("\(label): \(total)") }
    bar(label, done, of: total, detail: detail)
  }

  /// Nothing but on a terminal.
  func bar(_ label: String, _ done: Int, of total: Int, detail: String = "") {
    guard !isQuiet, Self.isTerminal, total > 0 else { return }
    let width = 24
    let filled = min(width, done * width / total)
    let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
    let end = done >= total ? Self.eraseLine : ""
    StandardStreams.writeError(
      "\(Self.eraseLine)\(printable(label)) \(bar) \(done)/\(total) \(detail)\(end)")
  }

  /// What the command was asked for, one a line.
  ///
  /// - Throws: `FileError` if standard output cannot be written to.
  static func results(_ lines: [String]) throws(FileError) {
    try StandardStreams.writeOutput(lines.map { $0 + "\n" }.joined())
  }
}
