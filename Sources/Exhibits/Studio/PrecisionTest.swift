package import Files
package import Foundation

/// Finds out whether this machine computes with bfloat16: by what the processor announces, and then
/// by trying it in a process of its own, because some machines announce instructions that end the
/// process.
///
/// A test that was passed is kept for this processor, library and version. Whatever made one fail
/// may pass, so failures are tested again; a test takes a fraction of a second.
package struct PrecisionTest {
  /// The only argument of a process that is the test.
  package static let argument = "--test-bf16"

  /// Whether the processor announces the instructions.
  private let isAnnounced: Bool
  /// The version of the library that uses them.
  private let library: String
  private let program: String?
  private let cache: ResultCache?
  private let mostSeconds: Double

  /// - Parameters:
  ///   - program: Ends with status 0 if it is run with the argument and passes the test, otherwise
  ///     with a line on standard error that says why not.
  ///   - mostSeconds: How long it may take; more than enough on a busy machine.
  package init(
    isAnnounced: Bool, library: String, program: String? = Bundle.main.executablePath,
    cache: ResultCache? = ScanCache.ofUser()?.results, mostSeconds: Double = 60
  ) {
    (self.isAnnounced, self.library) = (isAnnounced, library)
    (self.program, self.cache, self.mostSeconds) = (program, cache, mostSeconds)
  }

  /// Why bfloat16 cannot be used, in one line; nil if it can.
  package func problem() -> String? {
    guard isAnnounced else { return "this processor has no bf16 instructions" }
    let key = "bf16 \(Release.name) \(Release.version) oneDNN \(library) \(Self.processor)"
    if cache?.result(of: key) != nil { return nil }
    if let problem = runInOwnProcess() { return problem }
    cache?.keep(Data("passed\n".utf8), of: key)
    return nil
  }

  private func runInOwnProcess() -> String? {
    guard let program else { return "the program's own file was not found, so bf16 is untested" }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = [Self.argument]
    let errors = Pipe()
    (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, FileHandle.nullDevice)
    process.standardError = errors
    do {
      try process.run()
    } catch {
      return "the test of bf16 could not be started"
    }
    let deadline = Date(timeIntervalSinceNow: mostSeconds)
    while process.isRunning, Date() < deadline { usleep(5_000) }
    guard !process.isRunning else {
      kill(process.processIdentifier, SIGKILL)
      return "the test of bf16 did not end within \(Int(mostSeconds)) seconds"
    }
    process.waitUntilExit()
    switch (process.terminationReason, process.terminationStatus) {
    case (.exit, EXIT_SUCCESS): return nil
    case (.uncaughtSignal, SIGILL):
      return "this processor announces bf16 instructions but does not execute them"
    case (.uncaughtSignal, let signal): return "the test of bf16 ended with signal \(signal)"
    default:
      let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
      let line = text.split(separator: "\n").first.map { ": \($0)" } ?? ""
      return "the test of bf16 failed\(printable(line))"
    }
  }

  /// What tells this kind of processor from others.
  private static let processor: String = {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return "unknown"
    }
    let names: Set = [
      "vendor_id", "cpu family", "model", "model name", "stepping", "microcode", "flags",
    ]
    // The first processor's lines; the others are the same.
    let facts = text.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { !$0.isEmpty }
      .filter { line in
        names.contains(line.prefix { $0 != ":" }.trimmingCharacters(in: .whitespaces))
      }
    return facts.joined(separator: " ")
  }()
}
