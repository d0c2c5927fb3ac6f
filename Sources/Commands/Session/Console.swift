import Exhibits
import Files
import Foundation

/// The console: results on standard output, everything else on standard error.
struct Console: Reporter {
  var isQuiet = false

  private static let isTerminal = isatty(STDERR_FILENO) == 1

  static func standardError(_ line: String) {
    StandardStreams.writeError((isTerminal ? eraseLine : "") + printable(line) + "\n")
  }

  /// A line for somebody who watches, not for files and scripts.
  static func hint(_ line: String) {
    if isTerminal { standardError(line) }
  }

  /// Clears a progress bar that may be on the line.
  private static let eraseLine = "\r\u{1B}[K"

  /// A message other than progress; shown even when quiet.
  func warn(_ line: String) {
    Self.standardError("fovea: \(line)")
  }

  /// A step of the work.
  func say(_ line: String) {
    guard !isQuiet else { return }
    Self.standardError(line)
  }

  /// A progress bar on a terminal; elsewhere one line at the end.
  ///
  /// - Parameter detail: Shown after the bar.
  func progress(_ label: String, _ done: Int, of total: Int, detail: String) {
    guard !isQuiet, total > 0 else { return }
    if !Self.isTerminal, done == total { Self.standardError("\(label): \(total)") }
    bar(label, done, of: total, detail: detail)
  }

  /// Shown only on a terminal.
  func bar(_ label: String, _ done: Int, of total: Int, detail: String = "") {
    guard !isQuiet, Self.isTerminal, total > 0 else { return }
    let width = 24
    let filled = min(width, done * width / total)
    let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
    let end = done >= total ? Self.eraseLine : ""
    StandardStreams.writeError(
      "\(Self.eraseLine)\(printable(label)) \(bar) \(done)/\(total) \(detail)\(end)")
  }

  /// What the command was asked for, one per line.
  ///
  /// - Throws: `FileError` if standard output cannot be written to.
  static func results(_ lines: [String]) throws(FileError) {
    try StandardStreams.writeOutput(lines.map { $0 + "\n" }.joined())
  }
}
