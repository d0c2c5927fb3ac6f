internal import Kernels
internal import TensorCore

/// How the window of a convolution or pool moves, according to a node's attributes.
struct WindowOperands {
  let window: [Int]
  let moves: WindowGeometry

  /// More than the rows of any picture, but small enough that no sum overflows.
  private static let largest = 1 << 24

  /// - Parameters:
  ///   - extents: The input's, without batch and channels.
  ///   - window: Used if the attribute is missing: the filters' extents.
  init(
    _ call: OperatorCall, extents: [Int], window: [Int]? = nil
  ) throws(ImportProblem) {
    let axes = extents.count
    let ones = extents.map { _ in 1 }
    guard let size = call.attributes.integers("kernel_shape") ?? window, axes > 0 else {
      throw ImportProblem("expected a window's shape, found none")
    }
    let stride = call.attributes.integers("strides") ?? ones
    let dilation = call.attributes.integers("dilations") ?? ones
    for (name, values) in [("window", size), ("stride", stride), ("dilation", dilation)] {
      guard values.count == axes, values.allSatisfy({ 1...Self.largest ~= $0 }) else {
        throw ImportProblem("expected a \(name) of \(axes) positive extents, found \(values)")
      }
    }
    self.window = size
    moves = WindowGeometry(
      stride: stride, dilation: dilation,
      paddingBefore: ones.map { _ in 0 }, paddingAfter: ones.map { _ in 0 }
    ).padded(
      try Self.padding(call, extents: extents, window: size, stride: stride, dilation: dilation))
  }

  typealias Padding = (before: [Int], after: [Int])

  private static func padding(
    _ call: OperatorCall, extents: [Int], window: [Int], stride: [Int], dilation: [Int]
  ) throws(ImportProblem) -> Padding {
    let zeros = extents.map { _ in 0 }
    switch call.attributes.text("auto_pad") ?? "NOTSET" {
    case "", "NOTSET": return try pads(call, axes: extents.count) ?? (zeros, zeros)
    case "VALID": return (zeros, zeros)
    case let side where side == "SAME_UPPER" || side == "SAME_LOWER":
      // As many windows as strides that start inside the picture.
      let totals = extents.indices.map { axis in
        let output = (extents[axis] + stride[axis] - 1) / stride[axis]
        return max(
          0,
          (output - 1) * stride[axis] + (window[axis] - 1) * dilation[axis] + 1 - extents[axis])
      }
      return shared(totals, oddAtEnd: side == "SAME_UPPER")
    case let other: throw ImportProblem("expected a known auto_pad, found \(quoted(other))")
    }
  }

  /// The attribute, which lists all leading pads before all trailing ones; nil if it is missing.
  static func pads(_ call: OperatorCall, axes: Int) throws(ImportProblem) -> Padding? {
    guard let pads = call.attributes.integers("pads"), !pads.isEmpty else { return nil }
    guard pads.count == 2 * axes, pads.allSatisfy({ 0...largest ~= $0 }) else {
      throw ImportProblem("expected \(2 * axes) pads of at least 0, found \(pads)")
    }
    return (Array(pads[..<axes]), Array(pads[axes...]))
  }

  /// Splits the padding evenly between both sides of each axis.
  static func shared(_ totals: [Int], oddAtEnd: Bool) -> Padding {
    let (less, more) = (totals.map { $0 / 2 }, totals.map { ($0 + 1) / 2 })
    return oddAtEnd ? (less, more) : (more, less)
  }
}

extension WindowGeometry {
  func padded(_ padding: WindowOperands.Padding) -> WindowGeometry {
    WindowGeometry(
      stride: stride, dilation: dilation, paddingBefore: padding.before,
      paddingAfter: padding.after)
  }
}

extension Value {
  /// The extents after batch and channels.
  func spatial() throws(ImportProblem) -> [Int] {
    guard shape.rank > 2 else {
      throw ImportProblem("expected an input of pictures, found \(shape)")
    }
    return shape.spatial
  }
}
