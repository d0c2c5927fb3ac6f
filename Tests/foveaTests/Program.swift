import Foundation

/// The built program, run as a user runs it.
enum Program {
  /// Beside the tests: one build makes both.
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

  /// The program took longer than any test asks for.
  struct Endless: Error, CustomStringConvertible {
    let description: String
  }

  struct Outcome {
    let status: Int32
    /// By a signal: a trap or a crash.
    let wasKilled: Bool
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// Whether the address space can be bounded: the sanitizers reserve terabytes of it.
  static var canBeBounded: Bool { ProcessInfo.processInfo.environment["FOVEA_SANITIZER"] == nil }

  /// Starts the program; its outputs go to hidden files in the folder.
  ///
  /// - Parameter kilobytes: Of address space, as `ulimit -v` has them; nil for no bound.
  static func start(
    _ arguments: [String], in folder: Scratch, within kilobytes: Int? = nil
  ) throws -> Process {
    guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing() }
    let process = Process()
    if let kilobytes, canBeBounded {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", "ulimit -v \(kilobytes); exec \"$0\" \"$@\"", path] + arguments
    } else {
      process.executableURL = URL(filePath: path)
      process.arguments = arguments
    }
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.standardInput = FileHandle.nullDevice
    for name in [".output", ".errors"] { try folder.write("", name) }
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: folder["/.output"]))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: folder["/.errors"]))
    try process.run()
    return process
  }

  /// - Parameter seconds: Far more than it takes, so that only a program that hangs is ended.
  static func run(
    _ arguments: [String], in folder: Scratch, seconds: Double = 240, within kilobytes: Int? = nil
  ) throws -> Outcome {
    let process = try start(arguments, in: folder, within: kilobytes)
    let deadline = Date(timeIntervalSinceNow: seconds)
    while process.isRunning, Date() < deadline { usleep(2000) }
    guard !process.isRunning else {
      kill(process.processIdentifier, SIGKILL)
      throw Endless(description: "fovea \(arguments.joined(separator: " ")) does not end")
    }
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason != .exit,
      output: try folder.text(".output"), errors: try folder.text(".errors"))
  }
}
