import Files
import Foundation
import TestSupport
import Testing

/// Written by Python 3.11's zipfile: `a.txt` stored, `b/c.txt` deflated, `big.txt` with zip64
/// fields.
private let archive =
  Data(
    base64Encoded: """
      UEsDBBQAAAAAAAAAISgL+UNWBgAAAAYAAAAFAAAAYS50eHRzdG9yZWRQSwMEFAAAAAgAAAAhKAfWb5AOAAAAtAAA\
      AAcAAABiL2MudHh0S0lNy0ksSU1RSBk6DABQSwMELQAAAAAAAAAhKGq6N8///////////wcAFABiaWcudHh0AQAQ\
      AAUAAAAAAAAABQAAAAAAAAB6aXA2NFBLAQIUAxQAAAAAAAAAISgL+UNWBgAAAAYAAAAFAAAAAAAAAAAAAACAAQAA\
      AABhLnR4dFBLAQIUAxQAAAAIAAAAISgH1m+QDgAAALQAAAAHAAAAAAAAAAAAAACAASkAAABiL2MudHh0UEsBAi0D\
      LQAAAAAAAAAhKGq6N88FAAAABQAAAAcAAAAAAAAAAAAAAIABXAAAAGJpZy50eHRQSwUGAAAAAAMAAwCdAAAAmgAA\
      AAAA
      """) ?? Data()

