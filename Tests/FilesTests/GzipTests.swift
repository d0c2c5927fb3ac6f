import Files
import Foundation
import TestSupport
import Testing

/// "hello hello hello hello\n", compressed by Python's gzip.compress(…, mtime=0).
private let hello = Data(base64Encoded: "H4sIAAAAAAACA8tIzcnJV8hAJ7kAAIhZCxgAAAA=") ?? Data()
private let text = Data("hello hello hello hello\n".utf8)

@Suite struct `Gzip files` {
  @Test func `the content comes back`() throws {
    #expect(try gunzip(hello, file: "h.gz") == text)
    #expect(isGzip(hello) && !isGzip(Data([1, 2])) && !isGzip(Data()) && !isGzip(Data([0x1F])))
  }

  @Test func `a part of other data is read as well as a whole`() throws {
    let inside = (Data([9, 9, 9]) + hello).dropFirst(3)
    #expect(isGzip(inside))
    #expect(try gunzip(inside, file: "h.gz") == text)
  }

  @Test func `what is not packed comes as it is`() throws {
    for data in [Data(), Data([0x1F]), Data("plain text".utf8)] {
      #expect(try gunzip(data, file: "h.gz") == data)
    }
  }

  @Test func `members follow each other, and zeros fill the end`() throws {
    #expect(try gunzip(hello + hello + Data(count: 100), file: "h.gz") == text + text)
    // Memory for the second member is only allocated when it is reached.
    let large = Data((0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) })
    #expect(try gunzip(storedGzip(large) + hello, file: "h.gz") == large + text)
  }

  @Test(arguments: [0, 1, 4_095, 4_096, 4_097, 65_535, 65_536, 1_000_000])
  func `content of any size is whole`(size: Int) throws {
    let content = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })
    let packed = storedGzip(content)
    #expect(try gunzip(packed, file: "c.gz") == content)
  }

  @Test func `a file cut short anywhere is an error`() {
    // The first two bytes identify a gzip file.
    for count in 2..<hello.count {
      #expect(
        throws: FileError(
          .malformed, "h.gz",
          "expected a complete gzip file, found: \(count) bytes that end too early")
      ) { try gunzip(hello.prefix(count), file: "h.gz") }
    }
  }

  @Test func `damage is an error that gives zlib's reason`() {
    var damaged = hello
    damaged[damaged.count - 6] ^= 1
    #expect(
      errorText { try gunzip(damaged, file: "h.gz") }
        == "h.gz: expected a complete gzip file, found: incorrect data check")
    #expect(
      errorText { try gunzip(Data([0x1F, 0x8B]) + Data("plain text".utf8), file: "h.gz") }
        == "h.gz: expected a complete gzip file, found: unknown compression method")
    damaged = hello
    damaged[damaged.count - 1] ^= 1
    #expect(
      errorText { try gunzip(damaged, file: "h.gz") }
        == "h.gz: expected a complete gzip file, found: incorrect length check")
  }

  @Test(arguments: [1 as UInt64, 2])
  func `flipped bytes give an error or content, never a trap`(seed: UInt64) {
    var changes = Mutations(seed: seed)
    var reads = DamagedReads()
    for _ in 0..<1000 {
      reads.attempt { try gunzip(changes.changed(hello), file: "h.gz") }
    }
    reads.expectBoth()
  }
}
