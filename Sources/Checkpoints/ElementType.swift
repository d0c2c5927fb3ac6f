internal import TensorCore

/// How a tensor's elements are encoded in a file; always little-endian.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  case boolean = "BOOL"
  case unsigned8 = "U8"
  case signed8 = "I8"
  /// Five exponent and two mantissa bits, as the upper half of `float16`.
  case float8e5m2 = "F8_E5M2"
  /// Four exponent and three mantissa bits, without infinities.
  case float8e4m3 = "F8_E4M3"
  case unsigned16 = "U16"
  case signed16 = "I16"
  case float16 = "F16"
  /// The upper half of a `float32`.
  case bfloat16 = "BF16"
  case unsigned32 = "U32"
  case signed32 = "I32"
  case float32 = "F32"
  case unsigned64 = "U64"
  case signed64 = "I64"
  case float64 = "F64"

  /// In bytes.
  public var size: Int {
    switch self {
    case .boolean, .unsigned8, .signed8, .float8e5m2, .float8e4m3: 1
    case .unsigned16, .signed16, .float16, .bfloat16: 2
    case .unsigned32, .signed32, .float32: 4
    case .unsigned64, .signed64, .float64: 8
    }
  }

  /// Whether weights may have this type: real numbers, or the small integers of quantized weights.
  /// The other types are for counters, indices and masks.
  public var holdsWeights: Bool {
    switch self {
    case .float8e5m2, .float8e4m3, .float16, .bfloat16, .float32, .float64, .signed8, .unsigned8:
      true
    default: false
    }
  }

  /// Whether it is a floating-point type; the others are for counters, indices, masks and quantized
  /// weights.
  public var isFloatingPoint: Bool {
    switch self {
    case .float8e5m2, .float8e4m3, .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}

extension ElementType {
  /// Reads as many elements as fit in `target`; the nearest `Float` if there is no exact one.
  func read(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
    func each<Raw: BitwiseCopyable>(_ type: Raw.Type, _ convert: (Raw) -> Float) {
      for index in 0..<target.count {
        let raw = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Raw>.size, as: type)
        target.initializeElement(at: index, to: convert(raw))
      }
    }
    switch self {
    case .boolean: each(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .unsigned8: each(UInt8.self) { Float($0) }
    case .signed8: each(Int8.self) { Float($0) }
    case .float8e5m2: each(UInt8.self) { float(half: UInt16($0) << 8) }
    case .float8e4m3: each(UInt8.self) { float(e4m3: $0) }
    case .unsigned16: each(UInt16.self) { Float(UInt16(littleEndian: $0)) }
    case .signed16: each(Int16.self) { Float(Int16(littleEndian: $0)) }
    case .float16: each(UInt16.self) { float(half: UInt16(littleEndian: $0)) }
    case .bfloat16:
      each(UInt16.self) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
    case .unsigned32: each(UInt32.self) { Float(UInt32(littleEndian: $0)) }
    case .signed32: each(Int32.self) { Float(Int32(littleEndian: $0)) }
    case .float32: each(UInt32.self) { Float(bitPattern: UInt32(littleEndian: $0)) }
    case .unsigned64: each(UInt64.self) { Float(UInt64(littleEndian: $0)) }
    case .signed64: each(Int64.self) { Float(Int64(littleEndian: $0)) }
    case .float64: each(UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
    }
  }
}

/// The value of an 8-bit float with bias 7 (Micikevicius et al., "FP8 Formats for Deep
/// Learning", 2022).
private func float(e4m3 bits: UInt8) -> Float {
  let exponent = Int(bits >> 3 & 0xF)
  let fraction = Float(bits & 7)
  let magnitude: Float =
    switch (exponent, bits & 7) {
    case (15, 7): .nan
    case (0, _): fraction * 0x1p-9
    default: (1 + fraction / 8) * Float(sign: .plus, exponent: exponent - 7, significand: 1)
    }
  return bits & 0x80 == 0 ? magnitude : -magnitude
}
