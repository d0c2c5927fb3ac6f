import Files
import Foundation
import TestSupport
import Testing

@Suite struct `A resolved path` {
  @Test func `leads where the system goes, as far as that exists`() throws {
    try withTemporaryFolder { folder in
      try makeFolder("\(folder)/real/deep/x")
      for (link, target) in [
        ("link", "real/deep"), ("absolute", "\(folder)/real"), ("dangling", "real/new/one"),
        ("real/deep/up", ".."), ("circle", "circle"),
      ] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(folder)/\(link)", withDestinationPath: target)
      }
      let root = resolvedPath(folder)
      for (path, expected) in [
        ("link/../g", "real/g"), ("link/x/..", "real/deep"), ("link//x/./", "real/deep/x"),
        ("absolute/deep/new", "real/deep/new"), ("dangling", "real/new/one"),
        ("dangling/../two", "real/new/two"), ("none/../g", "g"), ("link/up/g", "real/g"),
        ("circle", "circle"), ("~/g", "~/g"),
      ] {
        #expect(resolvedPath("\(folder)/\(path)") == "\(root)/\(expected)")
      }
    }
  }

  @Test func `starts at the root or at home`() {
    for path in ["/", "//", "/..", "/./"] { #expect(resolvedPath(path) == "/") }
    let home = resolvedPath(".")
    #expect(home == resolvedPath(FileManager.default.currentDirectoryPath))
    #expect(resolvedPath("no such/~/g") == "\(home)/no such/~/g")
    #expect(resolvedPath("~/g") == "\(home)/~/g")
    #expect(resolvedPath("") == home)
  }

  @Test func `a slash with an accent separates nothing less`() {
    #expect(resolvedPath("/a/\u{301}b") == "/a/\u{301}b")
    #expect(resolvedPath("/a/\u{301}b/..") == "/a")
  }

  @Test(.slow) func `a path of any length has one`() {
    let path = String(repeating: "/a", count: 50_000)
    #expect(resolvedPath(path) == path)
    #expect(resolvedPath(path + String(repeating: "/..", count: 50_000)) == "/")
  }
}
