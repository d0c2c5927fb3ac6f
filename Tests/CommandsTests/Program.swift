import Foundation
import TestSupport

/// The built program, run as a user runs it.
enum Program {
  /// Beside the tests: one build produces both.
  static let path: String = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
    let tests = bundle?.bundleURL ?? URL(filePath: CommandLine.arguments[0])
    return tests.deletingLastPathComponent().appending(path: "fovea").path
  }()

  /// The repository.
  static let package = URL(filePath: #filePath).appending(path: "../../..").standardized.path

  struct Missing: Error, CustomStringConvertible {
    var description: String {
      "the program is not at \(path): build it first, as scripts/test does"
    }
  }

  /// The program took longer than any test expects.
  struct Endless: Error, CustomStringConvertible {
    let description: String
  }

  struct Outcome {
    let status: Int32
    /// Whether it was ended by a signal: a trap or a crash.
    let wasKilled: Bool
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// Whether the address space can be limited: the sanitizers reserve terabytes of it.
  static var canBeBounded: Bool { ProcessInfo.processInfo.environment["FOVEA_SANITIZER"] == nil }

  /// Starts the program; its outputs are written to hidden files in the folder.
  ///
  /// - Parameters:
  ///   - kilobytes: The limit on the address space, as for `ulimit -v`; nil for no limit.
  ///   - environment: In addition to that of the tests.
  static func start(
    _ arguments: [String], in folder: TemporaryFolder, within kilobytes: Int? = nil,
    environment: [String: String] = [:]
  ) throws -> Process {
    guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing() }
    guard let kilobytes, canBeBounded else {
      return try start(path, arguments, in: folder, environment: environment)
    }
    return try start(
      "/bin/sh", ["-c", "ulimit -v \(kilobytes); exec \"$0\" \"$@\"", path] + arguments, in: folder,
      environment: environment)
  }

  /// Starts a shell, in which `$FOVEA` is the program.
  static func start(shell script: String, in folder: TemporaryFolder) throws -> Process {
    guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing() }
    return try start("/bin/sh", ["-c", script], in: folder, environment: ["FOVEA": path])
  }

  private static func start(
    _ program: String, _ arguments: [String], in folder: TemporaryFolder,
    environment: [String: String]
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    // No test keeps anything in the user's folders.
    process.environment = ProcessInfo.processInfo.environment.merging(["FOVEA_CACHE": ""]) { $1 }
      .merging(environment) { $1 }
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.standardInput = FileHandle.nullDevice
    for name in [".output", ".errors"] { try folder.write("", name) }
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: folder["/.output"]))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: folder["/.errors"]))
    // A script's background job ignores it, and so would the program started here.
    signal(SIGINT, SIG_DFL)
    try process.run()
    return process
  }

  /// - Parameter seconds: Far more than it needs, so that only a program that hangs is killed.
  static func run(
    _ arguments: [String], in folder: TemporaryFolder, seconds: Double = 240,
    within kilobytes: Int? = nil,
    environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = try start(
      arguments, in: folder, within: kilobytes, environment: environment)
    return try outcome(of: process, arguments.joined(separator: " "), in: folder, seconds: seconds)
  }

  static func run(shell script: String, in folder: TemporaryFolder) throws -> Outcome {
    try outcome(of: start(shell: script, in: folder), script, in: folder, seconds: 240)
  }

  static let memoryIsKnown = FileManager.default.fileExists(atPath: "/proc/self/status")

  /// The peak memory of a run, in bytes.
  static func peakMemory(_ arguments: [String], in folder: TemporaryFolder) throws -> Int {
    let (outcome, peak) = try measured(arguments, in: folder)
    guard outcome.status == 0 else { throw Endless(description: outcome.errors) }
    return peak
  }

  /// A run, with its peak memory in bytes.
  static func measured(
    _ arguments: [String], in folder: TemporaryFolder
  ) throws -> (outcome: Outcome, peak: Int) {
    let process = try start(arguments, in: folder)
    var peak = 0
    while process.isRunning {
      let status = try? String(
        contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
      if let found = status?.firstMatch(of: /VmHWM:\s+(\d+) kB/), let number = Int(found.output.1) {
        peak = max(peak, number << 10)
      }
      usleep(1000)
    }
    return (try outcome(of: process, arguments.joined(separator: " "), in: folder), peak)
  }

  /// Waits for a program that was started.
  static func outcome(
    of process: Process, _ command: String, in folder: TemporaryFolder, seconds: Double = 240
  ) throws -> Outcome {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while process.isRunning, Date() < deadline { usleep(2000) }
    guard !process.isRunning else {
      kill(process.processIdentifier, SIGKILL)
      throw Endless(description: "fovea \(command) does not end")
    }
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason != .exit,
      output: try folder.text(".output"), errors: try folder.text(".errors"))
  }
}
