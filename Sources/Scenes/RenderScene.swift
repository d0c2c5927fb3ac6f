public import Datasets
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
  try RenderedScene(factors, width: width, height: height).picture()
}

/// How much of each pixel the object covers.
///
/// - Returns: `width · height` fractions from 0 to 1, row by row.
/// - Throws: `SceneError` if a side is below 1 or above 8192 pixels.
public func sceneMask(
  _ factors: SceneFactors, width: Int, height: Int
) throws(SceneError) -> [Float] {
  let mask = try RenderedScene(factors, width: width, height: height).mask
  return (0..<(width * height)).map { Float(mask.pixels[4 * $0]) / 255 }
}

/// What is known about a scene's picture: all factors by name, the box and the mask of the object,
/// and its parts.
///
/// - Throws: `SceneError` if a side is below 1 or above 8192 pixels.
public func sceneAnnotations(
  _ factors: SceneFactors, width: Int, height: Int
) throws(SceneError) -> Annotations {
  try RenderedScene(factors, width: width, height: height)
    .annotations(source: factors.objectClass.rawValue)
}

/// A scene whose visible surfaces are known, from which its picture and its annotations are made.
struct RenderedScene {
  private let factors: SceneFactors
  private let width: Int
  private let height: Int
  private let object: ObjectPicture
  private let coverage: ObjectPicture.Coverage

  init(_ factors: SceneFactors, width: Int, height: Int) throws(SceneError) {
    try check(factors, width: width, height: height)
    (self.factors, self.width, self.height) = (factors, width, height)
    object = ObjectPicture(factors, width: width, height: height)
    coverage = object.coverage()
  }

  func picture() throws(SceneError) -> Image {
    do {
      let canvas = try Canvas(width: width, height: height)
      Background(factors: factors, width: width, height: height).draw(on: canvas)
      let layers = [object.shadow(), (object.object(coverage), coverage.region)]
      for (image, region) in layers where !region.isEmpty {
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

  var mask: Image { object.mask(coverage) }

  /// Nil if nothing of the object is visible.
  var box: Annotations.Box? { object.box(coverage) }

  /// All factors by name, the object's box and mask, and its parts.
  ///
  /// - Parameter source: For errors.
  func annotations(source: String) -> Annotations {
    let (factors, width, height) = (factors, width, height)
    let mask = Annotations.Mask(name: factors.objectClass.rawValue, source: source) {
      // Rendered again rather than kept: few of a data set's masks are looked at.
      try RenderedScene(factors, width: width, height: height).mask
    }
    return Annotations(
      factors: factors.values, boxes: box.map { [$0] } ?? [], masks: [mask],
      parts: object.parts(coverage))
  }
}

extension SceneFactors {
  /// All factors by name.
  var values: [String: Annotations.Value] {
    let pairs = SceneFactor.allCases.map { factor -> (String, Annotations.Value) in
      switch factor {
      case .objectClass, .texture, .background: (factor.rawValue, .word(text(of: factor)))
      default: (factor.rawValue, .number(self[factor]))
      }
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
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
