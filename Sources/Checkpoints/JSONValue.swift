/// A JSON value that preserves the order of an object's names, and duplicates.
///
/// Foundation's decoders silently keep one of two entries of the same name; a header that names a
/// tensor twice must be rejected.
enum JSONValue {
  case object([(name: String, value: JSONValue)])
  case array([JSONValue])
  case string(String)
  case integer(Int)
  /// A number that does not fit an `Int`, `true`, `false` or `null`, as written.
  case other(String)

  /// What the value is, for error messages.
  var kind: String {
    switch self {
    case .object: "an object"
    case .array: "a list"
    case .string(let text): "the text \(quoted(text))"
    case .integer(let number): "\(number)"
    case .other(let token): token
    }
  }
}

/// Why some bytes are not JSON.
struct JSONProblem: Error, Equatable {
  let position: Int
  let reason: String
}

extension JSONValue {
  /// Reads one JSON text (RFC 8259), including surrounding whitespace.
  init(reading bytes: [UInt8]) throws(JSONProblem) {
    var reader = JSONReader(bytes: bytes)
    self = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else {
      throw reader.problem("expected the end after the first value")
    }
  }
}

private struct JSONReader {
  /// Headers are three levels deep; more would only use up the stack.
  private static let deepest = 16

  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  func problem(_ reason: String) -> JSONProblem {
    JSONProblem(position: position, reason: reason)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0B {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard let byte = next, byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(JSONProblem) {
    guard take(character) else { throw problem("expected '\(character)'") }
  }

  mutating func value(depth: Int) throws(JSONProblem) -> JSONValue {
    guard depth < Self.deepest else { throw problem("nested too deeply") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    default: return try token()
    }
  }

  private mutating func object(depth: Int) throws(JSONProblem) -> JSONValue {
    try expect("{")
    var entries: [(name: String, value: JSONValue)] = []
    if take("}") { return .object(entries) }
    repeat {
      skipSpace()
      let name = try string()
      try expect(":")
      entries.append((name, try value(depth: depth + 1)))
    } while take(",")
    try expect("}")
    return .object(entries)
  }

  private mutating func array(depth: Int) throws(JSONProblem) -> JSONValue {
    try expect("[")
    var elements: [JSONValue] = []
    if take("]") { return .array(elements) }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    try expect("]")
    return .array(elements)
  }

  /// A number or a literal.
  private mutating func token() throws(JSONProblem) -> JSONValue {
    let start = position
    while let byte = next, Self.belongsToToken(byte) { position += 1 }
    let token = String(decoding: bytes[start..<position], as: UTF8.self)
    if ["true", "false", "null"].contains(token) { return .other(token) }
    let digits = token.drop { $0 == "-" }
    let hasNeedlessZero = digits.count > 1 && digits.first == "0" && digits.allSatisfy(\.isNumber)
    guard !token.hasPrefix("+"), !hasNeedlessZero, Double(token) != nil,
      digits.first?.isNumber == true
    else {
      position = start
      throw problem("expected a value")
    }
    if let number = Int(token) { return .integer(number) }
    return .other(token)
  }

  private static func belongsToToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }

  private mutating func string() throws(JSONProblem) -> String {
    try expect("\"")
    let start = position
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let valid = String(validating: text, as: UTF8.self) else {
          position = start
          throw problem("expected UTF-8 in a text")
        }
        return valid
      case UInt8(ascii: "\\"):
        position += 1
        try escape(into: &text)
      case 0..<0x20:
        throw problem("expected control characters to be escaped in a text")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw problem("expected '\"' at the end of a text")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONProblem) {
    guard let byte = next else { throw problem("expected an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: String(try escapedScalar()).utf8)
    default:
      position -= 1
      throw problem("expected one of the escapes of JSON")
    }
  }

  private mutating func escapedScalar() throws(JSONProblem) -> Character {
    var code = try fourDigits()
    if (0xD800...0xDBFF).contains(code), next == UInt8(ascii: "\\") {
      position += 1
      guard next == UInt8(ascii: "u") else { throw problem("expected a low surrogate") }
      position += 1
      let low = try fourDigits()
      guard (0xDC00...0xDFFF).contains(low) else { throw problem("expected a low surrogate") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw problem("expected a character's code") }
    return Character(scalar)
  }

  private mutating func fourDigits() throws(JSONProblem) -> UInt32 {
    guard position + 4 <= bytes.count else { throw problem("expected four digits") }
    var code: UInt32 = 0
    for byte in bytes[position..<(position + 4)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw problem("expected four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }
}
