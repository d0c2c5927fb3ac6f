internal import Kernels
public import TensorCore

/// How a layer's output for a picture becomes the features of a probe.
public enum ProbePooling: String, Sendable, Hashable, CaseIterable {
  /// The means of each map over a grid of its positions, as fine as ``mostGridFeatures`` allow
  /// (Zhang et al. 2016, section 3.2, and Goyal et al. 2019, section 4, so compare layers of
  /// different sizes).
  case grid
  /// The mean of each map.
  case mean
  /// All values, as Zeiler and Fergus 2014, section 5.3.
  case flatten

  /// Those of the largest layers that the field probes by all of their values.
  public static let mostGridFeatures = 4096

  /// The extents of the grid over the maps of a layer; empty if it has no maps.
  ///
  /// - Parameter shape: `[N, C, …]`.
  func grid(of shape: Shape) -> [Int] {
    let spatial = shape.spatial
    switch self {
    case .flatten: return spatial
    case .mean: return spatial.map { _ in 1 }
    case .grid:
      var side = spatial.max() ?? 1
      while side > 1,
        spatial.reduce(shape[1], { Self.product($0, min($1, side)) }) > Self.mostGridFeatures
      { side -= 1 }
      return spatial.map { min($0, side) }
    }
  }

  /// How many features a picture has.
  ///
  /// - Parameter shape: Of the layer's output, `[N, C, …]`.
  public func featureCount(of shape: Shape) -> Int {
    guard shape.rank > 1 else { return 1 }
    return grid(of: shape).reduce(shape[1]) { Self.product($0, $1) }
  }

  /// The features `[N, D]` of a layer's output.
  ///
  /// The order of a picture's features is that of the output in memory.
  public func features(of output: Tensor) -> Tensor {
    let n = output.shape[0]
    guard output.shape.rank > 1 else { return output.reshaped(to: [n, 1]) }
    let grid = grid(of: output.shape)
    var pooled = output
    for (axis, extent) in grid.enumerated() where pooled.shape[axis + 2] != extent {
      pooled = apply(
        .adaptiveMeans(input: pooled.shape[axis + 2], output: extent), along: axis + 2, of: pooled)
    }
    return pooled.reshaped(to: [n, pooled.count / max(n, 1)])
  }

  private static func product(_ a: Int, _ b: Int) -> Int {
    let (product, overflows) = a.multipliedReportingOverflow(by: b)
    return overflows ? .max : product
  }
}
