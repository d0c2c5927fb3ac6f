/// How a window moves over a picture.
public struct FilterGeometry: Sendable, Hashable {
  /// Whether kernels are turned by 180° before they are laid over the picture, as in mathematics;
  /// otherwise they are correlated with it, as in networks and in OpenCV's `filter2D`.
  public var isConvolution: Bool
  public var padding: PicturePadding
  /// The step between windows, in pixels.
  public var stride: Int
  /// The step between the cells of a window, in pixels.
  public var dilation: Int

  /// - Precondition: The steps are positive.
  public init(
    isConvolution: Bool = false, padding: PicturePadding = .reflect, stride: Int = 1,
    dilation: Int = 1
  ) {
    precondition(stride > 0 && dilation > 0, "steps of \(stride) and \(dilation)")
    (self.isConvolution, self.padding) = (isConvolution, padding)
    (self.stride, self.dilation) = (stride, dilation)
  }

  /// How far a window reaches beyond the pixel that it is of: the middle, or the one after the
  /// middle of an even number of cells, as in OpenCV and SciPy.
  ///
  /// - Parameter isTurned: Of the window turned by 180°, whose pixel is the same.
  func reach(rows: Int, columns: Int, isTurned: Bool) -> WindowReach {
    let (above, left) = (rows / 2 * dilation, columns / 2 * dilation)
    let (below, right) = ((rows - 1) * dilation - above, (columns - 1) * dilation - left)
    return isTurned
      ? WindowReach(above: below, below: above, left: right, right: left)
      : WindowReach(above: above, below: below, left: left, right: right)
  }

  /// `(size − reach − 1) / stride + 1` with no padding, otherwise `(size − 1) / stride + 1`; nil
  /// if no window fits.
  ///
  /// - Parameter reach: On both sides of a pixel.
  func extent(_ size: Int, reach: Int) -> Int? {
    let room = padding == .none ? size - reach - 1 : size - 1
    return room >= 0 ? room / stride + 1 : nil
  }
}
