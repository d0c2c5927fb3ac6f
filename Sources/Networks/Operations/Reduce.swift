public import Kernels
public import TensorCore

/// The mean, sum, maximum and so on of the elements along some axes.
public struct Reduce: Operation {
  public let function: ReductionFunction
  public let axes: [Int]
  /// Whether the axes are kept, with an extent of one.
  public let keepsAxes: Bool

  public init(_ function: ReductionFunction, axes: [Int], keepsAxes: Bool) {
    (self.function, self.axes, self.keepsAxes) = (function, axes, keepsAxes)
  }

  public var kind: String {
    switch function {
    case .mean: "mean"
    case .sum: "sum"
    case .maximum: "maximum along axes"
    case .minimum: "minimum along axes"
    case .product: "product"
    case .sumOfSquares: "sum of squares"
    case .l1: "L1 norm"
    case .l2: "L2 norm"
    case .logSumExp: "log sum exp"
    }
  }

  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { .reducing(axes, of: $0, keepsAxes: keepsAxes) } ?? .everything
  }

  public var pullbackReads: PullbackReads {
    switch function {
    case .mean, .sum: []
    case .sumOfSquares, .l1, .product: .inputs
    case .maximum, .minimum, .l2, .logSumExp: [.inputs, .output]
    }
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    for axis in axes { try input.check(axis: axis) }
    guard Set(axes).count == axes.count else {
      throw OperationError("names an axis twice: \(axes)")
    }
    return keepsAxes ? input.reduced(axes) : input.without(axes)
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let input = inputs[0].shape
    let reduced = reduceAxes(axes, of: inputs[0], by: function)
    return Evaluation(
      inputShapes: [input],
      output: keepsAxes ? reduced : reduced.reshaped(to: input.without(axes)))
  }

  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] {
    let input = evaluation.inputShapes[0]
    let kept = input.reduced(axes)
    let gradient = keepsAxes ? gradient : gradient.reshaped(to: kept)
    var output: Tensor { evaluation.keptOutput.reshaped(to: kept) }
    var x: Tensor { evaluation.keptInputs[0] }
    switch function {
    case .sum: return [expand(gradient, to: input)]
    case .mean:
      let share = Float(kept.elementCount) / Float(max(input.elementCount, 1))
      return [expand(combine(gradient, .number(share), .multiply), to: input)]
    case .sumOfSquares:
      return [combine(combine(x, gradient, .multiply), .number(2), .multiply)]
    case .l1:
      let signs = x.map { $0 == 0 || $0.isNaN ? $0 : $0 > 0 ? 1 : -1 }
      return [combine(signs, gradient, .multiply)]
    case .l2:
      let inverse = output.map { $0 == 0 ? 0 : 1 / $0 }
      return [combine(x, combine(inverse, gradient, .multiply), .multiply)]
    case .logSumExp:
      let shares = activate(combine(x, output, .subtract), .exponential)
      return [combine(shares, gradient, .multiply)]
    case .maximum, .minimum:
      // Distributed equally among the elements that attain it.
      let attaining = compare(x, output, .equal)
      let sharers = reduceAxes(axes, of: attaining, by: .sum)
      return [combine(attaining, combine(gradient, sharers, .divide), .multiply)]
    case .product: return [combine(othersProduct(x), gradient, .multiply)]
    }
  }

  /// For each element, the product of the others along the axes, correct for zeros too.
  private func othersProduct(_ x: Tensor) -> Tensor {
    let zeros = reduceAxes(axes, of: compare(x, .number(0), .equal), by: .sum)
    let rest = reduceAxes(axes, of: x.map { $0 == 0 ? 1 : $0 }, by: .product)
    // The number of zeros among the others: all of them, minus one if the element itself is zero.
    let others = combine(zeros, compare(x, .number(0), .equal), .subtract)
    let products = combine(rest, x.map { $0 == 0 ? 1 : $0 }, .divide)
    return combine(products, compare(others, .number(0), .equal), .multiply)
  }
}

extension SpatialReach {
  fileprivate static func reducing(
    _ reduced: [Int], of input: Shape, keepsAxes: Bool
  ) -> SpatialReach {
    .axes([
      (0..<input.rank).map { axis in
        guard !reduced.contains(axis) else { return .everything }
        return .along(keepsAxes ? axis : axis - reduced.count { $0 < axis })
      }
    ])
  }
}

/// The position of the maximum or minimum along an axis, as a number.
public struct ArgMax: Operation {
  public let axis: Int
  public let keepsAxis: Bool
  /// Whether the last of several equal elements is taken, not the first.
  public let takesLast: Bool
  /// Whether to find the minimum.
  public let least: Bool

  public init(axis: Int, keepsAxis: Bool, takesLast: Bool = false, least: Bool = false) {
    (self.axis, self.keepsAxis) = (axis, keepsAxis)
    (self.takesLast, self.least) = (takesLast, least)
  }

  public var kind: String { least ? "arg min" : "arg max" }

  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    inputs.first.map { .reducing([axis], of: $0, keepsAxes: keepsAxis) } ?? .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs, along: axis)
    return keepsAxis ? input.reduced([axis]) : input.without([axis])
  }

  public func evaluate(
    _ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode
  ) -> Evaluation {
    let input = inputs[0].shape
    let positions = extremePositions(
      along: axis, of: inputs[0], least: least, takesLast: takesLast)
    return Evaluation(
      inputShapes: [input],
      output: keepsAxis ? positions : positions.reshaped(to: input.without([axis])))
  }

  /// Positions are piecewise constant, so their derivative is 0.
  public func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor] { evaluation.inputShapes.map { Tensor(shape: $0, repeating: 0) } }
}
