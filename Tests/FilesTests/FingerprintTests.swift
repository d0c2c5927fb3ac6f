import Files
import Foundation
import TestSupport
import Testing

@Suite struct `The fingerprint of what was read` {
  @Test func `is that of the file which was opened`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/weights"
      try writeFile(Data("old".utf8), to: path)
      let source = FileBytes(try OpenFile(path))
      try writeFile(Data("new and longer".utf8), to: path)
      #expect(try source.read(0..<3) == Data("old".utf8))
      #expect(try PendingFingerprint(of: source).value() == fingerprint(of: Data("old".utf8)))
    }
  }

  @Test func `is refused for a file that was written to`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/weights"
      try writeFile(Data("old".utf8), to: path)
      let source = FileBytes(try OpenFile(path))
      usleep(20_000)
      try Data("neu".utf8).write(to: URL(filePath: path))
      #expect(
        throws: FileError(.malformed, path, "was written to while it was being read")
      ) { try PendingFingerprint(of: source).value() }
    }
  }

  @Test func `is not waited for to the end if nobody wants it`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/weights"
      try writeFile(Data(), to: path)
      // Hours to read, but nothing on disk.
      truncate(path, 1 << 43)
      let source = FileBytes(try OpenFile(path))
      for _ in 0..<3 { _ = PendingFingerprint(of: source) }
    }
  }

  @Test func `covers files that belong to it, wherever they lie`() throws {
    func print(_ folder: String, _ parts: [String]) throws -> String {
      try makeFolder(folder)
      let source = FileBytes(try open("\(folder)/index", "index"))
      let fingerprint = PendingFingerprint(of: source)
      for (number, part) in parts.enumerated() {
        _ = try open("\(folder)/\(number)", part)
        _ = try source.companion("\(folder)/\(number)")
      }
      return try fingerprint.value()
    }
    func open(_ path: String, _ text: String) throws -> OpenFile {
      try writeFile(Data(text.utf8), to: path)
      return try OpenFile(path)
    }
    try withTemporaryFolder { folder in
      let first = try print("\(folder)/a", ["x", "y"])
      #expect(try print("\(folder)/b", ["x", "y"]) == first)
      #expect(try print("\(folder)/c", ["x", "z"]) != first)
      #expect(try print("\(folder)/d", ["x"]) != first)
      // As printed by `sha256sum index 0 1 | sha256sum`.
      let lines = [("index", "index"), ("0", "x"), ("1", "y")].map { name, text in
        "\(fingerprint(of: Data(text.utf8)))  \(name)\n"
      }
      #expect(first == fingerprint(of: Data(lines.joined().utf8)))
    }
  }
}
