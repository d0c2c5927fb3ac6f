internal import Files
internal import Foundation

/// Makes the outline of an ONNX file: the same message, but with the range of each tensor's raw
/// numbers instead of the numbers.
///
/// ```
/// ModelProto ─ graph ─┬─ node ─ attribute ─┬─ t ─ raw_data ─► 16 bytes: from, to
///                     │                    └─ g (a branch: as graph)
///                     └─ initializer ─ raw_data ─► 16 bytes: from, to
/// ```
/// Decoding the outline copies no weights. Fields that are not in `onnx.proto3` are omitted.
struct ONNXOutline {
  private enum Message { case model, graph, node, attribute, tensor }

  private enum Treatment {
    case keep
    case leaveOut
    case descend(Message)
    case replaceByPlace
  }

  /// The most nested branches; no real model has more.
  private static let deepestGraph = 16

  private var reader: WireReader

  /// - Throws: `FileError` of kind `.malformed` that names the byte.
  static func data(of source: FileBytes) throws(FileError) -> Data {
    var outline = ONNXOutline(reader: WireReader(source))
    return try outline.message(.model, in: 0..<source.size, depth: 0)
  }

  /// The outline of a file that is a single TensorProto.
  static func data(ofTensor source: FileBytes) throws(FileError) -> Data {
    var outline = ONNXOutline(reader: WireReader(source))
    return try outline.message(.tensor, in: 0..<source.size, depth: 0)
  }

  /// The range that replaces raw numbers in an outline.
  static func place(_ raw: Data) -> Range<Int>? {
    guard raw.count == 16 else { return nil }
    let (from, to) = raw.withUnsafeBytes {
      (
        Int(Int64(littleEndian: $0.loadUnaligned(fromByteOffset: 0, as: Int64.self))),
        Int(Int64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: Int64.self)))
      )
    }
    return from <= to ? from..<to : nil
  }

  private mutating func message(
    _ message: Message, in range: Range<Int>, depth: Int
  ) throws(FileError) -> Data {
    let depth = depth + (message == .graph ? 1 : 0)
    guard depth <= Self.deepestGraph else {
      throw reader.malformed("expected at most \(Self.deepestGraph) graphs within each other")
    }
    var result = Data()
    var position = range.lowerBound
    while position < range.upperBound {
      let field = try reader.field(at: &position, end: range.upperBound)
      switch Self.treatment(of: field.number, in: message) {
      case .keep: try reader.copy(field.range, to: &result)
      case .leaveOut: break
      case .descend(let inner):
        guard field.isMessageOrBytes else { throw unexpected(field) }
        result.append(
          number: field.number, try self.message(inner, in: field.content, depth: depth))
      case .replaceByPlace:
        guard field.isMessageOrBytes else { throw unexpected(field) }
        var place = Data()
        for bound in [field.content.lowerBound, field.content.upperBound] {
          withUnsafeBytes(of: Int64(bound).littleEndian) { place.append(contentsOf: $0) }
        }
        result.append(number: field.number, place)
      }
    }
    return result
  }

  private func unexpected(_ field: WireReader.Field) -> FileError {
    reader.malformed(
      "expected field \(field.number) at byte \(field.range.lowerBound) to have a length")
  }

  /// The field numbers are those of `onnx.proto3`.
  private static func treatment(of field: Int, in message: Message) -> Treatment {
    switch (message, field) {
    case (.model, 7), (.attribute, 6): .descend(.graph)
    case (.graph, 1): .descend(.node)
    case (.graph, 5), (.attribute, 5): .descend(.tensor)
    case (.node, 5): .descend(.attribute)
    case (.tensor, 9): .replaceByPlace
    case (.model, 1), (.model, 2), (.model, 3), (.model, 8), (.model, 14): .keep
    case (.graph, 2), (.graph, 11), (.graph, 12): .keep
    case (.node, 1...4), (.node, 7): .keep
    case (.attribute, 1...4), (.attribute, 7), (.attribute, 8): .keep
    case (.tensor, 1), (.tensor, 2), (.tensor, 4), (.tensor, 5), (.tensor, 7), (.tensor, 8): .keep
    case (.tensor, 10...14): .keep
    default: .leaveOut
    }
  }
}

extension Data {
  /// Appends a field of known length.
  fileprivate mutating func append(number: Int, _ content: Data) {
    append(varint: UInt64(number << 3 | 2))
    append(varint: UInt64(content.count))
    append(content)
  }

  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest > 0x7F {
      append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
