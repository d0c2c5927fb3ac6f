internal import Drawing
internal import Images
internal import TensorCore

/// How much a picture is enlarged to be about `side` points wide or high: whole factors keep its
/// pixels square, and nearly the wanted size is drawn pixel by pixel.
func pixelZoom(toward side: Double, width: Int, height: Int) -> Double {
  let factor = side / Double(max(1, width, height))
  return factor >= 2 ? factor.rounded(.down) : factor > 0.85 ? 1 : factor
}

/// Pictures of a few rows or columns are still seen between the lines of their frames.
private let thinnestPicture = 10.0

/// The size of a picture with pixels of one size, in points; one that would be a line is drawn higher
/// or wider.
func visibleSize(_ image: Image, zoom: Double) -> Size {
  Size(
    width: max(thinnestPicture, (zoom * Double(image.width)).rounded()),
    height: max(thinnestPicture, (zoom * Double(image.height)).rounded()))
}

/// What a caption says if ``visibleSize(_:zoom:)`` is not the true one; empty otherwise.
func thinSentence(_ images: [Image], zoom: Double) -> String {
  func isThin(_ side: Int) -> Bool { (zoom * Double(side)).rounded() < thinnestPicture }
  let (low, narrow) = (
    images.contains { isThin($0.height) }, images.contains { isThin($0.width) }
  )
  guard low || narrow else { return "" }
  return
    "What would be too \(low && narrow ? "small" : low ? "low" : "narrow") to be seen is drawn "
    + "\(low && narrow ? "larger" : low ? "higher" : "wider")."
}

extension Raster {
  /// The numbers of `[rows, columns]`.
  init(_ map: Tensor) {
    self.init(width: map.shape[1], height: map.shape[0], values: map.elements)
  }
}
