/// What a scan has found, as bytes: integers in groups of seven bits, the least significant first
/// (LEB128), floating-point numbers by their bits, so that they return exactly.
package struct ScanStateWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// - Parameter number: Not negative.
  package mutating func append(_ number: Int) {
    precondition(number >= 0, "\(number) to be saved")
    var rest = UInt64(number)
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  package mutating func append(_ flag: Bool) { bytes.append(flag ? 1 : 0) }
  mutating func append(_ number: Float) { append(bits: number.bitPattern) }
  package mutating func append(_ number: Double) { append(bits: number.bitPattern) }

  private mutating func append(bits: some FixedWidthInteger) {
    withUnsafeBytes(of: bits.littleEndian) { bytes += $0 }
  }

  mutating func append(_ excitation: Excitation) {
    append(excitation.value)
    append(excitation.rank)
    append(excitation.probability != nil)
    if let probability = excitation.probability { append(probability) }
    append(excitation.picture)
    for place in excitation.position { append(place) }
  }

  /// Two numbers and perhaps a third, the picture, row and column, and a class.
  static let mostExcitationBytes = 3 * 4 + 1 + 4 * mostIntegerBytes
  /// A heap's size, two sums, a flag, and perhaps the number of a unit that is not finite.
  static let mostResponseBytes = 2 * 8 + 1 + 2 * mostIntegerBytes
  private static let mostIntegerBytes = 9
}

/// Bytes that no scan has saved.
package struct DamagedScanState: Error {}

/// Reads what a `ScanStateWriter` has written, and trusts nothing.
package struct ScanStateReader {
  private let bytes: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var isAtEnd: Bool { position == bytes.count }

  private mutating func byte() throws(DamagedScanState) -> UInt8 {
    guard position < bytes.count else { throw DamagedScanState() }
    position += 1
    return bytes[position - 1]
  }

  package mutating func integer(_ range: ClosedRange<Int>) throws(DamagedScanState) -> Int {
    var number = 0
    // Nine groups of seven bits fit into 64 bits with a sign.
    for shift in stride(from: 0, to: 63, by: 7) {
      let byte = try byte()
      number |= Int(byte & 0x7F) << shift
      guard byte & 0x80 == 0 else { continue }
      guard range.contains(number) else { throw DamagedScanState() }
      return number
    }
    throw DamagedScanState()
  }

  package mutating func flag() throws(DamagedScanState) -> Bool {
    switch try byte() {
    case 0: false
    case 1: true
    default: throw DamagedScanState()
    }
  }

  private mutating func bits<Bits: FixedWidthInteger>(
    _ type: Bits.Type
  ) throws(DamagedScanState) -> Bits {
    var bits: Bits = 0
    for index in 0..<(Bits.bitWidth / 8) { bits |= Bits(try byte()) << (8 * index) }
    return bits
  }

  mutating func number() throws(DamagedScanState) -> Float {
    Float(bitPattern: try bits(UInt32.self))
  }

  package mutating func double() throws(DamagedScanState) -> Double {
    Double(bitPattern: try bits(UInt64.self))
  }

  /// A sum of numbers that are not negative.
  mutating func sum() throws(DamagedScanState) -> Double {
    let sum = try double()
    guard sum >= 0 else { throw DamagedScanState() }
    return sum
  }

  /// - Parameters:
  ///   - pictures: Their number.
  ///   - positions: More than the greatest row and the greatest column of a map.
  mutating func excitation(
    pictures: Int, positions: Int
  ) throws(DamagedScanState) -> Excitation {
    let (value, rank) = (try number(), try number())
    let probability = try flag() ? try number() : nil
    guard value.isFinite, !rank.isNaN, pictures > 0, positions > 0 else {
      throw DamagedScanState()
    }
    let picture = try integer(0...(pictures - 1))
    let position = [try integer(0...(positions - 1)), try integer(0...(positions - 1))]
    return Excitation(
      value: value, rank: rank, probability: probability, picture: picture, position: position)
  }
}
