public import TensorCore

/// `round(x / scale) + zero point`, clamped to `lower` and `upper`; ties round to even.
///
/// - Parameter scale: Broadcasts to `x`, like `zeroPoint`.
public func quantize(
  _ tensor: consuming Tensor, scale: Tensor, zeroPoint: Tensor, lower: Float, upper: Float
) -> Tensor {
  let steps = activate(combine(tensor, scale, .divide), .rounding)
  return activate(combine(steps, zeroPoint, .add), .clip(lower: lower, upper: upper))
}

/// `(x − zero point) · scale`.
public func dequantize(
  _ tensor: consuming Tensor, scale: Tensor, zeroPoint: Tensor?
) -> Tensor {
  guard let zeroPoint else { return combine(tensor, scale, .multiply) }
  return combine(combine(tensor, zeroPoint, .subtract), scale, .multiply)
}
