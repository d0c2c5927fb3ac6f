import Files
import Foundation
import TestSupport
import Testing

@Suite struct `Kept results` {
  private func files(_ folder: String) throws -> [String] {
    try allNames(folder).map { "\(folder)/\($0)" }
  }

  @Test func `are found by their key alone`() throws {
    try withTemporaryFolder { folder in
      let cache = ResultCache("\(folder)/not/there yet")
      #expect(cache.result(of: "a") == nil)
      for key in ["a", "b", "", "a\nb", String(repeating: "é", count: 5000)] {
        let result = Data("what was found for \(key)".utf8)
        cache.keep(result, of: key)
        #expect(cache.result(of: key) == result)
      }
      #expect(cache.result(of: "c") == nil)
      cache.keep(Data(), of: "a")
      #expect(cache.result(of: "a") == Data() && cache.result(of: "b") != nil)
      #expect(ResultCache("\(folder)/not/there yet").result(of: "a") == Data())
    }
  }

  @Test func `of another key are not taken, whatever the name of their file`() throws {
    try withTemporaryFolder { folder in
      let cache = ResultCache(folder)
      cache.keep(Data([1]), of: "one")
      let one = try #require(try files(folder).first)
      cache.keep(Data([2]), of: "two")
      let two = try #require(try files(folder).first { $0 != one })
      unlink(two)
      try FileManager.default.copyItem(atPath: one, toPath: two)
      #expect(cache.result(of: "one") == Data([1]))
      #expect(cache.result(of: "two") == nil)
      cache.keep(Data([2]), of: "two")
      #expect(cache.result(of: "two") == Data([2]))
    }
  }

  @Test(.slow) func `that are damaged count as absent, and are replaced`() throws {
    try withTemporaryFolder { folder in
      let cache = ResultCache(folder)
      let result = Data((0..<200).map { UInt8($0) })
      cache.keep(result, of: "key")
      let path = try #require(try files(folder).first)
      let file = try readFile(path)
      for length in 0..<file.count {
        try file.prefix(length).write(to: URL(filePath: path))
        #expect(cache.result(of: "key") == nil, "\(length) bytes")
      }
      var mutations = Mutations(seed: 1)
      for _ in 0..<300 {
        let damaged = mutations.changed(file)
        try damaged.write(to: URL(filePath: path))
        #expect(cache.result(of: "key") == (damaged == file ? result : nil))
      }
      for place in file.indices {
        var damaged = file
        damaged[place] ^= 0x20
        try damaged.write(to: URL(filePath: path))
        #expect(cache.result(of: "key") == nil, "byte \(place)")
      }
      cache.keep(result, of: "key")
      #expect(cache.result(of: "key") == result)
    }
  }

  @Test func `are not read from anything but a file`() throws {
    try withTemporaryFolder { folder in
      let cache = ResultCache(folder)
      cache.keep(Data([1]), of: "key")
      let path = try #require(try files(folder).first)
      unlink(path)
      mkfifo(path, 0o666)
      #expect(cache.result(of: "key") == nil)
      cache.keep(Data([1]), of: "key")
      #expect(cache.result(of: "key") == nil)
      unlink(path)
      try makeFolder(path)
      #expect(cache.result(of: "key") == nil)
      cache.keep(Data([1]), of: "key")
      #expect(kindOfFile(path) == .folder)
    }
  }

  @Test func `are not kept where that is impossible`() throws {
    try withTemporaryFolder { folder in
      try writeFile(Data(), to: "\(folder)/file")
      for place in ["\(folder)/file", "\(folder)/file/below", "/proc/none", "/dev/null"] {
        let cache = ResultCache(place)
        cache.keep(Data([1]), of: "key")
        #expect(cache.result(of: "key") == nil)
      }
      #expect(try allNames(folder) == ["file"])
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "\(SmallDisk.skipMessage)"))
  func `stay on a disk that is full or read-only`() throws {
    try withTemporaryFolder { folder in
      let disk = try SmallDisk("\(folder)/disk", kilobytes: 64)
      defer { disk.unmount() }
      let cache = ResultCache(disk.path)
      cache.keep(Data([1]), of: "key")
      cache.keep(Data(count: 100_000), of: "other")
      #expect(cache.result(of: "other") == nil && cache.result(of: "key") == Data([1]))
      #expect(try allNames(disk.path).count == 1)
      try disk.makeReadOnly()
      cache.keep(Data([2]), of: "key")
      #expect(cache.result(of: "key") == Data([1]))
    }
  }

  /// Sets when a result was used last.
  private func age(_ path: String, seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: path)
  }

  @Test func `that were used least recently make room`() throws {
    try withTemporaryFolder { folder in
      let cache = ResultCache(folder, mostFiles: 3)
      let foreign = "\(folder)/notes.txt"
      try writeFile(Data([1]), to: foreign)
      try age(foreign, seconds: 1e6)
      for (position, key) in ["a", "b", "c"].enumerated() {
        let before = Set(try files(folder))
        cache.keep(Data(key.utf8), of: key)
        let path = try #require(Set(try files(folder)).subtracting(before).first)
        try age(path, seconds: Double(1000 - position))
      }
      // It is the oldest, but was just used.
      #expect(cache.result(of: "a") != nil)
      cache.keep(Data(), of: "d")
      #expect(cache.result(of: "b") == nil)
      for key in ["a", "c", "d"] { #expect(cache.result(of: key) != nil) }
      #expect(kindOfFile(foreign) == .regular)
    }
  }

  @Test func `take no more room than they may`() throws {
    try withTemporaryFolder { folder in
      let cache = ResultCache(folder, mostBytes: 8000)
      // More than its share.
      cache.keep(Data(count: 2001), of: "large")
      #expect(cache.result(of: "large") == nil && kindOfFile(folder) == .folder)
      for number in 0..<20 {
        cache.keep(Data(count: 1000), of: "\(number)")
        #expect(cache.result(of: "\(number)") != nil)
        var bytes = 0
        for file in try files(folder) { bytes += try readFile(file).count }
        #expect(bytes <= 8000)
      }
    }
  }

  @Test(.slow) func `are whole, however many write and read them`() throws {
    try withTemporaryFolder { folder in
      let cache = ResultCache(folder, mostFiles: 2)
      DispatchQueue.concurrentPerform(iterations: 8) { worker in
        for round in 0..<20 {
          let key = "\((worker + round) % 3)"
          let values = Set((cache.result(of: key) ?? Data()).map { $0 % 3 })
          #expect(values.isEmpty || values == [UInt8((worker + round) % 3)])
          cache.keep(
            Data(repeating: UInt8((worker + round) % 3 + 3 * worker), count: 5000), of: key)
        }
      }
      let names = try allNames(folder)
      #expect(names.count <= 3)
    }
  }
}
