/// What ONNX's Slice takes from one axis, including its clamping.
struct SliceBounds {
  let first: Int
  let step: Int
  let count: Int

  /// - Parameters:
  ///   - start: A negative index counts from the end; one out of range is clamped.
  ///   - end: Like `start`, but exclusive.
  ///   - step: Must not be 0.
  init(start: Int, end: Int, step: Int, extent: Int) {
    func clamped(_ bound: Int, _ range: ClosedRange<Int>) -> Int {
      // A large negative `Int` must not overflow in the calculation.
      let counted = bound < 0 ? (bound < -extent ? -1 : bound + extent) : bound
      return min(max(counted, range.lowerBound), range.upperBound)
    }
    if step > 0 {
      let (from, to) = (clamped(start, 0...extent), clamped(end, 0...extent))
      (first, count) = (from, to > from ? (to - from - 1) / step + 1 : 0)
    } else {
      guard extent > 0 else {
        (first, self.step, count) = (0, step, 0)
        return
      }
      let from = clamped(start, -1...(extent - 1))
      let to = clamped(end, -1...(extent - 1))
      // `step` may be `Int.min`, which cannot be negated.
      let distance = from - to
      let length = Int(min(step.magnitude, 1 << 62))
      (first, count) = (from, distance > 0 ? (distance - 1) / length + 1 : 0)
    }
    self.step = step
  }
}
