import Files
import Foundation
import TestSupport
import Testing

@Suite struct `Memory budgets` {
  @Test(arguments: [
    ("1", 1), ("4096", 4096), ("512K", 512 << 10), ("800M", 800 << 20), ("4G", 4 << 30),
    ("1.5g", 3 << 29), ("2 GiB", 2 << 30), ("2GB", 2 << 30), ("1t", 1 << 40), ("17B", 17),
  ])
  func `sizes are read as they are typed`(text: String, bytes: Int) {
    #expect(MemoryBudget(text)?.bytes == bytes)
  }

  @Test(arguments: ["", "G", "-1", "0", "1.G", "4X", "4 G B", "0x10", "9999999T", "nan", "1e9"])
  func `what is no size is refused`(text: String) {
    #expect(MemoryBudget(text) == nil)
  }

  @Test(arguments: [
    (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"),
    (1 << 30, "1 GiB"), (3_994_319_585, "3.7 GiB"), (912 << 20, "912 MiB"), (.max, "8 EiB"),
  ])
  func `sizes are written with one decimal`(bytes: Int, text: String) {
    #expect(byteText(bytes) == text)
  }

  @Test func `what is too much is an error that says how much`() throws {
    let memory = MemoryBudget(bytes: 3 << 20)
    try memory.check(3 << 20, "x.png", "decoding")
    #expect(
      throws: FileError(
        .tooLarge, "x.png",
        "decoding would need 4 MiB of memory, more than the limit of 3 MiB; try less")
    ) { try memory.check(4 << 20, "x.png", "decoding", advice: "try less") }
    #expect(memory.less(1 << 20).bytes == 2 << 20 && memory.less(4 << 20).bytes == 0)
    #expect(memory.divided(by: 3).bytes == 1 << 20)
    #expect(memory.divided(by: 1) == memory)
    #expect(
      throws: FileError(
        .tooLarge, "x.png",
        "decoding would need 2 MiB of memory, more than the limit of 1 MiB for each of 3 threads, "
          + "3 MiB in total")
    ) { try memory.divided(by: 3).check(2 << 20, "x.png", "decoding") }
  }

  @Test func `the machine's share is part of its memory`() {
    let memory = MemoryBudget.ofMachine()
    #expect(memory.bytes > 16 << 20)
    #expect(memory.bytes <= Int(ProcessInfo.processInfo.physicalMemory) / 2)
  }
}

@Suite struct `Byte streams` {
  private let content = Data((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) })

  @Test(arguments: [1, 1000, 262_144, 700_001])
  func `pieces of any size make up the whole, packed or not`(size: Int) throws {
    guard size > 1 else { return try expectPieces(of: 1, in: content.prefix(3000)) }
    try expectPieces(of: size, in: content)
  }

  private func expectPieces(of size: Int, in content: Data) throws {
    let packed =
      storedGzip(content.prefix(content.count / 3))
      + storedGzip(content.dropFirst(content.count / 3))
    for file in [Data(content), packed] {
      let stream = try ByteStream(FileBytes(file, path: "x"))
      var found = Data()
      while true {
        let piece = try stream.read(atMost: size)
        found += piece
        if piece.count < size { break }
      }
      #expect(found == content)
    }
  }

  @Test func `what is not kept is counted`() throws {
    for file in [content, storedGzip(content)] {
      let stream = try ByteStream(FileBytes(file, path: "x"))
      _ = try stream.read(atMost: 100)
      #expect(try stream.skipRest() == content.count)
    }
  }

  @Test func `a zip's file that says more than its bytes unpack to is an error at once`() {
    var entry = SyntheticZip.Entry("a", Data([3, 0]))
    entry.method = 8
    entry.claimedSize = 1 << 31
    #expect(
      errorText { try ZipArchive(SyntheticZip([entry]).data, file: "x.zip").stream(of: "a") }
        == "x.zip/a: expected 2147483648 bytes, found 2 that unpack to at most 2064")
  }
}
