internal import Drawing
public import Images

/// A scene that cannot be drawn.
public struct SceneError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
}

/// Draws a scene.
///
/// - Throws: `SceneError` if a side is below 1 or above 8192 pixels, or memory runs out.
public func renderScene(
  _ factors: SceneFactors, width: Int, height: Int
) throws(SceneError) -> Image {
  try check(factors, width: width, height: height)
  do {
    let canvas = try Canvas(width: width, height: height)
    Background(factors: factors, width: width, height: height).draw(on: canvas)
    let picture = ObjectPicture(factors, width: width, height: height)
    for (image, region) in [picture.shadow(), picture.object()] where !region.isEmpty {
      let frame = Rectangle(
        x: Double(region.x), y: Double(region.y), width: Double(region.width),
        height: Double(region.height))
      canvas.draw(image, in: frame, interpolation: .nearest)
    }
    return try canvas.image()
  } catch {
    throw SceneError(description: "a scene of \(width)×\(height) pixels: \(error)")
  }
}

/// How much of each pixel the object covers.
///
/// - Returns: `width · height` fractions from 0 to 1, row by row.
/// - Throws: `SceneError` if a side is below 1 or above 8192 pixels.
public func sceneMask(
  _ factors: SceneFactors, width: Int, height: Int
) throws(SceneError) -> [Float] {
  try check(factors, width: width, height: height)
  let (image, region) = ObjectPicture(factors, width: width, height: height).object()
  var mask = [Float](repeating: 0, count: width * height)
  for y in 0..<region.height {
    for x in 0..<region.width {
      mask[(region.y + y) * width + region.x + x] =
        Float(image.pixels[4 * (y * region.width + x) + 3]) / 255
    }
  }
  return mask
}

private func check(_ factors: SceneFactors, width: Int, height: Int) throws(SceneError) {
  let sides = 1...8192
  guard sides.contains(width), sides.contains(height) else {
    throw SceneError(
      description: "a scene of \(width)×\(height) pixels: expected sides from 1 to 8192")
  }
  for factor in SceneFactor.allCases where !factors[factor].isFinite {
    throw SceneError(
      description: "a scene whose \(factor.rawValue) is \(factors[factor]): expected a number")
  }
}
