public import Images

/// Something to draw on: pixels, a page, or the elements of an SVG file. It cannot be copied, and
/// it is finished once.
///
/// Coordinates are in points; a point is one pixel at scale 1. Anything outside the canvas is
/// clipped, and a failure inside Cairo is thrown by ``image()``.
public struct Canvas: ~Copyable {
  let target: any DrawingTarget
  /// The fonts that text is set in; layouts are measured in the standard one.
  let typeface: Typeface

  /// In points.
  public let size: Size
  /// Pixels per point.
  public let scale: Double
  /// What the colours that are drawn become.
  public let appearance: Appearance

  /// The longest side of Cairo's image surfaces.
  private static let longestSide = 32_767
  /// 1 GiB of pixels: more than any figure needs, but not enough to exhaust a machine.
  private static let mostPixels = 1 << 28

  /// A canvas of `scale · width` by `scale · height` pixels, transparent if `background` is nil.
  ///
  /// - Throws: `DrawingError` if a side is below 1 or above 32 767 pixels, or memory runs out.
  public init(
    width: Int, height: Int, scale: Int = 1, background: Color? = nil,
    appearance: Appearance = .light
  ) throws(DrawingError) {
    let sides = 1...Self.longestSide
    guard sides.contains(width), sides.contains(height), (1...16).contains(scale),
      sides.contains(width * scale), sides.contains(height * scale),
      width * height * scale * scale <= Self.mostPixels
    else {
      throw DrawingError(
        "a canvas of \(width)×\(height) points at scale \(scale) cannot be created")
    }
    let target = try CairoTarget(
      pixelsWide: width * scale, high: height * scale, scale: Double(scale))
    self.init(
      target, size: Size(width: Double(width), height: Double(height)), scale: Double(scale),
      background: background, appearance: appearance)
  }

  /// A canvas of whole pixels whose scale need not be whole, such as one for print.
  ///
  /// - Throws: `DrawingError` if a side is below 1 or above 32 767 pixels, or memory runs out.
  init(
    _ size: Size, scale: Double, background: Color?, appearance: Appearance, typeface: Typeface
  ) throws(DrawingError) {
    let sides = 1.0...Double(Self.longestSide)
    func pixels(_ side: Double) -> Double {
      // A fraction of a pixel too little is less of a fault than a scale that is not exact.
      scale == scale.rounded() ? scale * side.rounded(.up) : (scale * side).rounded()
    }
    guard let wide = Int(exactly: size.width.rounded(.up)),
      let high = Int(exactly: size.height.rounded(.up))
    else { throw DrawingError("a picture of \(size.width)×\(size.height) cannot be drawn") }
    let (width, height) = (pixels(size.width), pixels(size.height))
    guard sides.contains(width), sides.contains(height),
      width * height <= Double(Self.mostPixels)
    else {
      throw DrawingError(
        "a canvas of \(wide)×\(high) points at scale \(numberText(scale)) cannot be created")
    }
    self.init(
      try CairoTarget(pixelsWide: Int(width), high: Int(height), scale: scale), size: size,
      scale: scale, background: background, appearance: appearance, typeface: typeface)
  }

  init(
    _ target: any DrawingTarget, size: Size, scale: Double = 1, background: Color?,
    appearance: Appearance, typeface: Typeface = .standard
  ) {
    self.target = target
    self.size = size
    self.scale = scale
    self.appearance = appearance
    self.typeface = typeface
    if let background {
      // Pixels at the edges are covered completely, whatever the scale.
      let margin = target is CairoTarget ? 1.0 : 0
      target.fill(
        .rectangle(Rectangle(origin: Point(0, 0), size: size).inset(by: -margin)),
        with: .color(appearance.color(background)))
    }
  }

  /// The finished picture.
  ///
  /// - Throws: `DrawingError` if any of the drawing has failed, or if this is not a canvas of
  ///   pixels.
  public consuming func image() throws(DrawingError) -> Image {
    guard let target = target as? CairoTarget else {
      throw DrawingError("only a canvas of pixels becomes a picture")
    }
    return try target.image()
  }
}
