/// The pattern painted on an object.
public enum SurfaceTexture: String, CaseIterable, Sendable, Hashable, Codable {
  case plain, stripes, checker, spots, wood, marble
}

/// What lies behind an object.
public enum BackgroundKind: String, CaseIterable, Sendable, Hashable, Codable {
  /// From one colour to the other along a direction.
  case gradient
  /// A wall and a floor that meet at a soft horizon.
  case studio
  /// Noise whose amplitude falls with the reciprocal of the frequency, as in natural scenes.
  case clouds
  /// Bars of one orientation and frequency.
  case grating
  /// Bars, blocks, triangles and discs of any orientation.
  case clutter
}

/// All that a scene's picture depends on, besides its width and height.
///
/// After Aubry and Russell, "Understanding deep features with computer-generated imagery" (2015).
public struct SceneFactors: Sendable, Hashable, Codable {
  public var objectClass: ObjectClass
  /// Which model of the class: `0..<ObjectClass.styleCount`; others wrap round.
  public var style: Int
  /// Height over width, relative to the model's own.
  public var slenderness: Double

  /// Degrees that the object is turned about its vertical axis; 0 shows its front.
  public var azimuth: Double
  /// Degrees that the camera stands above the object's horizon.
  public var elevation: Double
  /// The object's centre to the right of the picture's, in picture widths.
  public var x: Double
  /// The object's centre below the picture's, in picture heights.
  public var y: Double
  /// Three quarters of the object's height or its width averaged over all azimuths, whichever is
  /// larger, and one quarter of the other, in parts of the picture's shorter side.
  public var size: Double

  /// Degrees to the right of the viewer from which the light comes.
  public var lightAzimuth: Double
  /// Degrees above the ground from which the light comes.
  public var lightElevation: Double
  /// 1 shows a white surface that faces the light as white.
  public var lightIntensity: Double
  /// How dark the shadow on the ground is, from 0 to 1.
  public var shadow: Double

  public var color: SceneColor
  /// Of the pattern and of the minor parts.
  public var secondColor: SceneColor
  public var texture: SurfaceTexture
  /// The pattern's period, in parts of the object's size.
  public var textureScale: Double
  /// Degrees that the pattern is turned.
  public var textureAngle: Double

  public var background: BackgroundKind
  public var backgroundColor: SceneColor
  public var backgroundSecondColor: SceneColor
  /// Degrees, counter-clockwise, of the direction in which the background changes.
  public var backgroundAngle: Double
  /// Periods across the picture's longer side.
  public var backgroundFrequency: Double
  /// What arranges the clouds, the clutter and the phase of a grating.
  public var backgroundSeed: UInt32

  /// A scene of a class with all other factors at a plain middle value.
  public init(_ objectClass: ObjectClass, style: Int = 0) {
    self.objectClass = objectClass
    self.style = style
    slenderness = 1
    azimuth = 35
    elevation = 18
    x = 0
    y = 0
    size = 0.66
    lightAzimuth = 40
    lightElevation = 45
    lightIntensity = 1
    shadow = 0.4
    color = SceneColor(lightness: 0.62, chroma: 0.16, hue: 30)
    secondColor = SceneColor(lightness: 0.78, chroma: 0.1, hue: 85)
    texture = .plain
    textureScale = 0.16
    textureAngle = 30
    background = .studio
    backgroundColor = SceneColor(lightness: 0.84, chroma: 0.03, hue: 240)
    backgroundSecondColor = SceneColor(lightness: 0.7, chroma: 0.04, hue: 250)
    backgroundAngle = 90
    backgroundFrequency = 6
    backgroundSeed = 1
  }
}
