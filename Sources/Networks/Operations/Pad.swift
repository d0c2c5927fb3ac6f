internal import Kernels
public import TensorCore

/// Adds indices before and after every axis, or removes some if a number is negative.
public struct Pad: Operation {
  public enum Mode: String, Sendable, Hashable, Codable {
    /// A fixed value.
    case constant
    /// Mirrored at the outermost elements, which are not repeated.
    case reflect
    /// The outermost elements are repeated.
    case edge
    /// Continues from the opposite end.
    case wrap
  }

  /// One per axis, including batch and channels.
  public let before, after: [Int]
  public let mode: Mode
  /// Finite, so that it can be serialized.
  public let value: Float

  /// - Parameter value: Infinity becomes the greatest finite number.
  public init(before: [Int], after: [Int], mode: Mode = .constant, value: Float = 0) {
    (self.before, self.after, self.mode) = (before, after, mode)
    self.value = max(
      -.greatestFiniteMagnitude, min(value, .greatestFiniteMagnitude))
  }

  public var kind: String { "pad" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .axes([
      before.indices.map { axis in
        let changes = before[axis] != 0 || after[axis] != 0
        return mode == .wrap && changes ? .everything : .along(axis, start: -before[axis])
      }
    ])
  }

  /// Only with a fixed value; otherwise borders read what is far from them.
  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? {
    guard mode == .constant else { return nil }
    var (before, after) = (before, after)
    var part: [Range<Int>] = []
    for (axis, range) in zip(2..., positions) {
      let first = range.lowerBound - self.before[axis]
      let end = first + range.count
      let (start, stop) = (max(first, 0), min(end, inputs[0][axis]))
      guard start < stop else { return nil }
      (before[axis], after[axis]) = (start - first, end - stop)
      part.append(start..<stop)
    }
    return CroppedOperation(Pad(before: before, after: after, value: value), parts: [part])
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard before.count == input.rank, after.count == input.rank else {
      throw OperationError("pads \(before) and \(after) do not fit inputs \(input)")
    }
    // Far beyond any extent, but far from overflowing.
    let sensible = -(1 << 40)...(1 << 40)
    guard (before + after).allSatisfy(sensible.contains) else {
      throw OperationError("pads \(before) and \(after) are too large")
    }
    for axis in before.indices {
      guard input[axis] + min(before[axis], 0) + min(after[axis], 0) >= 0 else {
        throw OperationError("pads \(before) and \(after) cut off more than inputs \(input) have")
      }
      guard mode == .constant || input[axis] > 0 || before[axis] <= 0 && after[axis] <= 0 else {
        throw OperationError("nothing continues the empty axis \(axis) of inputs \(input)")
      }
    }
    return try Shape.checked(input.extents.indices.map { input[$0] + before[$0] + after[$0] })
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Networks.Mode
  ) -> Evaluation {
    let shape = inputs[0].shape
    if let continuation {
      let output = changedAxes.reduce(inputs[0]) { tensor, axis in
        apply(table(shape, axis, continuation), along: axis, of: tensor)
      }
      return Evaluation(inputShapes: [shape], output: output)
    }
    return Evaluation(
      inputShapes: [shape],
      output: Rearrangement.padding(of: shape, before: before, after: after)
        .apply(to: inputs[0], filling: value))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let shape = evaluation.inputShapes[0]
    if let continuation {
      let gradient = gradient
      return [
        changedAxes.reversed().reduce(gradient) { tensor, axis in
          applyTransposed(table(shape, axis, continuation), along: axis, of: tensor)
        }
      ]
    }
    return [
      Rearrangement.padding(of: shape, before: before, after: after).transposed(gradient)
    ]
  }

  private var changedAxes: [Int] {
    before.indices.filter { before[$0] != 0 || after[$0] != 0 }
  }

  private var continuation: AxisTable.Continuation? {
    switch mode {
    case .constant: nil
    case .reflect: .reflect
    case .edge: .edge
    case .wrap: .wrap
    }
  }

  private func table(
    _ shape: Shape, _ axis: Int, _ continuation: AxisTable.Continuation
  ) -> AxisTable {
    .continuing(shape[axis], before: before[axis], after: after[axis], by: continuation)
  }
}
