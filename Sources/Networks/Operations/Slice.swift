public import Kernels
public import TensorCore

/// A part of some axes: from `start` on, before `end`, every `step`-th index.
///
/// As in ONNX and NumPy, negative indices count from the end, bounds beyond an axis are clamped to
/// its end, and a negative step goes backwards.
public struct Slice: RearrangingOperation {
  public let axes, starts, ends, steps: [Int]

  public init(axes: [Int], starts: [Int], ends: [Int], steps: [Int]) {
    (self.axes, self.starts, self.ends, self.steps) = (axes, starts, ends, steps)
  }

  public var kind: String { "slice" }

  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    guard let input = inputs.first else { return .everything }
    var reaches = (0..<input.rank).map { AxisReach.along($0) }
    for range in ranges(input) {
      reaches[range.axis] =
        range.step > 0
        ? .along(range.axis, start: range.start, stride: range.step) : .everything
    }
    return .axes([reaches])
  }

  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? { axes == [1] ? inPlace(positions, of: output, from: inputs) : nil }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard axes.count == starts.count, axes.count == ends.count, axes.count == steps.count else {
      throw OperationError(
        "axes \(axes) with starts \(starts), ends \(ends) and steps \(steps) do not describe a slice"
      )
    }
    for axis in axes { try input.check(axis: axis) }
    guard Set(axes).count == axes.count else { throw OperationError("slices an axis twice") }
    guard !steps.contains(0) else { throw OperationError("a step of a slice is 0") }
    return rearrangement(of: input).outputShape
  }

  public func rearrangement(of input: Shape) -> Rearrangement { .slice(of: input, ranges(input)) }

  private func ranges(_ shape: Shape) -> [Rearrangement.Range] {
    axes.indices.map { index in
      let (axis, step) = (axes[index], steps[index])
      let extent = shape[axis]
      // The last positions at which a slice may start or end, in either direction.
      let bounds = step > 0 ? 0...extent : -1...(extent - 1)
      func place(_ index: Int) -> Int {
        let fromFront = index < 0 ? index + extent : index
        return min(max(fromFront, bounds.lowerBound), bounds.upperBound)
      }
      let (start, end) = (place(starts[index]), place(ends[index]))
      let distance = step > 0 ? end - start : start - end
      guard distance > 0 else { return .init(axis: axis, start: 0, count: 0) }
      let count = (distance - 1) / Int(clamping: step.magnitude) + 1
      // A step that is never taken may be too long to compute with.
      return .init(axis: axis, start: start, step: count > 1 ? step : 1, count: count)
    }
  }
}

extension WindowGeometry {
  /// A window that stays at its position.
  static func still(_ axes: Int) -> WindowGeometry {
    let (ones, zeros) = ([Int](repeating: 1, count: axes), [Int](repeating: 0, count: axes))
    return WindowGeometry(
      stride: ones, dilation: ones, paddingBefore: zeros, paddingAfter: zeros)
  }
}
