import Files
import Foundation
import TestSupport
import Testing

import Galleries

@Suite struct `Putting a gallery in place file by file` {
  /// A gallery with figures a and b beside a user's notes, and a prepared folder that replaces a,
  /// adds c and removes b.
  private func prepared() throws -> (TemporaryFolder, staging: String) {
    let folder = try TemporaryFolder()
    for (name, text) in [("a", "old"), ("b", "old"), ("gallery.json", "old"), ("notes", "mine")] {
      try folder.write(text, "out/\(name)")
    }
    for name in ["a", "c", "gallery.json"] { try folder.write("new", ".out.fovea-new/\(name)") }
    let journal = """
      {"files": ["a", "c", "gallery.json"], "obsolete": ["b"]}
      """
    try folder.write(journal, ".out.fovea-new/.fovea-commit")
    return (folder, "\(folder.path)/.out.fovea-new")
  }

  private let result = ["a": "new", "c": "new", "gallery.json": "new", "notes": "mine"]

  private func texts(_ folder: TemporaryFolder) throws -> [String: String] {
    try folder.files("out").mapValues { String(decoding: $0, as: UTF8.self) }
  }

  /// Moves as many files as a run had moved when it was killed.
  private func begin(_ steps: Int, in folder: TemporaryFolder, _ staging: String) throws {
    let out = "\(folder.path)/out"
    let aside = "\(staging)/.fovea-earlier"
    let moves = [
      ("\(out)/b", "\(aside)/b"), ("\(out)/a", "\(aside)/a"), ("\(staging)/a", "\(out)/a"),
      ("\(staging)/c", "\(out)/c"), ("\(out)/gallery.json", "\(aside)/gallery.json"),
      ("\(staging)/gallery.json", "\(out)/gallery.json"),
    ]
    if steps > 0 { try makeFolder(aside) }
    for (from, to) in moves.prefix(max(steps - 1, 0)) {
      try FileManager.default.moveItem(atPath: from, toPath: to)
    }
  }

  @Test(arguments: 0...7) func `is completed from any step on`(steps: Int) throws {
    let (folder, staging) = try prepared()
    try begin(steps, in: folder, staging)
    try recover("\(folder.path)/out", called: "g")
    #expect(try texts(folder) == result)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
  }

  @Test func `leaves a folder that is in use`() throws {
    let (folder, staging) = try prepared()
    let used = try FileLock(staging, waits: false)
    try recover("\(folder.path)/out", called: "g")
    #expect(try texts(folder)["a"] == "old")
    withExtendedLifetime(used) {}
  }

  @Test func `fails as a whole`() throws {
    let (folder, staging) = try prepared()
    try makeFolder("\(folder.path)/out/c/inside")
    // A folder is where a file is to be written; it is moved aside with its contents, and comes
    // back.
    try FileManager.default.removeItem(atPath: "\(staging)/gallery.json")
    try makeFolder("\(staging)/gallery.json")
    try folder.write("in the way", ".out.fovea-new/.fovea-earlier/gallery.json/x")
    let installation = try #require(Installation(begunIn: staging))
    #expect(throws: FileError.self) {
      try installation.apply(from: staging, to: "\(folder.path)/out", called: "g")
    }
    #expect(try texts(folder) == ["a": "old", "b": "old", "gallery.json": "old", "notes": "mine"])
  }

  @Test(arguments: 0...5) func `loses nothing where it cannot be completed yet`(steps: Int) throws {
    let (folder, staging) = try prepared()
    try begin(steps, in: folder, staging)
    try folder.write("in the way", ".out.fovea-new/.fovea-earlier/gallery.json/x")
    let before = try folder.files()
    for _ in 0..<2 {
      #expect(throws: FileError(.unwritable, "g/gallery.json", "cannot be written: Is a directory"))
      { try recover("\(folder.path)/out", called: "g") }
      #expect(try folder.files() == before)
    }
    try FileManager.default.removeItem(atPath: "\(staging)/.fovea-earlier/gallery.json")
    try recover("\(folder.path)/out", called: "g")
    #expect(try texts(folder) == result)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
  }

  @Test(arguments: [false, true])
  func `ends where somebody has removed the gallery`(canBeResumed: Bool) throws {
    let (folder, staging) = try prepared()
    try begin(4, in: folder, staging)
    if canBeResumed { try folder.write("key", ".out.fovea-new/.fovea-key") }
    try FileManager.default.removeItem(atPath: "\(folder.path)/out")
    try recover("\(folder.path)/out", called: "g")
    #expect(
      try folder.fileNames()
        == (canBeResumed
          ? [".fovea-key", "c", "gallery.json"].map { ".out.fovea-new/\($0)" } : []))
  }

  @Test func `removes only what can be its own`() throws {
    let folder = try TemporaryFolder()
    let names = [
      ".out.fovea-new", ".out.fovea-adding-0123ABCD", ".out.fovea-x.fovea-new", ".other.fovea-new",
      ".out.fovea-notes",
    ]
    for name in names { try folder.write("x", "\(name)/file") }
    try recover("\(folder.path)/out", called: "g")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == [".other.fovea-new", ".out.fovea-notes", ".out.fovea-x.fovea-new"])
  }
}
