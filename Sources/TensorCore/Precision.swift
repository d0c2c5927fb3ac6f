/// How the numbers of a tensor are stored.
public enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
  /// IEEE 754 binary32.
  case float32 = "f32"
  /// The upper half of a binary32: its exponent, and 8 instead of 24 significant bits (Kalamkar et
  /// al. 2019). The relative error of rounding is at most 2⁻⁹.
  case bfloat16 = "bf16"

  var bytes: Int { self == .float32 ? 4 : 2 }
}

/// The nearest bfloat16, ties to even, as its bits; NaN stays NaN.
@inline(__always)
package func bfloat16(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  // Half a step below the last kept bit, and one more if that is odd. A carry out of the fraction
  // correctly raises the exponent, up to infinity.
  let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
  // The quiet bit, so that a NaN whose other bits are dropped does not become infinity.
  let quiet = bits >> 16 | 0x40
  return UInt16(truncatingIfNeeded: bits & 0x7FFF_FFFF > 0x7F80_0000 ? quiet : rounded)
}

/// The value of a bfloat16, given by its bits.
@inline(__always)
package func float(bfloat16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

extension Tensor {
  /// How the numbers are stored. Whatever reads them as `Float` reads the same values.
  public var precision: Precision { storage.precision }

  /// The same numbers stored in another precision, rounded to the nearest if that has fewer digits.
  public func converted(to precision: Precision) -> Tensor {
    guard precision != self.precision else { return self }
    let converted = storage.converted(to: precision)
    // Rounding may enlarge a number by 2⁻⁹ of it.
    if let knownMagnitude {
      converted[.magnitude] =
        precision == .float32 ? knownMagnitude : knownMagnitude * roundingMargin
    }
    return Tensor(shape: shape, layout: layout, storage: converted)
  }

  /// A tensor whose memory, in a given precision, is filled by `body`.
  package init(
    shape: Shape, layout: Layout, precision: Precision,
    filledBy body: (UnsafeMutableRawPointer) -> Void
  ) {
    let filled = TensorStorage(count: shape.elementCount, precision: precision)
    body(filled.block)
    self.init(shape: shape, layout: layout, storage: filled)
  }

  /// The memory in a given precision, for reading; converted if the numbers are stored in another.
  package func withMemory<R>(
    as precision: Precision, _ body: (UnsafeMutableRawPointer) -> R
  ) -> R {
    if precision == .float32 {
      return withExtendedLifetime(storage) { body(UnsafeMutableRawPointer(storage.base)) }
    }
    let other = converted(to: precision).storage
    return withExtendedLifetime(other) { body(other.block) }
  }

  /// The memory in the precision that the numbers are stored in, for writing all of them; a new one
  /// if another tensor shares it, with the same numbers.
  package mutating func withMutableMemory<R>(_ body: (UnsafeMutableRawPointer) -> R) -> R {
    if !isKnownUniquelyReferenced(&storage) { storage = storage.copyInPrecision() }
    storage.forgetDerived()
    return body(storage.block)
  }
}

/// A factor by which rounding an operand or a result to bfloat16 enlarges a bound at most.
package let roundingMargin: Float = 1 + 0x1p-8
