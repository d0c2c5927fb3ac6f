/// How a window moves along the spatial axes: one entry per axis, `[H, W]` for pictures.
public struct WindowGeometry: Sendable, Hashable, Codable {
  public var stride: [Int]
  public var dilation: [Int]
  /// Rows and columns of zeros at the top and left.
  public var paddingBefore: [Int]
  /// Rows and columns of zeros at the bottom and right.
  public var paddingAfter: [Int]

  public init(stride: [Int], dilation: [Int], paddingBefore: [Int], paddingAfter: [Int]) {
    (self.stride, self.dilation) = (stride, dilation)
    (self.paddingBefore, self.paddingAfter) = (paddingBefore, paddingAfter)
  }

  /// The same along both axes of a picture.
  public init(stride: Int = 1, padding: Int = 0, dilation: Int = 1) {
    self.init(
      stride: [stride, stride], dilation: [dilation, dilation],
      paddingBefore: [padding, padding], paddingAfter: [padding, padding])
  }

  /// `(size + padding − dilation·(window − 1) − 1) / stride + 1` along each axis, or nil if the
  /// window does not fit.
  ///
  /// - Parameter ceiling: Round up, but start no window beyond the leading padding and the picture
  ///   (as Caffe and PyTorch do).
  public func outputExtents(_ size: [Int], window: [Int], ceiling: Bool = false) -> [Int]? {
    guard size.count == stride.count, window.count == stride.count else { return nil }
    var extents: [Int] = []
    for axis in size.indices {
      let room =
        size[axis] + paddingBefore[axis] + paddingAfter[axis]
        - dilation[axis] * (window[axis] - 1) - 1
      guard room >= 0 else { return nil }
      var extent = (ceiling ? room + stride[axis] - 1 : room) / stride[axis] + 1
      if ceiling, (extent - 1) * stride[axis] >= size[axis] + paddingBefore[axis] { extent -= 1 }
      extents.append(extent)
    }
    return extents
  }

  /// The trailing padding that `output` windows actually cover; negative if the last rows are never
  /// read.
  func reachAfter(_ size: [Int], window: [Int], output: [Int]) -> [Int] {
    size.indices.map { axis in
      (output[axis] - 1) * stride[axis] + dilation[axis] * (window[axis] - 1) + 1
        - size[axis] - paddingBefore[axis]
    }
  }
}
