internal import CZip
public import Foundation

/// Whether the data starts as a gzip file does.
public func isGzip(_ data: Data) -> Bool { data.starts(with: [0x1F, 0x8B]) }

enum CompressedFormat: Int32 {
  /// The window bits that zlib expects for each format.
  case gzip = 31
  case deflate = -15
}

struct InflatingError: Error {
  let reason: String
}

/// Compressed bytes, decompressed chunk by chunk.
final class InflatingStream {
  /// No deflate stream decompresses to more than this many times its size (zlib's technical
  /// details: 258 bytes from two bits).
  static let largestRatio = 1032

  private let source: FileBytes
  private let format: CompressedFormat
  private let range: Range<Int>
  /// The offset of the next compressed byte in the source.
  private var position: Int
  /// The compressed bytes last read; they end at `position`.
  private var chunk = Data()
  private var consumed = 0
  private var isAtEnd = false
  // zlib keeps a pointer to it.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  private static let chunkSize = 1 << 18

  init(
    _ source: FileBytes, _ range: Range<Int>, _ format: CompressedFormat
  ) throws(InflatingError) {
    (self.source, self.range, self.format) = (source, range, format)
    position = range.lowerBound
    stream.initialize(to: z_stream())
    guard
      inflateInit2_(
        stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw InflatingError(reason: "zlib cannot be initialized") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// - Returns: The number of bytes decompressed; less than the buffer's size only at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(InflatingError) -> Int {
    var produced = 0
    while produced < target.count, !isAtEnd {
      if consumed == chunk.count { try readChunk() }
      let status = step(into: target, &produced)
      switch status {
      case Z_STREAM_END: try endMember()
      case Z_OK: continue
      case Z_BUF_ERROR:
        guard consumed == chunk.count, position == range.upperBound else { continue }
        throw InflatingError(reason: "\(range.count) bytes that end too early")
      default:
        throw InflatingError(
          reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)")
      }
    }
    return produced
  }

  private func readChunk() throws(InflatingError) {
    let end = min(position + Self.chunkSize, range.upperBound)
    chunk = try bytes(position..<end)
    (consumed, position) = (0, end)
  }

  private func bytes(_ range: Range<Int>) throws(InflatingError) -> Data {
    do {
      return try source.read(range)
    } catch {
      throw InflatingError(reason: error.reason)
    }
  }

  /// Another member may follow; anything else after the end is padding.
  private func endMember() throws(InflatingError) {
    let next = position - (chunk.count - consumed)
    guard format == .gzip, isGzip(try bytes(next..<min(next + 2, range.upperBound))) else {
      isAtEnd = true
      return
    }
    inflateReset(stream)
  }

  /// One call of zlib, with as much room as its 32-bit counters allow.
  private func step(into target: UnsafeMutableRawBufferPointer, _ produced: inout Int) -> Int32 {
    let room = UnsafeMutableRawBufferPointer(
      rebasing: target.dropFirst(produced).prefix(1 << 30))
    return chunk.withUnsafeBytes { bytes in
      let input = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(consumed))
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: input.bindMemory(to: UInt8.self).baseAddress)
      stream.pointee.avail_in = UInt32(input.count)
      stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(room.count)
      let status = inflate(stream, Z_NO_FLUSH)
      consumed += input.count - Int(stream.pointee.avail_in)
      produced += room.count - Int(stream.pointee.avail_out)
      return status
    }
  }
}

/// The CRC-32 of bytes appended to those with the checksum `sum`.
func checksum(_ sum: UInt32 = 0, appending bytes: UnsafeRawBufferPointer) -> UInt32 {
  var sum = UInt(sum)
  var rest = bytes[...]
  while !rest.isEmpty {
    let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
    sum = crc32(sum, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
    rest = rest.dropFirst(part.count)
  }
  return UInt32(truncatingIfNeeded: sum)
}
