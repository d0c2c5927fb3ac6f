public import TensorCore

/// The positions of a batch's pictures in a tensor.
///
/// Pictures share `axis` with other indices that the network has merged with them. Of 12 entries
/// along the axis
///
///     outer 2  ×  3 pictures  ×  inner 2
///
/// those of picture 1 are 2, 3, 8 and 9.
public struct BatchAxis: Sendable, Hashable {
  public let axis: Int
  public let outer: Int
  public let inner: Int

  public init(_ axis: Int, outer: Int = 1, inner: Int = 1) {
    (self.axis, self.outer, self.inner) = (axis, outer, inner)
  }

  /// The same pictures along another axis.
  func moved(to axis: Int) -> BatchAxis { BatchAxis(axis, outer: outer, inner: inner) }

  /// The shape for another number of pictures.
  func shape(_ shape: Shape, pictures: Int) -> Shape {
    var extents = shape.extents
    extents[axis] = outer * pictures * inner
    return Shape(extents)
  }
}

/// What an operation needs to determine where the pictures go.
public struct BatchedInputs: Sendable {
  /// One per input; nil if it is the same for every picture.
  public let axes: [BatchAxis?]
  public let shapes: [Shape]
  public let output: Shape
  /// The number of pictures in the shapes.
  public let pictures: Int
}

/// An operation for any number of pictures, and the position of the pictures in its output.
public struct FollowedOperation: Sendable {
  public let operation: any Operation
  public let axis: BatchAxis

  public init(_ operation: any Operation, _ axis: BatchAxis) {
    (self.operation, self.axis) = (operation, axis)
  }
}

extension BatchedInputs {
  /// For operations whose first axis counts independent rows.
  func rows(_ operation: some Operation) -> [FollowedOperation] {
    let batched = Set(axes.compactMap(\.self))
    guard batched.count == 1, let axis = batched.first, axis.axis == 0 else { return [] }
    return [FollowedOperation(operation, axis)]
  }

  /// For operations that work on every element of the first input separately.
  func elements(_ operation: some Operation) -> [FollowedOperation] {
    guard let axis = axes.first ?? nil, axes.dropFirst().allSatisfy({ $0 == nil }) else {
      return []
    }
    return [FollowedOperation(operation, axis)]
  }

  /// For operations that broadcast their inputs as NumPy does: axes are counted from the last.
  func broadcast(_ operation: some Operation) -> [FollowedOperation] {
    let aligned = zip(axes, shapes).compactMap { axis, shape in
      axis.map { $0.moved(to: output.rank - shape.rank + $0.axis) }
    }
    guard Set(aligned).count == 1, let axis = aligned.first else { return [] }
    return [FollowedOperation(operation, axis)]
  }

  /// For operations along some axes of their only input, if the pictures are along another.
  ///
  /// - Parameter removed: Axes that the output does not have.
  func others(
    than axes: [Int], removing removed: [Int] = [], _ operation: some Operation
  ) -> [FollowedOperation] {
    guard let axis = self.axes.first ?? nil, !axes.contains(axis.axis) else { return [] }
    let place = axis.axis - removed.count { $0 < axis.axis }
    return [FollowedOperation(operation, axis.moved(to: place))]
  }
}
