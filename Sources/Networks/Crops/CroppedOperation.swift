internal import Kernels
public import TensorCore

/// An operation that computes a part of another one's output from parts of its inputs.
public struct CroppedOperation: Sendable {
  public let operation: any Operation
  /// Of each input, the positions that are read along each axis after the first two.
  public let parts: [[Range<Int>]]

  public init(_ operation: any Operation, parts: [[Range<Int>]]) {
    (self.operation, self.parts) = (operation, parts)
  }
}

extension Operation {
  /// An operation on every element by itself computes a part of its output from the same part of
  /// its inputs, and reads those inputs whole that are broadcast.
  public func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation? {
    guard reach(from: inputs, to: output) == .pointwise else { return nil }
    return inPlace(positions, of: output, from: inputs)
  }

  /// For operations that read, and keep in place, the position of the output alone.
  func inPlace(
    _ positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation {
    CroppedOperation(
      self,
      parts: inputs.map { input in
        input.rank == output.rank && input.spatial == output.spatial
          ? positions : input.spatial.map { 0..<$0 }
      })
  }
}

extension WindowGeometry {
  /// Windows that compute a part of the output: as much padding as they reach beyond the picture,
  /// and none where they end inside it.
  ///
  ///     picture    0 0│a b c d e f g h│0 0        windows of 5, stride 1, padding 2
  ///     output        │A B C D E F G H│
  ///     part           A B                        reads 0 0 a b c d: padding 2 before, 0 after
  ///
  /// - Parameters:
  ///   - positions: Along each axis of the output.
  ///   - extents: Of the picture.
  /// - Returns: Nil if the windows lie in the padding alone.
  func cropped(
    to positions: [Range<Int>], window: [Int], of extents: [Int]
  ) -> (moves: WindowGeometry, part: [Range<Int>])? {
    var moves = self
    var part: [Range<Int>] = []
    for axis in positions.indices {
      let first = positions[axis].lowerBound * stride[axis] - paddingBefore[axis]
      let end =
        (positions[axis].upperBound - 1) * stride[axis] - paddingBefore[axis]
        + dilation[axis] * (window[axis] - 1) + 1
      let (start, stop) = (max(first, 0), min(end, extents[axis]))
      guard start < stop else { return nil }
      moves.paddingBefore[axis] = start - first
      moves.paddingAfter[axis] = end - stop
      part.append(start..<stop)
    }
    return (moves, part)
  }
}

extension PoolingGeometry {
  /// The same for a pool, whose last windows may reach beyond its padding.
  ///
  /// - Parameter countsPadding: Whether cells beyond the padding, which only exist because the
  ///   extent is rounded up, differ from padding.
  func cropped(
    to positions: [Range<Int>], of extents: [Int], countsPadding: Bool = false
  ) -> (geometry: PoolingGeometry, part: [Range<Int>])? {
    guard let cropped = moves.cropped(to: positions, window: window, of: extents) else {
      return nil
    }
    var geometry = PoolingGeometry(window: window, moves: cropped.moves)
    if countsPadding {
      geometry.ceiling = ceiling
      for axis in positions.indices {
        geometry.moves.paddingAfter[axis] = min(
          cropped.moves.paddingAfter[axis], moves.paddingAfter[axis])
      }
    }
    return (geometry, cropped.part)
  }
}
