internal import Foundation

/// Steps through a message in the wire format of Protocol Buffers, reading no more of the file than
/// necessary: a field that is not asked for, such as the weights of a network, is never in memory.
///
/// Source: protobuf.dev/programming-guides/encoding.
package struct WireReader {
  /// One field of a message.
  package struct Field {
    /// How the content is encoded.
    package enum Encoding: Sendable { case varint, eightBytes, length, fourBytes }

    package let number: Int
    package let encoding: Encoding
    /// The position of its key.
    package let start: Int
    /// What follows the key, and the length if there is one.
    package let content: Range<Int>
  }

  private static let windowSize = 1 << 16

  package let source: FileBytes
  /// How errors refer to the kind of file: "an ONNX file".
  private let kind: String
  private var window: [UInt8] = []
  private var windowStart = 0

  package init(_ source: FileBytes, of kind: String) {
    self.source = source
    self.kind = kind
  }

  /// The field at `position`, which is then moved after it.
  ///
  /// - Throws: `FileError` of kind `.malformed` if there is no valid field.
  package mutating func field(at position: inout Int, end: Int) throws(FileError) -> Field {
    let start = position
    let key = try varint(at: &position, end: end)
    guard let number = Int(exactly: key >> 3), number > 0, number < 1 << 29 else {
      throw malformed("expected \(kind), found no field of one at byte \(start)")
    }
    let encoding: Field.Encoding
    let length: UInt64
    switch key & 7 {
    case 0:
      let content = position
      _ = try varint(at: &position, end: end)
      return Field(
        number: number, encoding: .varint, start: start, content: content..<position)
    case 1: (encoding, length) = (.eightBytes, 8)
    case 2: (encoding, length) = (.length, try varint(at: &position, end: end))
    case 5: (encoding, length) = (.fourBytes, 4)
    default: throw malformed("expected \(kind), found no field of one at byte \(start)")
    }
    guard length <= UInt64(end - position) else {
      throw malformed(
        "expected \(length) bytes from byte \(position) on, found \(end - position): the file is cut "
          + "off or damaged"
      )
    }
    let content = position..<(position + Int(length))
    position = content.upperBound
    return Field(number: number, encoding: encoding, start: start, content: content)
  }

  private mutating func varint(at position: inout Int, end: Int) throws(FileError) -> UInt64 {
    let start = position
    var varint = Varint()
    while position < end {
      let byte = try byte(at: position)
      position += 1
      switch varint.append(byte) {
      case .more: continue
      case .complete: return varint.value
      case .tooLong: throw tooLong(at: start)
      }
    }
    throw endless(at: start)
  }

  private mutating func byte(at position: Int) throws(FileError) -> UInt8 {
    if !(windowStart..<windowStart + window.count).contains(position) { try load(position) }
    return window[position - windowStart]
  }

  private mutating func load(_ position: Int) throws(FileError) {
    windowStart = position
    window = [UInt8](
      try source.read(position..<min(position + Self.windowSize, source.size)))
  }

  package func malformed(_ reason: String) -> FileError {
    FileError(.malformed, source.path, reason)
  }

  private func tooLong(at start: Int) -> FileError {
    malformed("expected a number of 64 bits at byte \(start), found a longer one")
  }

  private func endless(at start: Int) -> FileError {
    malformed("expected the number at byte \(start) to end, found the end of the message")
  }
}

extension WireReader {
  /// The range of a message within this one, or of bytes.
  ///
  /// - Throws: `FileError` of kind `.malformed`, as the other values do, if the field is something
  ///   else.
  package func range(_ field: Field) throws(FileError) -> Range<Int> {
    guard field.encoding == .length else { throw unexpected(field, "to have a length") }
    return field.content
  }

