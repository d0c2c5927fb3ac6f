internal import Kernels
internal import TensorCore

extension Operation {
  /// The only input, which must have elements along an axis.
  func single(_ inputs: [Shape], along axis: Int) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard input.extents.indices.contains(axis), input[axis] > 0 else {
      throw OperationError("\(input) has no elements along axis \(axis)")
    }
    return input
  }

  /// The shape to which all inputs broadcast.
  func broadcast(_ inputs: [Shape]) throws(OperationError) -> Shape {
    guard let shape = broadcastShape(inputs) else {
      let list = inputs.map(\.description).joined(separator: " and ")
      throw OperationError("inputs \(list) do not broadcast")
    }
    return try .checked(shape.extents)
  }
}

extension Shape {
  /// The most elements that a tensor may have: a file must not be able to exhaust the memory.
  private static let mostElements = 1 << 31

  /// The shape with these extents.
  ///
  /// - Throws: `OperationError` if one is negative, or there are too many elements.
  static func checked(_ extents: [Int]) throws(OperationError) -> Shape {
    var count = 1
    for extent in extents {
      let (product, overflows) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard extent >= 0, !overflows, product <= mostElements else {
        throw OperationError("an output of \(extents) is not a tensor of at most 2³¹ elements")
      }
      count = product
    }
    return Shape(extents)
  }

  /// - Throws: `OperationError` if the shape has no such axis.
  func check(axis: Int) throws(OperationError) {
    guard extents.indices.contains(axis) else {
      throw OperationError("inputs \(self) have no axis \(axis)")
    }
  }
}

extension WindowGeometry {
  /// More than the rows of any picture, but small enough that no product of two overflows.
  private static let largest = 1 << 20

  /// - Throws: `OperationError` if the window cannot move over `images`.
  func check(window: [Int], over images: Shape) throws(OperationError) {
    guard (1...3).contains(window.count), images.rank == window.count + 2 else {
      throw OperationError("takes images of \(window.count + 2) axes, not \(images)")
    }
    guard !images.extents.contains(0) else { throw OperationError("images \(images) are empty") }
    for (name, values, least) in [
      ("window", window, 1), ("stride", stride, 1), ("dilation", dilation, 1),
      ("leading padding", paddingBefore, 0), ("trailing padding", paddingAfter, 0),
    ] {
      guard values.count == window.count else {
        throw OperationError("a \(name) of \(values) does not fit \(window.count) axes")
      }
      guard values.allSatisfy({ (least...Self.largest).contains($0) }) else {
        throw OperationError("a \(name) of \(values) is not in \(least)...\(Self.largest)")
      }
    }
  }

  /// The spatial extents of the output.
  ///
  /// - Throws: `OperationError` if the geometry is invalid, or the window does not fit into the
  ///   images.
  func checkedOutput(
    of images: Shape, window: [Int], ceiling: Bool = false
  ) throws(OperationError) -> [Int] {
    try check(window: window, over: images)
    guard let extents = outputExtents(images.spatial, window: window, ceiling: ceiling) else {
      throw OperationError("a window of \(window) does not fit into images \(images)")
    }
    return extents
  }
}

extension PoolingGeometry {
  /// - Parameter needsElements: Whether a window that is entirely inside the padding has no value.
  func checkedShape(
    for images: Shape, needsElements: Bool = true
  ) throws(OperationError) -> Shape {
    let extents = try moves.checkedOutput(of: images, window: window, ceiling: ceiling)
    let shape = try Shape.checked([images[0], images[1]] + extents)
    guard !needsElements || leavesNoWindowEmpty(images.spatial) else {
      throw OperationError(
        "a window of \(window) is entirely inside the padding of images \(images)")
    }
    return shape
  }
}
