public import Foundation

/// A message of Protocol Buffers as a list of fields, so that a file can be changed without a
/// complete schema (protobuf.dev/programming-guides/encoding).
public struct WireMessage {
  public enum Value {
    case number(UInt64)
    /// Bytes, a string or a message.
    case bytes(Data)
    /// Four or eight bytes.
    case fixed(Data)
  }

  public var fields: [(key: Int, value: Value)] = []

  /// - Returns: Nil if the data is not a message.
  public init?(_ data: Data) {
    let bytes = [UInt8](data)
    var place = 0
    func varint() -> UInt64? {
      var (value, shift) = (UInt64(0), UInt64(0))
      while place < bytes.count, shift < 64 {
        let byte = bytes[place]
        place += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      return nil
    }
    func part(_ count: Int) -> Data? {
      guard count >= 0, count <= bytes.count - place else { return nil }
      defer { place += count }
      return Data(bytes[place..<(place + count)])
    }
    while place < bytes.count {
      guard let tag = varint(), let key = Int(exactly: tag >> 3) else { return nil }
      switch tag & 7 {
      case 0:
        guard let value = varint() else { return nil }
        fields.append((key, .number(value)))
      case 1, 5:
        guard let value = part(tag & 7 == 1 ? 8 : 4) else { return nil }
        fields.append((key, .fixed(value)))
      case 2:
        guard let count = varint().flatMap(Int.init(exactly:)), let value = part(count) else {
          return nil
        }
        fields.append((key, .bytes(value)))
      default: return nil
      }
    }
  }

  public var data: Data {
    fields.reduce(into: Data()) { data, entry in
      switch entry.value {
      case .number(let value): data += varint(UInt64(entry.key << 3)) + varint(value)
      case .bytes(let value): data += field(entry.key, value)
      case .fixed(let value):
        data += varint(UInt64(entry.key << 3 | (value.count == 8 ? 1 : 5))) + value
      }
    }
  }

  /// The messages of a repeated field, in order.
  public func messages(_ key: Int) -> [WireMessage] {
    fields.compactMap { entry in
      if entry.key == key, case .bytes(let data) = entry.value { WireMessage(data) } else { nil }
    }
  }

  /// Replaces the messages of a repeated field.
  public mutating func replace(_ key: Int, _ messages: [WireMessage]) {
    fields.removeAll { $0.key == key }
    fields += messages.map { (key, .bytes($0.data)) }
  }

  /// The strings of a repeated field.
  public func texts(_ key: Int) -> [String] {
    fields.compactMap { entry in
      guard entry.key == key, case .bytes(let data) = entry.value else { return nil }
      return String(decoding: data, as: UTF8.self)
    }
  }

  public mutating func replace(_ key: Int, texts: [String]) {
    fields.removeAll { $0.key == key }
    fields += texts.map { (key, .bytes(Data($0.utf8))) }
  }

  /// The numbers of a repeated field, packed or not.
  public func numbers(_ key: Int) -> [Int] {
    fields.filter { $0.key == key }.flatMap { entry -> [Int] in
      switch entry.value {
      case .number(let value): [Int(truncatingIfNeeded: value)]
      case .bytes(let data):
        // A packed list consists of consecutive numbers, like the numbers in a message.
        packed(data)
      case .fixed: []
      }
    }
  }

  public mutating func replace(_ key: Int, numbers: [Int]) {
    fields.removeAll { $0.key == key }
    fields += numbers.map { (key, .number(UInt64(bitPattern: Int64($0)))) }
  }
}

private func packed(_ data: Data) -> [Int] {
  var (numbers, value, shift) = ([Int](), UInt64(0), UInt64(0))
  for byte in data {
    value |= shift < 64 ? UInt64(byte & 0x7F) << shift : 0
    shift += 7
    if byte < 0x80 {
      numbers.append(Int(truncatingIfNeeded: value))
      (value, shift) = (0, 0)
    }
  }
  return numbers
}
