internal import Files
internal import Foundation
internal import TensorCore

/// A file of one series: a table whose columns are channels, or a sound.
///
/// A CSV file has one sample per line, numbers only, below a header or not. A WAV file's samples are
/// those of ``WaveFile``, from −1 to 1.
struct SeriesFile {
  static let extensions: Set = ["csv", "wav", "wave"]

  private let path: String
  private let memory: MemoryBudget

  init(_ path: String, memory: MemoryBudget) { (self.path, self.memory) = (path, memory) }

  private var isWave: Bool { (path as NSString).pathExtension.lowercased() != "csv" }

  /// Finds out how large it is, without reading all of a sound's samples or a table's numbers.
  ///
  /// - Throws: `FileError` if it is no series.
  func measure() throws(FileError) -> ExampleMeasures.Measure {
    if isWave {
      let wave = try WaveFile(FileBytes(OpenFile(path)))
      return .init(shape: [wave.channels, wave.count], samplingRate: wave.samplingRate)
    }
    let data = try readFile(path, memory: memory)
    let (channels, hasHeader) = try columns(data)
    var (lines, isBlank) = (0, true)
    let start = data.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    data.withUnsafeBytes { bytes in
      for byte in bytes[start...] {
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
          isBlank = true
        } else if isBlank {
          lines += 1
          isBlank = false
        }
      }
    }
    let count = lines - (hasHeader ? 1 : 0)
    guard count > 0 else { throw malformed("expected samples below the header, found none") }
    return .init(shape: [channels, count], samplingRate: nil)
  }

  /// Reads the series: its first samples, and zeros after its end.
  ///
  /// - Parameter shape: `[C, L]`.
  /// - Returns: `[C, L]`.
  /// - Throws: `FileError` if it has other channels, or values that are no numbers.
  func values(_ shape: [Int]) throws(FileError) -> Tensor {
    let (channels, length) = (shape[0], shape[1])
    if isWave {
      let wave = try WaveFile(FileBytes(OpenFile(path)))
      try check(wave.channels, is: channels)
      return arranged(
        try wave.samples(0..<min(wave.count, length)), channels: channels, length: length)
    }
    let data = try readFile(path, memory: memory)
    let (columns, hasHeader) = try columns(data)
    try check(columns, is: channels)
    var reader = CSVReader(data, file: path)
    if hasHeader { _ = try reader.next() }
    var values: [Float] = []
    values.reserveCapacity(min(channels * length, data.count))
    while let row = try reader.next() {
      guard row.values.count == channels else {
        throw reader.error(row.line, "expected \(channels) values, found \(row.values.count)")
      }
      // What is cut off must be numbers, too.
      for text in row.values {
        guard let value = Self.number(text) else {
          throw reader.error(row.line, "expected a finite number, found '\(text)'")
        }
        if values.count < channels * length { values.append(value) }
      }
    }
    guard !values.isEmpty else { throw malformed("expected samples below the header, found none") }
    return arranged(values, channels: channels, length: length)
  }

  /// The number of columns, and whether the first line is a header.
  private func columns(_ data: Data) throws(FileError) -> (count: Int, hasHeader: Bool) {
    var reader = CSVReader(data, file: path)
    guard let first = try reader.next() else {
      throw malformed("expected a series, found an empty file")
    }
    // A header has names only; a line with some numbers has a wrong value.
    return (first.values.count, first.values.allSatisfy { Double(Self.trimmed($0)) == nil })
  }

  private static func trimmed(_ text: String) -> String {
    text.trimmingCharacters(in: .whitespaces)
  }

  private static func number(_ text: String) -> Float? {
    guard let value = Float(text) ?? Float(trimmed(text)), value.isFinite else { return nil }
    return value
  }

  private func check(_ found: Int, is channels: Int) throws(FileError) {
    guard found == channels else {
      let (expected, are) = (channels == 1 ? "1 channel" : "\(channels) channels", "found \(found)")
      throw malformed("expected a series of \(expected), \(are)")
    }
  }

  private func malformed(_ reason: String) -> FileError { FileError(.malformed, path, reason) }

  /// - Parameter samples: All channels of the first sample, then of the next.
  private func arranged(_ samples: [Float], channels: Int, length: Int) -> Tensor {
    Tensor(shape: [channels, length]) { target in
      target.initialize(repeating: 0)
      for (index, value) in samples.enumerated() {
        target[index % channels * length + index / channels] = value
      }
    }
  }
}
