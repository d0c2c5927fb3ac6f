internal import Files
internal import Foundation

/// A sound in a WAV file: integers of 8, 16, 24 or 32 bits, or floating-point numbers of 32 or 64,
/// not compressed.
///
/// Source: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" (1991),
/// chapter 3; for `WAVE_FORMAT_EXTENSIBLE`, Microsoft, "Multiple Channel Audio Data and WAVE Files"
/// (2007).
struct WaveFile {
  private enum Encoding: Equatable { case integers, floats }

  /// `WAVE_FORMAT_…`.
  private static let (pcm, ieeeFloat, extensible) = (1, 3, 0xFFFE)

  let channels: Int
  /// The number of samples in each channel.
  let count: Int
  /// In samples per second.
  let samplingRate: Int
  private let file: FileBytes
  private let encoding: Encoding
  /// Of one sample of one channel.
  private let bytes: Int
  /// The offset of the first sample.
  private let start: Int

  /// - Throws: `FileError` that says what is wrong, or how the samples are encoded instead.
  init(_ file: FileBytes) throws(FileError) {
    self.file = file
    func malformed(_ reason: String) -> FileError { FileError(.malformed, file.path, reason) }
    let head = try file.read(0..<min(12, file.size))
    guard head.count == 12, head.prefix(4) == Data("RIFF".utf8), head[8...] == Data("WAVE".utf8)
    else { throw malformed("expected a WAV file, which starts with RIFF and WAVE") }
    var (place, format, data): (Int, Data?, Range<Int>?) = (12, nil, nil)
    while data == nil, place + 8 <= file.size {
      let chunk = try file.read(place..<(place + 8))
      let (name, size) = (chunk.prefix(4), chunk.integer(at: 4, bytes: 4))
      place += 8
      if name == Data("fmt ".utf8) {
        guard size >= 16, size <= file.size - place else {
          throw malformed("expected a format of 16 bytes or more, found \(size)")
        }
        format = try file.read(place..<(place + min(size, 40)))
      } else if name == Data("data".utf8) {
        // Programs that write to a pipe do not know the size in advance.
        let isUnknown = size == 0xFFFF_FFFF || size == 0
        let rest = file.size - place
        guard isUnknown || size <= rest else {
          throw malformed("expected \(size) bytes of samples, found \(rest)")
        }
        data = place..<(place + (isUnknown ? rest : size))
      }
      // Chunks start at even offsets.
      place += size + size % 2
    }
    guard let format else { throw malformed("expected a chunk 'fmt ' before the samples") }
    guard let data else { throw malformed("expected a chunk 'data' with samples") }
    var tag = format.integer(at: 0, bytes: 2)
    if tag == Self.extensible, format.count >= 26 { tag = format.integer(at: 24, bytes: 2) }
    (channels, samplingRate) = (format.integer(at: 2, bytes: 2), format.integer(at: 4, bytes: 4))
    let bits = format.integer(at: 14, bytes: 2)
    switch (tag, bits) {
    case (Self.pcm, 8), (Self.pcm, 16), (Self.pcm, 24), (Self.pcm, 32): encoding = .integers
    case (Self.ieeeFloat, 32), (Self.ieeeFloat, 64): encoding = .floats
    case (Self.pcm, _), (Self.ieeeFloat, _):
      throw malformed(
        "expected samples of 8, 16, 24 or 32 bits, or floats of 32 or 64, found \(bits) bits")
    default:
      throw malformed(
        "expected samples that are not compressed (format 1 or 3), found format \(tag)")
    }
    bytes = bits / 8
    let frame = bytes * channels
    guard channels > 0, format.integer(at: 12, bytes: 2) == frame else {
      throw malformed(
        "expected \(frame) bytes for \(channels) channels of \(bits) bits, found "
          + "\(format.integer(at: 12, bytes: 2))")
    }
    count = data.count / frame
    start = data.lowerBound
    guard count > 0 else { throw malformed("expected samples, found none") }
  }

  /// - Returns: All channels of the first of these samples, then of the next; integers from −1 to
  ///   1.
  /// - Throws: `FileError` if the file has become shorter, or has numbers that are not finite.
  func samples(_ range: Range<Int>) throws(FileError) -> [Float] {
    let frame = bytes * channels
    let first = start + range.lowerBound * frame
    let data = try file.read(first..<(first + range.count * frame))
    let values = (0..<(range.count * channels)).map { value(data, at: $0 * bytes) }
    guard let wrong = values.firstIndex(where: { !$0.isFinite }) else { return values }
    throw FileError(
      .malformed, file.path,
      "expected finite samples, found \(values[wrong]) at sample "
        + "\(range.lowerBound + wrong / channels)")
  }

  private func value(_ data: Data, at offset: Int) -> Float {
    if encoding == .floats {
      return data.withUnsafeBytes { bytes in
        self.bytes == 4
          ? bytes.loadUnaligned(fromByteOffset: offset, as: Float.self)
          : Float(bytes.loadUnaligned(fromByteOffset: offset, as: Double.self))
      }
    }
    let bits = data.integer(at: offset, bytes: bytes)
    // Only samples of 8 bits have no sign.
    if bytes == 1 { return Float(bits - 128) / 128 }
    let half = 1 << (8 * bytes - 1)
    return Float(Double(bits >= half ? bits - 2 * half : bits) / Double(half))
  }
}

extension Data {
  /// A number without a sign, the lowest byte first.
  fileprivate func integer(at offset: Int, bytes: Int) -> Int {
    (0..<bytes).reversed().reduce(0) { $0 << 8 | Int(self[startIndex + offset + $1]) }
  }
}
