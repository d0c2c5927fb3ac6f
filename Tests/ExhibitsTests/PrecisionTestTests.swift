import Exhibits
import Files
import Foundation
import TestSupport
import Testing

@Suite struct `The test of bfloat16` {
  /// A program that a shell runs, and the cache beside it.
  private func problem(
    _ script: String, isAnnounced: Bool = true, mostSeconds: Double = 60, runs: Int = 1
  ) throws -> (problem: String?, runs: Int) {
    let folder = try TemporaryFolder()
    let program = folder["/program"]
    try writeFile(
      Data("#!/bin/sh\necho \"$1\" >> '\(folder["/runs"])'\n\(script)\n".utf8), to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let cache = ResultCache(folder["/cache"])
    var problem: String?
    for _ in 0..<runs {
      problem = PrecisionTest(
        isAnnounced: isAnnounced, library: "0", program: program, cache: cache,
        mostSeconds: mostSeconds
      ).problem()
    }
    let log = (try? String(contentsOfFile: folder["/runs"], encoding: .utf8)) ?? ""
    let lines = log.split(separator: "\n")
    #expect(lines.allSatisfy { $0 == PrecisionTest.argument })
    return (problem, lines.count)
  }

  @Test func `runs once if it is passed`() throws {
    #expect(try problem("exit 0", runs: 3) == (nil, 1))
  }

  @Test func `runs again after a failure`() throws {
    #expect(
      try problem("echo a convolution gave wrong numbers >&2; exit 1", runs: 2)
        == ("the test of bf16 failed: a convolution gave wrong numbers", 2))
    #expect(try problem("exit 1").problem == "the test of bf16 failed")
  }

  @Test func `says how a process ended`() throws {
    #expect(
      try problem("kill -ILL $$").problem
        == "this processor announces bf16 instructions but does not execute them")
    #expect(try problem("kill -SEGV $$").problem == "the test of bf16 ended with signal 11")
    #expect(
      try problem("exec sleep 30", mostSeconds: 0.2).problem
        == "the test of bf16 did not end within 0 seconds")
  }

  @Test func `does not run if nothing is announced`() throws {
    #expect(
      try problem("exit 0", isAnnounced: false) == ("this processor has no bf16 instructions", 0))
  }

  @Test func `is not passed if there is no program`() throws {
    let folder = try TemporaryFolder()
    let none = PrecisionTest(
      isAnnounced: true, library: "0", program: folder["/absent"], cache: nil)
    #expect(none.problem() == "the test of bf16 could not be started")
    #expect(
      PrecisionTest(isAnnounced: true, library: "0", program: nil, cache: nil).problem()
        == "the program's own file was not found, so bf16 is untested")
  }
}
