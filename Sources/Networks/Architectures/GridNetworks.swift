internal import Kernels
internal import TensorCore

/// Small networks of series and of volumes.
extension BlueprintBuilder {
  /// Three blocks of convolution, batch norm, ReLU and pool, the mean over time, and a classifier:
  /// the fully convolutional network of Wang, Yan and Oates, "Time Series Classification from Scratch
  /// with Deep Neural Networks" (2017), section II.B, with a quarter of the filters.
  ///
  /// Unlike there, blocks end with a pool, so that filters of later layers see more of a series, and
  /// windows have odd lengths, so that maps are aligned with the series.
  mutating func addSmallSeries(classes: Int) {
    addBlocks(filters: [32, 64, 32], windows: [[9], [5], [3]], pools: [[2], [2], [2]])
    addClassifier(classes: classes)
  }

  /// Three blocks with windows of three frames by 3×3 pixels, as in Tran et al., "Learning
  /// Spatiotemporal Features with 3D Convolutional Networks" (2015), section 3.3, whose first pool
  /// leaves the frames as they are, too; then the mean over all positions, and a classifier.
  mutating func addSmallVolumes(classes: Int) {
    addBlocks(
      filters: [8, 16, 32], windows: [[3, 3, 3], [3, 3, 3], [3, 3, 3]],
      pools: [[1, 2, 2], [2, 2, 2], [2, 2, 2]])
    addClassifier(classes: classes)
  }

  /// - Parameters:
  ///   - windows: Of odd extents, padded so that maps keep theirs.
  ///   - pools: Windows of pools that do not overlap. Along an axis that is shorter, nothing is
  ///     pooled.
  private mutating func addBlocks(filters: [Int], windows: [[Int]], pools: [[Int]]) {
    for index in filters.indices {
      let (number, window) = (index + 1, windows[index])
      let padding = window.map { $0 / 2 }
      let moves = WindowGeometry(
        stride: window.map { _ in 1 }, dilation: window.map { _ in 1 }, paddingBefore: padding,
        paddingAfter: padding)
      normalizedConvolution(
        ("conv\(number)", "bn\(number)", "relu\(number)"), filters: filters[index],
        Convolution(window: window, moves: moves))
      let pool = zip(pools[index], shape.spatial).map { min($0, $1) }
      let still = window.map { _ in 0 }
      append(
        "pool\(number)",
        MaxPool(
          PoolingGeometry(
            window: pool,
            moves: WindowGeometry(
              stride: pool, dilation: window.map { _ in 1 }, paddingBefore: still,
              paddingAfter: still))))
    }
  }

  private mutating func addClassifier(classes: Int) {
    append("pool", GlobalPool(.average))
    append("flatten", Flatten())
    linear("fc", outputs: classes)
  }
}
