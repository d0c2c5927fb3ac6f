public import Foundation

/// Comma-separated values (RFC 4180), row by row.
///
/// A value in quotes may contain separators, line breaks and doubled quotes. Lines may end with LF,
/// CR LF or CR; empty lines are skipped, and so is a byte order mark. Spaces belong to the values.
public struct CSVReader: Sendable {
  public struct Row: Sendable, Hashable {
    /// Where it starts, counted from 1.
    public let line: Int
    public var values: [String]
  }

  /// For error messages.
  public let file: String
  private let bytes: [UInt8]
  private let separator: UInt8
  private var position: Int
  private var line = 1

  /// - Parameters:
  ///   - separator: An ASCII character.
  ///   - file: The table's name, for error messages.
  public init(_ data: Data, separator: Character = ",", file: String) {
    bytes = Array(data)
    self.file = file
    self.separator = separator.asciiValue ?? UInt8(ascii: ",")
    position = data.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// - Returns: Nil after the last row.
  /// - Throws: `FileError` of kind `.malformed` that names the line.
  public mutating func next() throws(FileError) -> Row? {
    while position < bytes.count, skipLineEnd() {}
    guard position < bytes.count else { return nil }
    let first = line
    var values: [String] = []
    repeat { values.append(try value()) } while skipSeparator()
    if position < bytes.count, !skipLineEnd() {
      let found = String(decoding: bytes[position...].prefix(8), as: UTF8.self).prefix(1)
      throw error(line, "expected a separator after a closing quote, found '\(found)'")
    }
    return Row(line: first, values: values)
  }

  public func error(_ line: Int, _ reason: String) -> FileError {
    FileError(.malformed, file, "line \(line): \(reason)")
  }

  /// Reads up to a separator, the end of a line or, after a quoted value, anything else.
  private mutating func value() throws(FileError) -> String {
    let (quote, first) = (UInt8(ascii: "\""), line)
    var value: [UInt8] = []
    if position < bytes.count, bytes[position] == quote {
      position += 1
      while true {
        guard position < bytes.count else {
          throw error(first, "expected a closing quote, found the end of the file")
        }
        if bytes[position] == quote {
          position += 1
          guard position < bytes.count, bytes[position] == quote else { break }
        }
        let start = position
        if !skipLineEnd() { position += 1 }
        value += bytes[start..<position]
      }
    } else {
      let start = position
      while position < bytes.count, bytes[position] != separator, !isAtLineEnd { position += 1 }
      value = Array(bytes[start..<position])
    }
    guard let text = String(validating: value, as: UTF8.self) else {
      throw error(first, "expected UTF-8 text, found other bytes")
    }
    return text
  }

  private var isAtLineEnd: Bool {
    bytes[position] == UInt8(ascii: "\n") || bytes[position] == UInt8(ascii: "\r")
  }

  private mutating func skipLineEnd() -> Bool {
    guard isAtLineEnd else { return false }
    let isCR = bytes[position] == UInt8(ascii: "\r")
    position += 1
    if isCR, position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
    line += 1
    return true
  }

  private mutating func skipSeparator() -> Bool {
    guard position < bytes.count, bytes[position] == separator else { return false }
    position += 1
    return true
  }
}

/// Comma-separated values under a header.
public struct CSVTable: Sendable {
  public let columns: [String]
  private var reader: CSVReader

  /// - Throws: `FileError` of kind `.malformed` if there is no header, or two columns have the same
  ///   name.
  public init(_ data: Data, file: String) throws(FileError) {
    reader = CSVReader(data, file: file)
    guard let header = try reader.next() else {
      throw FileError(.malformed, file, "expected a header, found an empty table")
    }
    columns = header.values
    var seen: Set<String> = []
    for name in columns where !seen.insert(name).inserted {
      throw FileError(
        .malformed, file,
        "expected one column \(name), found \(columns.count(where: { $0 == name }))")
    }
  }

  public var file: String { reader.file }

  /// - Returns: A row with one value per column; nil after the last.
  /// - Throws: `FileError` of kind `.malformed` that names the line.
  public mutating func next() throws(FileError) -> CSVReader.Row? {
    guard let row = try reader.next() else { return nil }
    guard row.values.count == columns.count else {
      throw error(row, "expected \(columns.count) values, found \(row.values.count)")
    }
    return row
  }

  public func error(_ row: CSVReader.Row, _ reason: String) -> FileError {
    reader.error(row.line, reason)
  }
}

/// A value as it is written in a row: in quotes if it needs them.
public func csvValue(_ text: String) -> String {
  guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
  return "\"\(text.replacing("\"", with: "\"\""))\""
}
