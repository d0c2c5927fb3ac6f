internal import CPNG
public import Files
public import Foundation

/// Decodes a PNG of any colour type, depth and interlacing.
struct PNGRows: RowSource {
  let width: Int
  let height: Int
  let orientation = Orientation.upright
  let isOpaque = false
  let bitDepth: Int

  private let data: Data
  private let file: String
  private let isInterlaced: Bool

  /// The first chunk is at a fixed offset:
  ///
  ///     8 signature | 4 length | "IHDR" | 4 width | 4 height | depth, colour, …, interlacing | …
  init(_ data: Data, file: String) throws(FileError) {
    let header = [UInt8](data.prefix(29))
    guard header.count == 29 else {
      throw FileError(
        .malformed, file, "expected a complete PNG, found \(header.count) bytes of its header")
    }
    guard header[12..<16].elementsEqual("IHDR".utf8) else {
      throw FileError(.malformed, file, "expected a PNG header first, found another chunk")
    }
    func number(_ start: Int) -> Int {
      header[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    (width, height) = (number(16), number(20))
    (bitDepth, isInterlaced) = (Int(header[24]), header[28] != 0)
    (self.data, self.file) = (data, file)
    try checkSize(width: width, height: height, file: file)
  }

  var decodingBytes: Int { 4 * width * (isInterlaced ? height : 1) }

  func forEachRow(
    _ body: (Int, UnsafeMutableBufferPointer<UInt32>) -> Void
  ) throws(FileError) {
    let buffer = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: decodingBytes / 4)
    defer { buffer.deallocate() }
    let failure = RowReceiver.run(width: width, body) { context in
      libpngReason { message in
        data.withUnsafeBytes { bytes in
          cpng_read_rows(
            bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, UInt32(width),
            UInt32(height), buffer.baseAddress, isInterlaced ? 1 : 0, RowReceiver.receive,
            context, message)
        }
      }
    }
    if let failure {
      throw FileError(.malformed, file, "expected a complete PNG, found: \(failure)")
    }
  }
}

/// Calls a function of the shim; nil if it succeeded.
func libpngReason(_ body: (UnsafeMutablePointer<CChar>) -> Int32) -> String? {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CPNG_MESSAGE_SIZE)) { message in
    guard let start = message.baseAddress, body(start) == 0 else { return nil }
    let reason = String(cString: start)
    return reason.isEmpty ? "out of memory" : reason
  }
}

extension Image {
  /// The text chunks (tEXt, zTXt, iTXt) of a PNG file, in file order.
  ///
  /// - Throws: `FileError` if the file is missing, not a PNG, or corrupt.
  public static func textChunks(
    of path: String
  ) throws(FileError) -> [(key: String, value: String)] {
    try textChunks(in: try readFile(path), file: path)
  }

  /// The text chunks of an encoded PNG.
  ///
  /// - Parameter file: Named in errors.
  public static func textChunks(
    in data: Data, file: String
  ) throws(FileError) -> [(key: String, value: String)] {
    guard case .png = PictureFormat(of: data) else {
      throw FileError(.malformed, file, "expected a PNG")
    }
    var chunks: [(key: String, value: String)] = []
    let reason = libpngReason { message in
      data.withUnsafeBytes { bytes in
        withUnsafeMutablePointer(to: &chunks) { chunks in
          cpng_read_text(
            bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, appendText, chunks,
            message)
        }
      }
    }
    if let reason { throw FileError(.malformed, file, "expected a complete PNG, found: \(reason)") }
    return chunks
  }
}

/// Called by the shim for each text chunk, with an array of pairs as its context.
private func appendText(
  context: UnsafeMutableRawPointer?, key: UnsafePointer<CChar>?, value: UnsafePointer<CChar>?,
  valueCount: Int, isUTF8: Int32
) {
  guard let context, let key else { return }
  let bytes = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueCount)
  // Latin-1 is the first 256 code points.
  let text =
    isUTF8 != 0
    ? String(decoding: bytes, as: UTF8.self)
    : String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  let chunks = context.assumingMemoryBound(to: [(key: String, value: String)].self)
  let keyBytes = UnsafeRawBufferPointer(start: key, count: strlen(key))
  chunks.pointee.append(
    (String(String.UnicodeScalarView(keyBytes.map { Unicode.Scalar($0) })), text))
}
