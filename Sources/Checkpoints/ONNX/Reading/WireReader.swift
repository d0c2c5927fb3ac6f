internal import Files
internal import Foundation

/// Steps through a message in the wire format of Protocol Buffers, reading no more of the file than
/// necessary.
///
/// Source: protobuf.dev/programming-guides/encoding.
struct WireReader {
  /// One field of a message.
  struct Field {
    let number: Int
    let isMessageOrBytes: Bool
    /// The whole field, including its key and length.
    let range: Range<Int>
    /// What follows the key, and the length if there is one.
    let content: Range<Int>
  }

  private static let windowSize = 1 << 16

  let source: FileBytes
  private var window: [UInt8] = []
  private var windowStart = 0

  init(_ source: FileBytes) { self.source = source }

  /// The field at `position`, which is then moved after it.
  ///
  /// - Throws: `FileError` of kind `.malformed` if there is no valid field.
  mutating func field(at position: inout Int, end: Int) throws(FileError) -> Field {
    let start = position
    let key = try varint(at: &position, end: end)
    guard let number = Int(exactly: key >> 3), number > 0, number < 1 << 29 else {
      throw malformed("expected an ONNX file, found no field of one at byte \(start)")
    }
    let length: UInt64
    switch key & 7 {
    case 0:
      let content = position
      _ = try varint(at: &position, end: end)
      return Field(
        number: number, isMessageOrBytes: false, range: start..<position,
        content: content..<position)
    case 1: length = 8
    case 2: length = try varint(at: &position, end: end)
    case 5: length = 4
    default: throw malformed("expected an ONNX file, found no field of one at byte \(start)")
    }
    guard length <= UInt64(end - position) else {
      throw malformed(
        "expected \(length) bytes from byte \(position) on, found \(end - position): the file is cut "
          + "off or damaged"
      )
    }
    let content = position..<(position + Int(length))
    position = content.upperBound
    return Field(
      number: number, isMessageOrBytes: key & 7 == 2, range: start..<position, content: content)
  }

  private mutating func varint(at position: inout Int, end: Int) throws(FileError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = try byte(at: position)
      position += 1
      // The tenth byte has room for a single bit.
      guard shift < 63 || shift == 63 && byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
    throw malformed(
      position < end
        ? "expected a number of 64 bits at byte \(start), found a longer one"
        : "expected the number at byte \(start) to end, found the end of the message")
  }

  private mutating func byte(at position: Int) throws(FileError) -> UInt8 {
    if !(windowStart..<windowStart + window.count).contains(position) {
      windowStart = position
      window = [UInt8](
        try source.read(position..<min(position + Self.windowSize, source.size)))
    }
    return window[position - windowStart]
  }

  /// Appends the bytes of `range`.
  mutating func copy(_ range: Range<Int>, to target: inout Data) throws(FileError) {
    if range.lowerBound >= windowStart, range.upperBound <= windowStart + window.count {
      target.append(
        contentsOf: window[(range.lowerBound - windowStart)..<(range.upperBound - windowStart)])
    } else {
      target.append(try source.read(range))
    }
  }

  func malformed(_ reason: String) -> FileError { FileError(.malformed, source.path, reason) }
}
