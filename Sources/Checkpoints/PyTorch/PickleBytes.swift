internal import Files
internal import Foundation

/// A pickle's bytes, read from beginning to end; a file is read in chunks.
struct PickleBytes {
  private static let part = 1 << 16

  let source: FileBytes
  /// Counted from the beginning of the source.
  private(set) var position: Int
  private var buffer: [UInt8] = []
  private var bufferStart = 0

  init(_ source: FileBytes, from position: Int = 0) {
    self.source = source
    self.position = position
  }

  func malformed(_ reason: String) -> FileError { FileError(.malformed, source.path, reason) }

  mutating func byte() throws(FileError) -> UInt8 {
    try fill(1)
    defer { position += 1 }
    return buffer[position - bufferStart]
  }

  mutating func take(_ count: Int) throws(FileError) -> ArraySlice<UInt8> {
    try fill(count)
    defer { position += count }
    return buffer[(position - bufferStart)..<(position - bufferStart + count)]
  }

  /// - Throws: `FileError`, also for a length beyond any file.
  mutating func take(_ count: UInt64) throws(FileError) -> ArraySlice<UInt8> {
    try take(Int(clamping: count))
  }

  mutating func skip(_ count: UInt64) throws(FileError) {
    let count = Int(clamping: count)
    try check(count)
    position += count
  }

  /// The text up to the end of the line, which is consumed too.
  mutating func line() throws(FileError) -> String {
    // Lines contain names and numbers; anything longer is invalid.
    let longest = 1 << 12
    var line: [UInt8] = []
    while true {
      let next = try byte()
      if next == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(next)
      guard line.count <= longest else {
        throw malformed("expected a line's end within \(longest) bytes of the pickle")
      }
    }
  }

  /// A little-endian unsigned integer.
  mutating func unsigned(_ count: Int) throws(FileError) -> UInt64 {
    try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A little-endian integer in two's complement; nil if it does not fit an `Int`.
  mutating func signed(_ count: UInt64) throws(FileError) -> Int? {
    let bytes = try take(count)
    guard let last = bytes.last else { return 0 }
    let sign: UInt8 = last & 0x80 == 0 ? 0 : 0xFF
    // A longer encoding may still have high bytes that only repeat the sign.
    guard bytes.dropFirst(8).allSatisfy({ $0 == sign }) else { return nil }
    let start: UInt64 = sign == 0 ? 0 : .max
    let value = Int(
      truncatingIfNeeded: bytes.prefix(8).reversed().reduce(start) { $0 << 8 | UInt64($1) })
    return (value < 0) == (sign != 0) ? value : nil
  }

  private func check(_ count: Int) throws(FileError) {
    guard count <= source.size - position else {
      throw malformed(
        "expected \(count) more bytes of the pickle at byte \(position), "
          + "found \(source.size - position)")
    }
  }

  /// Ensures that the buffer contains `count` bytes from `position` on.
  private mutating func fill(_ count: Int) throws(FileError) {
    let isThere = position >= bufferStart && count <= bufferStart + buffer.count - position
    guard !isThere else { return }
    try check(count)
    let end = min(source.size, position + max(count, Self.part))
    buffer = Array(try source.read(position..<end))
    bufferStart = position
  }
}