@Suite struct `Zip archives` {
  @Test func `stored, deflated and zip64 files come back`() throws {
    let zip = try ZipArchive(archive, file: "x.npz")
    #expect(ZipArchive.isZip(archive))
    #expect(zip.names == ["a.txt", "b/c.txt", "big.txt"])
    #expect(try zip.contents(of: "a.txt") == Data("stored".utf8))
    #expect(
      try zip.contents(of: "b/c.txt") == Data(String(repeating: "deflated ", count: 20).utf8))
    #expect(try zip.contents(of: "big.txt") == Data("zip64".utf8))
  }

  @Test func `a file that is absent or larger than asked for is an error`() throws {
    let zip = try ZipArchive(archive, file: "x.npz")
    #expect(
      throws: FileError(.malformed, "x.npz/d.txt", "no such file in the archive")
    ) { try zip.contents(of: "d.txt") }
    #expect(
      throws: FileError(.malformed, "x.npz/b/c.txt", "expected at most 100 bytes, found 180")
    ) { try zip.contents(of: "b/c.txt", limit: 100) }
  }

  @Test func `an empty archive has no files, and a comment may stand at its end`() throws {
    #expect(try ZipArchive(SyntheticZip([]).data, file: "x.zip").names == [])
    var zip = SyntheticZip([.init("a", Data([1, 2]))])
    zip.comment = Data(repeating: 0x50, count: 65_535)
    let read = try ZipArchive(zip.data, file: "x.zip")
    #expect(try read.contents(of: "a") == Data([1, 2]))
  }

  @Test func `an archive cut short anywhere is an error`() {
    for count in 0..<archive.count {
      #expect(
        throws: FileError(
          .malformed, "x.npz",
          "expected a zip archive, found no directory at the end of \(count) bytes")
      ) { try ZipArchive(archive.prefix(count), file: "x.npz") }
    }
  }

  @Test func `content cut out of the middle is an error`() throws {
    // The directory is found from the end, so everything it points to has moved.
    let cut = archive.prefix(20) + archive.dropFirst(30)
    #expect(
      errorText { try ZipArchive(cut, file: "x.npz") }
        == "x.npz: expected 3 files in the archive's directory, found a damaged entry after 0")
  }

  @Test func `a changed byte of the content is an error`() throws {
    var damaged = archive
    let place = try #require(damaged.firstRange(of: Data("stored".utf8)))
    damaged[place.lowerBound] = 0x53
    let zip = try ZipArchive(damaged, file: "x.npz")
    let found = String(crc32(of: Data("Stored".utf8)), radix: 16)
    #expect(
      errorText { try zip.contents(of: "a.txt") }
        == "x.npz/a.txt: expected content with the checksum 5643f90b, found \(found)")
  }

  @Test func `sizes that lie are an error before memory is taken for them`() throws {
    let content = Data("four".utf8)
    var entry = SyntheticZip.Entry("a", content)
    entry.claimedSize = 0xFFFF_FFF0
    #expect(text(entry) == "x.zip/a: expected 4294967280 bytes, found 4")
    entry.claimedCompressedSize = 0xFFFF_FFF0
    // What follows the content: the directory's single entry of 47 bytes and the end record of 22.
    #expect(text(entry) == "x.zip/a: expected 4294967280 bytes, found 73")
    entry = .init("a", content)
    entry.claimedSize = 3
    #expect(text(entry) == "x.zip/a: expected 3 bytes, found 4")
    entry = .init("a", content)
    entry.claimedHeader = 1 << 31
    #expect(text(entry) == "x.zip/a: expected a header at byte 2147483648, found none")
    entry = .init("a", content)
    entry.method = 12
    #expect(text(entry) == "x.zip/a: expected stored or deflated content, found method 12")
    entry = .init("a", content)
    entry.flags = 1
    #expect(text(entry) == "x.zip/a: expected plain content, found encryption")
    // A deflated file of 14 bytes that decompresses to 180, although the directory says 20.
    entry = .init("a", archive[78..<92])
    entry.method = 8
    entry.claimedSize = 20
    #expect(
      text(entry) == "x.zip/a: expected complete content, found: more than 20 bytes of content")
  }

  @Test func `a directory cannot be made to be the whole file`() throws {
    try withTemporaryFolder { folder in
      // 60,000 files, whose list begins at 0.
      let end = Data(
        [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 0, 0, 0x60, 0xEA] + [UInt8](repeating: 0, count: 10))
      let path = folder + "/x.zip"
      try writeFile(end, to: path)
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.truncate(atOffset: 0)
      try file.truncate(atOffset: 100 << 20)
      try file.seekToEnd()
      try file.write(contentsOf: end)
      try file.close()
      #expect(
        errorText { try ZipArchive(FileBytes(OpenFile(path))) }
          == "\(path): expected a directory of at most 64 MiB, found one of 100 MiB")
    }
  }

  @Test func `a directory that lies is an error`() {
    var zip = SyntheticZip([.init("a", Data([1]))])
    zip.claimedCount = 9
    #expect(
      errorText { try ZipArchive(zip.data, file: "x.zip") }
        == "x.zip: expected 9 files in the archive's directory, found a damaged entry after 1")
    zip.claimedCount = nil
    zip.claimedDirectory = 0x7FFF_FFFF
    #expect(
      errorText { try ZipArchive(zip.data, file: "x.zip") }
        == "x.zip: expected 1 files in the archive's directory, found a damaged entry after 0")
    // These numbers mean that the real ones are in a zip64 record, which is missing.
    zip.claimedDirectory = 0xFFFF_FFFF
    #expect(
      errorText { try ZipArchive(zip.data, file: "x.zip") }
        == "x.zip: expected a zip archive, found no directory at the end of 101 bytes")
  }

  @Test func `a file listed twice or within another is an error, whatever its name`() {
    let entry = SyntheticZip.Entry("a\n\u{1B}b", Data([1, 2, 3]))
    #expect(
      errorText { try ZipArchive(SyntheticZip([entry, entry]).data, file: "x.zip") }
        == "x.zip: the archive's directory lists 'a\\n\\u{1B}b' twice")
    var inner = SyntheticZip.Entry("c", Data())
    inner.claimedHeader = 34
    #expect(
      errorText { try ZipArchive(SyntheticZip([entry, inner]).data, file: "x.zip") }
        == "x.zip: files 'a\\n\\u{1B}b' and 'c' overlap in the archive")
  }

  @Test(arguments: [5 as UInt64, 6])
  func `flipped bytes give an error or content, never a trap`(seed: UInt64) {
    var changes = Mutations(seed: seed)
    var reads = DamagedReads()
    for _ in 0..<1500 {
      reads.attempt {
        let zip = try ZipArchive(changes.changed(archive), file: "x.npz")
        for name in zip.names { _ = try zip.contents(of: name) }
      }
    }
    reads.expectBoth()
  }

  private func text(_ entry: SyntheticZip.Entry) -> String? {
    errorText {
      try ZipArchive(SyntheticZip([entry]).data, file: "x.zip").contents(of: entry.name)
    }
  }
}
