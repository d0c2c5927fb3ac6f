public import Kernels
public import TensorCore

/// Resizes some axes, each by the same rule (ONNX's Resize and Upsample).
public struct Resample: Operation {
  public let rule: ResamplingRule
  public let axes: [Int]
  /// The new extents of `axes`; nil for `⌊extent · scale⌋`.
  public let extents: [Int]?
  /// The factor for coordinates; nil for the quotient of the extents.
  public let scales: [Double]?

  /// - Parameters:
  ///   - extents: One for each of `axes`.
  ///   - scales: One for each of `axes`. If extents are given, they only affect the coordinates.
  public init(
    _ rule: ResamplingRule, axes: [Int], extents: [Int]? = nil, scales: [Double]? = nil
  ) {
    (self.rule, self.axes, self.extents, self.scales) = (rule, axes, extents, scales)
  }

  public var kind: String { "resize" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { .keepingAxes(of: $0, mixing: tables($0).map(\.axis)) } ?? .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    for axis in axes { try input.check(axis: axis) }
    guard Set(axes).count == axes.count else { throw OperationError("resizes an axis twice") }
    guard extents != nil || scales != nil, (extents ?? axes).count == axes.count,
      scales == nil || scales?.count == axes.count
    else {
      throw OperationError("expected one extent or scale for each of the axes \(axes)")
    }
    // Beyond these limits, the picture vanishes or does not fit into memory.
    let sensible = 1 / Double(1 << 31)...Double(1 << 31)
    guard (scales ?? []).allSatisfy(sensible.contains) else {
      throw OperationError("scales \(scales ?? []) are not between 2⁻³¹ and 2³¹")
    }
    let resized = self.resized(input)
    guard axes.allSatisfy({ input[$0] > 0 && resized[$0] > 0 }) else {
      throw OperationError("inputs \(input) cannot be resized to \(resized)")
    }
    return try Shape.checked(resized)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let shape = inputs[0].shape
    let output = tables(shape).reduce(inputs[0]) { tensor, entry in
      apply(entry.table, along: entry.axis, of: tensor)
    }
    return Evaluation(inputShapes: [shape], output: output)
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let gradient = gradient
    return [
      tables(evaluation.inputShapes[0]).reversed().reduce(gradient) { tensor, entry in
        applyTransposed(entry.table, along: entry.axis, of: tensor)
      }
    ]
  }

  /// The table for each axis that changes.
  private func tables(_ input: Shape) -> [(axis: Int, table: AxisTable)] {
    let output = resized(input)
    return axes.indices.compactMap { index in
      let axis = axes[index]
      let scale = scales?[index] ?? Double(output[axis]) / Double(input[axis])
      // This rule shifts by half a pixel even if the size stays the same.
      if scale == 1, output[axis] == input[axis], rule.coordinates != .tfHalfPixelForNearest {
        return nil
      }
      return (axis, rule.table(input: input[axis], output: output[axis], scale: scale))
    }
  }

  private func resized(_ input: Shape) -> [Int] {
    var result = input.extents
    for (index, axis) in axes.enumerated() {
      if let extents {
        result[axis] = extents[index]
      } else if let scales {
        result[axis] = Int((Double(input[axis]) * scales[index]).rounded(.down))
      }
    }
    return result
  }
}
