internal import Drawing
internal import TensorCore

/// How much a picture is enlarged to be about `side` points wide or high: whole factors keep its
/// pixels square, and nearly the wanted size is drawn pixel by pixel.
func pixelZoom(toward side: Double, width: Int, height: Int) -> Double {
  let factor = side / Double(max(1, width, height))
  return factor >= 2 ? factor.rounded(.down) : factor > 0.85 ? 1 : factor
}

extension Raster {
  /// The numbers of `[rows, columns]`.
  init(_ map: Tensor) {
    self.init(width: map.shape[1], height: map.shape[0], values: map.elements)
  }
}
