import Files
import Foundation
import TestSupport
import Testing

@Suite struct `The wire format of Protocol Buffers` {
  /// The fields of `data`, each handled by `body`.
  private func read(
    _ data: Data, _ body: (inout WireReader, WireReader.Field) throws(FileError) -> Void
  ) throws(FileError) {
    var reader = WireReader(FileBytes(data, path: "x"), of: "a test")
    var position = 0
    while position < data.count {
      try body(&reader, try reader.field(at: &position, end: data.count))
    }
  }

  private func refusal(
    _ data: Data, _ body: (inout WireReader, WireReader.Field) throws(FileError) -> Void
  ) -> String? {
    do throws(FileError) {
      try read(data, body)
      return nil
    } catch {
      return error.description
    }
  }

  /// A field with eight or four bytes.
  private func fixed<Number: BitwiseCopyable>(_ key: UInt8, _ number: Number) -> Data {
    let encoding: UInt8 = MemoryLayout<Number>.size == 8 ? 1 : 5
    return Data([key << 3 | encoding]) + withUnsafeBytes(of: number) { Data($0) }
  }

  @Test func `integers alone and in a row, of every length`() throws {
    let numbers = [0, 1, 127, 128, 300, 1 << 35, Int.max, -1, Int.min]
    let alone = numbers.reduce(into: Data()) { $0 += Data([1 << 3]) + varint(bits($1)) }
    let row = field(1, numbers.reduce(into: Data()) { $0 += varint(bits($1)) })
    var found: [Int] = []
    try read(alone + row + alone) { reader, field throws(FileError) in
      try reader.append(field, to: &found)
    }
    #expect(found == numbers + numbers + numbers)
  }

  private func bits(_ number: Int) -> UInt64 { UInt64(bitPattern: Int64(number)) }

  @Test func `floating-point numbers alone and in a row`() throws {
    let floats: [Float] = [0, -1.5, .greatestFiniteMagnitude, .leastNonzeroMagnitude, -.infinity]
    let doubles: [Double] = [0.1, -.pi, .leastNonzeroMagnitude]
    let data =
      floats.reduce(into: Data()) { $0 += fixed(1, $1) }
      + field(1, floats.withUnsafeBytes { Data($0) })
      + doubles.reduce(into: Data()) { $0 += fixed(2, $1) }
      + field(2, doubles.withUnsafeBytes { Data($0) })
    var (foundFloats, foundDoubles): ([Float], [Double]) = ([], [])
    try read(data) { reader, field throws(FileError) in
      if field.number == 1 {
        try reader.append(field, to: &foundFloats)
      } else {
        try reader.append(field, to: &foundDoubles)
      }
    }
    #expect(foundFloats == floats + floats)
    #expect(foundDoubles == doubles + doubles)
  }

  @Test func `text and bytes across the parts that are read at once`() throws {
    let texts = (0..<9).map { String(repeating: "é\($0)", count: 1 << (2 * $0)) } + [""]
    let data = texts.reduce(into: Data()) { $0 += field(3, Data($1.utf8)) }
    var found: [String] = []
    try read(data) { reader, field throws(FileError) in
      #expect(try reader.bytes(field) == Array(data[try reader.range(field)]))
      found.append(try reader.text(field))
    }
    #expect(found == texts)
  }

  @Test func `a field of another kind is refused`() {
    let number = Data([0x08, 0x01])
    let bytes = field(2, Data([0xFF]))
    #expect(
      refusal(number) { reader, field throws(FileError) in _ = try reader.text(field) }
        == "x: expected field 1 at byte 0 to have a length")
    #expect(
      refusal(bytes) { reader, field throws(FileError) in _ = try reader.text(field) }
        == "x: expected field 2 at byte 0 to be text in UTF-8")
    #expect(
      refusal(bytes) { reader, field throws(FileError) in _ = try reader.integer(field) }
        == "x: expected field 2 at byte 0 to be an integer")
    #expect(
      refusal(bytes) { reader, field throws(FileError) in _ = try reader.float(field) }
        == "x: expected field 2 at byte 0 to be of four bytes")
    var (integers, floats, doubles): ([Int], [Float], [Double]) = ([], [], [])
    #expect(
      refusal(bytes) { reader, field throws(FileError) in
        try reader.append(field, to: &integers)
      } == "x: expected the number at byte 2 to end, found the end of the message")
    #expect(
      refusal(bytes) { reader, field throws(FileError) in try reader.append(field, to: &floats) }
        == "x: expected field 2 at byte 0 to hold numbers of 4 bytes")
    #expect(
      refusal(number) { reader, field throws(FileError) in
        try reader.append(field, to: &doubles)
      } == "x: expected field 1 at byte 0 to be of eight bytes")
  }

  @Test func `what is no message`() {
    func skip(_ reader: inout WireReader, _ field: WireReader.Field) {}
    // Field 0, and a group.
    #expect(refusal(Data([0x00]), skip) == "x: expected a test, found no field of one at byte 0")
    #expect(refusal(Data([0x0B]), skip) == "x: expected a test, found no field of one at byte 0")
    #expect(
      refusal(Data([0x09, 1, 2]), skip)
        == "x: expected 8 bytes from byte 1 on, found 2: the file is cut off or damaged")
  }
}
