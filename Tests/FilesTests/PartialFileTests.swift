import Files
import Foundation
import TestSupport
import Testing

@Suite struct `What killed writers leave` {
  @Test func `is removed where it is Fovea's and nobody writes it`() throws {
    try withTemporaryFolder { folder in
      let ours = [".a.txt.fovea-0123abcd.partial", ".b.fovea-00000000.partial"]
      let others = [
        "a.txt", ".a.txt.partial", ".a.txt.fovea-0123abcg.partial", "a.fovea-0123abcd.partial",
        ".a.fovea-new",
      ]
      for name in ours + others { try writeFile(Data([1]), to: "\(folder)/\(name)") }
      removePartialFiles(in: folder, of: "a.txt")
      #expect(try allNames(folder) == (others + [ours[1]]).sorted())

      let used = try FileLock("\(folder)/\(ours[1])", waits: false)
      removePartialFiles(in: folder)
      #expect(try allNames(folder) == (others + [ours[1]]).sorted())
      withExtendedLifetime(used) {}
    }
  }

  @Test func `a name of any length can be written`() throws {
    try withTemporaryFolder { folder in
      for name in [String(repeating: "x", count: 255), String(repeating: "ü", count: 127)] {
        try writeFile(Data([1]), to: "\(folder)/\(name)")
        #expect(try readFile("\(folder)/\(name)") == Data([1]))
      }
    }
  }
}

@Suite struct `The lock of an output` {
  @Test(.slow, arguments: [false, true]) func `is for one, or for several that share`(exists: Bool)
    throws
  {
    try withTemporaryFolder { folder in
      let output = "\(folder)/out"
      if exists { try makeFolder(output) }
      let alone = try OutputLock(output, .alone)
      let busy = FileError(
        .unwritable, output,
        "another run (process \(getpid())) is writing here; wait for it, or use another --output")
      #expect(throws: busy) { try OutputLock(output, .alone) }
      #expect(throws: busy) { try OutputLock(output, .shared) }
      alone.release()

      let shared = [try OutputLock(output, .shared), try OutputLock(output, .shared)]
      #expect(throws: FileError.self) { try OutputLock(output, .alone) }
      shared[0].release()
      #expect(throws: FileError.self) { try OutputLock(output, .alone) }
      shared[1].release()
      try OutputLock(output, .alone).release()
      #expect(try allNames(folder) == (exists ? ["out"] : []))
    }
  }

  @Test(.slow) func `is the same however the output is written`() throws {
    try withTemporaryFolder { folder in
      try makeFolder("\(folder)/real/out")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "\(folder)/real")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/dangling", withDestinationPath: "real/later")
      for (first, second) in [
        ("real/out", "link/out"), ("real/out/", "real/../real/./out"), ("link/new/a", "real/new/a"),
        ("link/out/../b", "real/b"), ("link/out/../out", "real/out"), ("dangling", "real/later"),
      ] {
        let lock = try OutputLock("\(folder)/\(first)", .alone)
        #expect(throws: FileError.self) { try OutputLock("\(folder)/\(second)", .alone) }
        lock.release()
      }
      #expect(try allNames("\(folder)/real") == ["out"])
    }
  }

  @Test func `makes folders and removes those that stay empty`() throws {
    try withTemporaryFolder { folder in
      var lock = try OutputLock("\(folder)/a/b/c", .alone)
      lock.release()
      #expect(try allNames(folder) == [])
      lock = try OutputLock("\(folder)/a/b/c", .alone)
      try writeFile(Data(), to: "\(folder)/a/d")
      lock.release()
      #expect(try allNames("\(folder)/a") == ["d"])
    }
  }

  @Test func `a lock that was left is none`() throws {
    try withTemporaryFolder { folder in
      try writeFile(Data("4711\n".utf8), to: "\(folder)/.out.fovea-lock")
      try OutputLock("\(folder)/out", .shared).release()
      #expect(try allNames(folder) == [])
    }
  }

  @Test func `an output whose lock cannot be told is refused`() throws {
    try withTemporaryFolder { folder in
      let lock = ".out.fovea-lock"
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/\(lock)", withDestinationPath: lock)
      #expect(
        throws: FileError(
          .unwritable, "\(folder)/out",
          "cannot be locked: \(String(cString: strerror(ELOOP)))")
      ) { try OutputLock("\(folder)/out", .alone) }
    }
  }

  @Test(.slow) func `a name of any length can be locked`() throws {
    try withTemporaryFolder { folder in
      let output = "\(folder)/\(String(repeating: "x", count: 255))"
      let lock = try OutputLock(output, .alone)
      #expect(throws: FileError.self) { try OutputLock(output, .shared) }
      lock.release()
      #expect(try allNames(folder) == [])
    }
  }

  @Test func `where no lock can be made the writer finds out`() throws {
    try withTemporaryFolder { folder in
      try writeFile(Data([1]), to: "\(folder)/file")
      try OutputLock("\(folder)/file/out", .alone).release()
      #expect(try allNames(folder) == ["file"])
    }
  }
}
