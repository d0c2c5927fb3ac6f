internal import Files
internal import Foundation
internal import TensorCore

/// The part of a safetensors file before the numbers.
///
/// ```
/// | 8 bytes        | header length bytes | the rest                 |
/// | header length  | JSON, padded with   | the tensors, end to end, |
/// | little-endian  | spaces              | without gaps             |
/// ```
/// Source: github.com/huggingface/safetensors, README, "Format".
struct SafeTensorsHeader {
  /// The format's own limit, in bytes.
  static let longest = 100_000_000

  /// How many bytes must be read for the header, according to the first bytes of the file.
  static func end(_ data: Data, fileSize: Int) -> Int {
    guard data.count >= 8 else { return data.count }
    let length = data.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    }
    return length <= UInt64(min(fileSize - 8, longest)) ? 8 + Int(length) : 8
  }

  /// A tensor, and the range of its bytes in the file.
  struct Item {
    let entry: TensorEntry
    let bytes: Range<Int>
  }

  let metadata: [String: String]
  /// In the order of their bytes.
  let items: [Item]

  /// - Parameter data: The beginning of the file, with as much of the header as there is.
  init(_ data: Data, fileSize: Int, path: String) throws(FileError) {
    let checker = HeaderChecker(path: path, fileSize: fileSize)
    let length = try checker.headerLength(data)
    let header = data.dropFirst(8).prefix(length)
    let value: JSONValue
    do {
      value = try JSONValue(reading: Array(header))
    } catch {
      throw checker.malformed(
        "expected a JSON header, found an error at its byte \(error.position): \(error.reason)")
    }
    guard case .object(let fields) = value else {
      throw checker.malformed("expected the header to be an object, found \(value.kind)")
    }
    var names: Set<String> = []
    var metadata: [String: String] = [:]
    var items: [Item] = []
    for (name, field) in fields {
      guard names.insert(name).inserted else {
        throw checker.malformed("expected every name once, found \(quoted(name)) twice")
      }
      if name == "__metadata__" {
        metadata = try checker.metadata(field)
      } else {
        items.append(try checker.item(name, field, start: 8 + length))
      }
    }
    items.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    try checker.checkCover(items, start: 8 + length)
    self.metadata = metadata
    self.items = items
  }
}

private struct HeaderChecker {
  let path: String
  let fileSize: Int

  func malformed(_ reason: String) -> FileError { FileError(.malformed, path, reason) }

  func headerLength(_ data: Data) throws(FileError) -> Int {
    guard fileSize >= 8 else {
      throw malformed("expected at least 8 bytes of a safetensors file, found \(fileSize)")
    }
    let length = data.withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    }
    guard length <= UInt64(fileSize - 8) else {
      throw malformed(
        "expected a header of at most \(fileSize - 8) bytes, found a length of \(length)")
    }
    guard length <= UInt64(SafeTensorsHeader.longest) else {
      throw malformed(
        "expected a header of at most \(SafeTensorsHeader.longest) bytes, "
          + "found a length of \(length)")
    }
    return Int(length)
  }

  func metadata(_ field: JSONValue) throws(FileError) -> [String: String] {
    guard case .object(let items) = field else {
      throw malformed("expected __metadata__ to be an object, found \(field.kind)")
    }
    var metadata: [String: String] = [:]
    for (key, value) in items {
      guard case .string(let text) = value else {
        throw malformed("expected a text for metadata \(quoted(key)), found \(value.kind)")
      }
      guard metadata.updateValue(text, forKey: key) == nil else {
        throw malformed("expected every name once, found metadata \(quoted(key)) twice")
      }
    }
    return metadata
  }

  func item(
    _ name: String, _ field: JSONValue, start: Int
  ) throws(FileError) -> SafeTensorsHeader.Item {
    guard case .object(let items) = field else {
      throw malformed("expected tensor \(quoted(name)) to be an object, found \(field.kind)")
    }
    var type: JSONValue?
    var shape: JSONValue?
    var offsets: JSONValue?
    for (key, value) in items {
      let isNew: Bool
      switch key {
      case "dtype": (isNew, type) = (type == nil, value)
      case "shape": (isNew, shape) = (shape == nil, value)
      case "data_offsets": (isNew, offsets) = (offsets == nil, value)
      default:
        throw malformed(
          "expected dtype, shape and data_offsets for tensor \(quoted(name)), "
            + "found \(quoted(key))")
      }
      guard isNew else { throw malformed("tensor \(quoted(name)) has two fields \(quoted(key))") }
    }
    let elementType = try self.elementType(type, of: name)
    let extents = try wholeNumbers(shape, field: "shape", of: name)
    let (size, bytes) = try (
      byteCount(extents, elementType, of: name), byteRange(offsets, of: name, start: start)
    )
    guard size == bytes.count else {
      throw malformed(
        "expected \(size) bytes for tensor \(quoted(name)) of \(elementType.rawValue) \(extents), "
          + "found \(bytes.count)")
    }
    return SafeTensorsHeader.Item(
      entry: TensorEntry(name: name, elementType: elementType, shape: Shape(extents)),
      bytes: bytes)
  }

  private func elementType(
    _ field: JSONValue?, of name: String
  ) throws(FileError) -> ElementType {
    if case .string(let text) = field, let type = ElementType(rawValue: text) { return type }
    let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
    throw malformed(
      "expected dtype of tensor \(quoted(name)) to be one of \(known); "
        + "found \(field?.kind ?? "none")")
  }

  private func wholeNumbers(
    _ field: JSONValue?, field key: String, of name: String
  ) throws(FileError) -> [Int] {
    guard case .array(let items) = field else {
      throw malformed(
        "expected a list of integers as \(key) of tensor \(quoted(name)), "
          + "found \(field?.kind ?? "none")")
    }
    var numbers: [Int] = []
    for item in items {
      guard case .integer(let number) = item, number >= 0 else {
        throw malformed(
          "expected integers of at least 0 in \(key) of tensor \(quoted(name)), "
            + "found \(item.kind)")
      }
      numbers.append(number)
    }
    return numbers
  }

  private func byteCount(
    _ extents: [Int], _ type: ElementType, of name: String
  ) throws(FileError) -> Int {
    guard let size = Shape.byteCount(extents, type) else {
      throw malformed("shape \(extents) of tensor \(quoted(name)) is too large for any file")
    }
    return size
  }

  private func byteRange(
    _ field: JSONValue?, of name: String, start: Int
  ) throws(FileError) -> Range<Int> {
    let offsets = try wholeNumbers(field, field: "data_offsets", of: name)
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw malformed(
        "expected two rising data_offsets for tensor \(quoted(name)), found \(offsets)")
    }
    guard offsets[1] <= fileSize - start else {
      throw malformed(
        "expected data_offsets of tensor \(quoted(name)) within the \(fileSize - start) bytes "
          + "of data, found \(offsets)")
    }
    return (start + offsets[0])..<(start + offsets[1])
  }

  /// Checks that the tensors are contiguous and fill the file.
  func checkCover(_ items: [SafeTensorsHeader.Item], start: Int) throws(FileError) {
    var end = start
    for item in items {
      let (found, expected) = (item.bytes.lowerBound - start, end - start)
      guard item.bytes.lowerBound == end else {
        throw malformed(
          "expected tensor \(quoted(item.entry.name)) to begin at offset \(expected), found \(found): "
            + (found < expected ? "it overlaps another" : "there is a gap"))
      }
      end = item.bytes.upperBound
    }
    guard end == fileSize else {
      throw malformed(
        "expected the tensors to fill \(fileSize - start) bytes of data, found \(end - start)")
    }
  }
}
