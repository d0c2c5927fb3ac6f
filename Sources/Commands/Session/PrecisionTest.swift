import Exhibits
import Files
import Foundation
import Kernels
import TensorCore

/// - Throws: `UsageError` if this machine cannot compute with these numbers.
func checkPrecision(_ precision: Precision) throws {
  guard precision == .bfloat16 else { return }
  if let problem = PrecisionTest().problem() {
    throw UsageError("--precision bf16: \(problem); use --precision f32")
  }
}

/// Finds out whether a machine computes with bfloat16: by what the processor announces, and then by
/// trying it in a process of its own, because some machines announce instructions that end the
/// process. A test that was passed is kept for later runs.
struct PrecisionTest {
  /// The only argument of a process that is the test.
  static let argument = "--test-bf16"
  /// The test takes a fraction of a second, more on a busy machine.
  private static let mostSeconds = 60.0

  /// The program that runs the test.
  var program = Bundle.main.executablePath
  var isAnnounced = BFloat16Check.isAnnounced
  var cache = ScanCache.ofUser()?.results

  /// Runs the test in this process, and ends it: with a line on standard error and failure if
  /// something is wrong.
  static func runAndExit() -> Never {
    guard let problem = BFloat16Check.problem() else { exit(EXIT_SUCCESS) }
    Console.standardError(problem)
    exit(EXIT_FAILURE)
  }

  /// Why bfloat16 cannot be used, in one line; nil if it can.
  func problem() -> String? {
    guard isAnnounced else { return "this processor has no bf16 instructions" }
    let key = "bf16 \(BFloat16Check.libraryVersion) \(Release.version) \(Self.processor)"
    // Whatever else is wrong may pass, so failures are tested again.
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
      return "the test of bf16 could not be started (\(error.localizedDescription))"
    }
    let deadline = Date(timeIntervalSinceNow: Self.mostSeconds)
    while process.isRunning, Date() < deadline { usleep(10_000) }
    guard !process.isRunning else {
      kill(process.processIdentifier, SIGKILL)
      return "the test of bf16 did not end within \(Int(Self.mostSeconds)) seconds"
    }
    process.waitUntilExit()
    switch (process.terminationReason, process.terminationStatus) {
    case (.exit, EXIT_SUCCESS): return nil
    case (.uncaughtSignal, SIGILL):
      return "this processor announces bf16 instructions but does not execute them"
    case (.uncaughtSignal, let signal): return "the test of bf16 ended by signal \(signal)"
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
    let facts = text.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { !$0.isEmpty }
      .filter { line in
        names.contains(line.prefix { $0 != ":" }.trimmingCharacters(in: .whitespaces))
      }
    return facts.joined(separator: " ")
  }()
}
