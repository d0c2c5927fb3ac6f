internal import CZip
public import Foundation

/// The content of a gzip file, whatever the number of its members (RFC 1952).
///
/// - Parameters:
///   - file: Named by errors.
///   - limit: The largest content in bytes; a few kilobytes of gzip can claim gigabytes.
/// - Throws: `FileError` when the data is cut short, corrupt, or larger than `limit`.
public func gunzip(
  _ data: Data, file: String, limit: Int = 1 << 31
) throws(FileError) -> Data {
  do {
    return try inflated(data, .gzip, limit: limit)
  } catch {
    throw FileError(.malformed, file, "expected a whole gzip file, found: \(error.reason)")
  }
}

/// Whether the data starts as a gzip file does.
public func isGzip(_ data: Data) -> Bool { data.starts(with: [0x1F, 0x8B]) }

enum CompressedFormat: Int32 {
  /// The number of window bits that zlib takes for each format.
  case gzip = 31
  case deflate = -15
}

struct InflatingError: Error {
  let reason: String
}

/// Inflates a whole stream into memory that grows with what is really there.
func inflated(
  _ data: Data, _ format: CompressedFormat, limit: Int
) throws(InflatingError) -> Data {
  var stream = z_stream()
  guard
    inflateInit2_(
      &stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  else { throw InflatingError(reason: "zlib does not start") }
  defer { inflateEnd(&stream) }
  var output = Data(count: min(max(4 * data.count, 1 << 12), limit + 1))
  var (consumed, produced) = (0, 0)
  while true {
    let status = data.withUnsafeBytes { input in
      output.withUnsafeMutableBytes { output in
        step(&stream, from: input, &consumed, to: output, &produced)
      }
    }
    guard produced <= limit else {
      throw InflatingError(reason: "more than \(limit) bytes of content")
    }
    switch status {
    case Z_STREAM_END:
      // Another member may follow; anything else behind the end is filling.
      guard format == .gzip, isGzip(data.dropFirst(consumed)) else {
        output.count = produced
        return output
      }
      inflateReset(&stream)
    case Z_OK, Z_BUF_ERROR:
      // A full output asks for more room; otherwise zlib's next call says what is missing.
      if produced == output.count {
        output.count = min(2 * produced, limit + 1)
      } else if status == Z_BUF_ERROR {
        throw InflatingError(reason: "\(data.count) bytes that end too early")
      }
    default:
      throw InflatingError(
        reason: stream.msg.map { String(cString: $0) } ?? "zlib status \(status)")
    }
  }
}

/// One call of zlib, with as much input and room as its 32-bit counts allow.
private func step(
  _ stream: inout z_stream, from input: UnsafeRawBufferPointer, _ consumed: inout Int,
  to output: UnsafeMutableRawBufferPointer, _ produced: inout Int
) -> Int32 {
  let most = 1 << 30
  let input = UnsafeRawBufferPointer(rebasing: input.dropFirst(consumed).prefix(most))
  let room = UnsafeMutableRawBufferPointer(rebasing: output.dropFirst(produced).prefix(most))
  stream.next_in = UnsafeMutablePointer(
    mutating: input.bindMemory(to: UInt8.self).baseAddress)
  stream.avail_in = UInt32(input.count)
  stream.next_out = room.bindMemory(to: UInt8.self).baseAddress
  stream.avail_out = UInt32(room.count)
  let status = inflate(&stream, Z_NO_FLUSH)
  consumed += input.count - Int(stream.avail_in)
  produced += room.count - Int(stream.avail_out)
  return status
}
