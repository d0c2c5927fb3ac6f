import Foundation
import TestSupport
import Testing

/// Ends the program before its n-th call that changes a name on disk, as a kill would.
enum StopPoints {
  /// Built with the tests, beside the program.
  private static let library =
    (Program.path as NSString).deletingLastPathComponent
    + "/libStopPoints.so"

  static var areAvailable: Bool { FileManager.default.fileExists(atPath: library) }

  /// The library before those that a sanitizer has loaded into the tests.
  private static var preloaded: String {
    [library, ProcessInfo.processInfo.environment["LD_PRELOAD"]].compactMap(\.self)
      .joined(separator: ":")
  }

  /// As in `StopPoints.h`.
  private static let status: Int32 = 86

  /// - Returns: What the program was about to do; nil if it ended by itself before that.
  static func stop(
    _ command: [String], at number: Int, in folder: TemporaryFolder
  ) throws -> String? {
    let log = folder["/.stop"]
    defer { try? FileManager.default.removeItem(atPath: log) }
    let outcome = try Program.run(
      command, in: folder,
      environment: ["LD_PRELOAD": preloaded, "STOP_AT": "\(number)", "STOP_LOG": log])
    guard outcome.status == status else {
      try #require(outcome.status == 0 && !outcome.wasKilled, "\(outcome.errors)")
      return nil
    }
    return "stopped before call \(number): \(try folder.text(".stop"))"
  }

  /// Runs the program as on a file system without lock support.
  static func runWithoutLocks(
    _ command: [String], in folder: TemporaryFolder
  ) throws -> Program.Outcome {
    try Program.run(
      command, in: folder, environment: ["LD_PRELOAD": preloaded, "NO_LOCKS": "1"])
  }
}

/// A command that is stopped at each possible point in turn.
struct StoppedCommand {
  let command: [String]
  /// What it writes to: a folder, or a file.
  let output: String
  /// Whether the output is complete at every moment, not only after the next run.
  var isAlwaysWhole = true
  /// Files that differ from run to run.
  var exceptions: Set<String> = []
  /// The command that completes the output after a stop; nil for the same command.
  var again: [String]?

  /// - Parameter prepare: Creates a folder in its state before the command.
  /// - Returns: The number of points at which it was stopped.
  @discardableResult
  func stopEverywhere(_ prepare: () throws -> TemporaryFolder) throws -> Int {
    let whole = try prepare()
    let before = state(whole)
    let names = whole.names()
    try #require(try Program.run(command, in: whole).status == 0)
    let after = state(whole)
    #expect(after != before)

    var number = 1
    // Far more than any of the commands needs.
    let most = 400
    while number < most {
      let folder = try prepare()
      guard let place = try StopPoints.stop(command, at: number, in: folder) else { break }
      if isAlwaysWhole {
        let found = state(folder)
        #expect(found == before || found == after, "\(place): \(found.keys.sorted())")
      }
      let outcome = try Program.run(again ?? command, in: folder)
      #expect(outcome.status == 0, "\(place): \(outcome.errors)")
      #expect(state(folder) == after, "\(place)")
      #expect(Set(folder.names()) == Set(names).union(whole.names()), "\(place)")
      #expect(hiddenNames(folder) == [], "\(place)")
      number += 1
    }
    #expect(number < most)
    #expect(number > 1)
    return number - 1
  }

  private func state(_ folder: TemporaryFolder) -> [String: Data] {
    if let data = try? folder.data(output) { return ["": data] }
    // Hidden files do not belong to the output; none are left at the end.
    return folder.contents(output).filter {
      !exceptions.contains($0.key) && !$0.key.hasPrefix(".fovea-")
    }
  }

  private func hiddenNames(_ folder: TemporaryFolder) -> [String] {
    let files = FileManager.default.enumerator(atPath: folder.path)
    return (files?.compactMap { $0 as? String } ?? []).filter {
      $0.contains(".fovea-") || $0.hasSuffix(".partial")
    }
  }
}
