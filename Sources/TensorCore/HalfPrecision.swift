/// The value of an IEEE 754 binary16, given by its bits: `Float16` is missing on Intel Macs.
package func float(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1F
  let fraction = UInt32(bits & 0x3FF)
  switch exponent {
  case 0:  // Zero or subnormal: fraction · 2⁻²⁴.
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  case 0x1F:  // Infinity or not a number.
    return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
  default:
    return Float(bitPattern: sign | (exponent + 127 - 15) << 23 | fraction << 13)
  }
}

/// The nearest IEEE 754 binary16, ties to even; values that are too large become infinite.
package func half(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  let sign = UInt16(bits >> 16) & 0x8000
  let magnitude = value.magnitude
  if value.isNaN { return sign | 0x7E00 }
  // Half a step above 65504, the largest finite value.
  if magnitude >= 65520 { return sign | 0x7C00 }
  if magnitude < 0x1p-14 {
    return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
  }
  // Thirteen bits are dropped; a carry out of the fraction correctly raises the exponent.
  let kept = (magnitude.bitPattern + 0xFFF + (bits >> 13 & 1)) >> 13
  return sign | UInt16(kept - (127 - 15) << 10)
}
