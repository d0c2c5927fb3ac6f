extension ElementType {
  /// The type with a given number in ONNX (TensorProto.DataType); nil for strings, complex numbers
  /// and 4-bit numbers.
  init?(onnx code: Int) {
    switch code {
    case 1: self = .float32
    case 2: self = .unsigned8
    case 3: self = .signed8
    case 4: self = .unsigned16
    case 5: self = .signed16
    case 6: self = .signed32
    case 7: self = .signed64
    case 9: self = .boolean
    case 10: self = .float16
    case 11: self = .float64
    case 12: self = .unsigned32
    case 13: self = .unsigned64
    case 16: self = .bfloat16
    case 17: self = .float8e4m3
    case 19: self = .float8e5m2
    default: return nil
    }
  }

  /// The values of an integer type; nil for other types.
  var integerRange: ClosedRange<Int>? {
    switch self {
    case .boolean: 0...1
    case .unsigned8: 0...255
    case .signed8: -128...127
    case .unsigned16: 0...65535
    case .signed16: -32768...32767
    case .unsigned32: 0...Int(UInt32.max)
    case .signed32: Int(Int32.min)...Int(Int32.max)
    // Nothing in a network counts beyond 2⁶³ − 1.
    case .unsigned64: 0...Int.max
    case .signed64: Int.min...Int.max
    default: nil
    }
  }

  /// An integer converted to this type: its lowest bits, as in C.
  func converted(_ number: Int) -> Int {
    switch self {
    case .boolean: number == 0 ? 0 : 1
    case .unsigned8: Int(UInt8(truncatingIfNeeded: number))
    case .signed8: Int(Int8(truncatingIfNeeded: number))
    case .unsigned16: Int(UInt16(truncatingIfNeeded: number))
    case .signed16: Int(Int16(truncatingIfNeeded: number))
    case .unsigned32: Int(UInt32(truncatingIfNeeded: number))
    case .signed32: Int(Int32(truncatingIfNeeded: number))
    default: number
    }
  }

  /// Reads integers exactly; numbers of other types are rounded towards zero.
  func integers(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Int] {
    func each<Raw: FixedWidthInteger & BitwiseCopyable>(_ type: Raw.Type) -> [Int] {
      (0..<count).map { index in
        Int(
          truncatingIfNeeded: Raw(
            littleEndian: bytes.loadUnaligned(
              fromByteOffset: index * MemoryLayout<Raw>.size, as: type)))
      }
    }
    switch self {
    case .boolean: return each(UInt8.self).map { $0 == 0 ? 0 : 1 }
    case .unsigned8: return each(UInt8.self)
    case .signed8: return each(Int8.self)
    case .unsigned16: return each(UInt16.self)
    case .signed16: return each(Int16.self)
    case .unsigned32: return each(UInt32.self)
    case .signed32: return each(Int32.self)
    case .unsigned64: return each(UInt64.self)
    case .signed64: return each(Int64.self)
    default:
      let floats = [Float](unsafeUninitializedCapacity: count) { target, initialized in
        read(bytes, into: UnsafeMutableBufferPointer(rebasing: target[..<count]))
        initialized = count
      }
      return floats.map(Int.init(towardsZero:))
    }
  }
}

extension Int {
  /// Rounds towards zero; the nearest `Int` if the result is out of range.
  init(towardsZero value: Float) {
    switch value {
    case ..<Float(Int.min): self = .min
    // Rounded up to 2⁶³ in single precision.
    case Float(Int.max)...: self = .max
    default: self = value.isNaN ? 0 : Int(value)
    }
  }
}