  package mutating func bytes(_ field: Field) throws(FileError) -> [UInt8] {
    let range = try range(field)
    if range.count <= Self.windowSize, !range.isEmpty {
      if range.lowerBound < windowStart || range.upperBound > windowStart + window.count {
        try load(range.lowerBound)
      }
      return Array(window[(range.lowerBound - windowStart)..<(range.upperBound - windowStart)])
    }
    return [UInt8](try source.read(range))
  }

  package mutating func text(_ field: Field) throws(FileError) -> String {
    guard let text = String(validating: try bytes(field), as: UTF8.self) else {
      throw unexpected(field, "to be text in UTF-8")
    }
    return text
  }

  /// Its lowest 64 bits.
  package mutating func integer(_ field: Field) throws(FileError) -> Int {
    guard field.encoding == .varint else { throw unexpected(field, "to be an integer") }
    var position = field.content.lowerBound
    return Int(
      truncatingIfNeeded: try varint(at: &position, end: field.content.upperBound))
  }

  package mutating func float(_ field: Field) throws(FileError) -> Float {
    guard field.encoding == .fourBytes else { throw unexpected(field, "to be of four bytes") }
    var bits: UInt32 = 0
    for (index, position) in field.content.enumerated() {
      bits |= UInt32(try byte(at: position)) << (8 * index)
    }
    return Float(bitPattern: bits)
  }

  /// Appends the integers of a field that may occur often: one, or all of them in a row.
  package mutating func append(_ field: Field, to integers: inout [Int]) throws(FileError) {
    guard field.encoding == .length else { return integers.append(try integer(field)) }
    var (varint, start) = (Varint(), 0)
    for (index, byte) in try bytes(field).enumerated() {
      switch varint.append(byte) {
      case .more: continue
      case .complete: integers.append(Int(truncatingIfNeeded: varint.value))
      case .tooLong: throw tooLong(at: field.content.lowerBound + start)
      }
      (varint, start) = (Varint(), index + 1)
    }
    guard start == field.content.count else {
      throw endless(at: field.content.lowerBound + start)
    }
  }

  /// Appends the numbers of a field that may occur often: one, or all of them in a row.
  package mutating func append(_ field: Field, to floats: inout [Float]) throws(FileError) {
    guard field.encoding == .length else { return floats.append(try float(field)) }
    try forEachNumber(of: field, as: UInt32.self) { floats.append(Float(bitPattern: $0)) }
  }

  /// Appends the numbers of a field that may occur often: one, or all of them in a row.
  package mutating func append(_ field: Field, to doubles: inout [Double]) throws(FileError) {
    guard field.encoding == .length || field.encoding == .eightBytes else {
      throw unexpected(field, "to be of eight bytes")
    }
    try forEachNumber(of: field, as: UInt64.self) { doubles.append(Double(bitPattern: $0)) }
  }

  private func forEachNumber<Bits: FixedWidthInteger & BitwiseCopyable>(
    of field: Field, as type: Bits.Type, _ body: (Bits) -> Void
  ) throws(FileError) {
    let size = MemoryLayout<Bits>.size
    guard field.content.count.isMultiple(of: size) else {
      throw unexpected(field, "to hold numbers of \(size) bytes")
    }
    try source.read(field.content).withUnsafeBytes { bytes in
      for offset in stride(from: 0, to: bytes.count, by: size) {
        body(Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type)))
      }
    }
  }

  private func unexpected(_ field: Field, _ what: String) -> FileError {
    malformed("expected field \(field.number) at byte \(field.start) \(what)")
  }
}

/// An integer of seven bits a byte, lowest first.
private struct Varint {
  enum State { case more, complete, tooLong }

  private(set) var value: UInt64 = 0
  private var shift: UInt64 = 0

  mutating func append(_ byte: UInt8) -> State {
    // The tenth byte has room for a single bit.
    guard shift < 63 || shift == 63 && byte <= 1 else { return .tooLong }
    value |= UInt64(byte & 0x7F) << shift
    shift += 7
    return byte & 0x80 == 0 ? .complete : .more
  }
}
