/// The pattern painted on an object.
public enum SurfaceTexture: String, CaseIterable, Sendable, Hashable, Codable {
  case plain, stripes, checker, spots, wood, marble
}

/// What is behind an object.
public enum BackgroundKind: String, CaseIterable, Sendable, Hashable, Codable {
  /// From one colour to another along a direction.
  case gradient
  /// A wall and a floor that meet at a soft horizon.
  case studio
  /// Noise whose amplitude is inversely proportional to the frequency, as in natural scenes.
  case clouds
  /// Bars of one orientation and frequency.
  case grating
  /// Bars, blocks, triangles and discs of any orientation.
  case clutter
}

/// Everything that a scene's picture depends on, except its width and height.
///
/// After Aubry and Russell, "Understanding deep features with computer-generated imagery" (2015).
public struct SceneFactors: Sendable, Hashable, Codable {
  public var objectClass: ObjectClass
  /// Which model of the class: `0..<ObjectClass.styleCount`; others wrap around.
  public var style: Int
  /// Height over width, relative to the model's own.
  public var slenderness: Double

  /// The object's rotation about its vertical axis, in degrees; 0 shows its front.
  public var azimuth: Double
  /// The elevation of the camera above the object's horizon, in degrees.
  public var elevation: Double
  /// The offset of the object's centre to the right of the picture's, in picture widths.
  public var x: Double
  /// The offset of the object's centre below the picture's, in picture heights.
  public var y: Double
  /// Three quarters of the larger plus one quarter of the smaller of the object's height and its
  /// width averaged over all azimuths, relative to the picture's shorter side.
  public var size: Double

  /// The direction of the light to the right of the viewer, in degrees.
  public var lightAzimuth: Double
  /// The elevation of the light above the ground, in degrees.
  public var lightElevation: Double
  /// At 1, a white surface that faces the light is white.
  public var lightIntensity: Double
  /// The darkness of the shadow on the ground, from 0 to 1.
  public var shadow: Double

  public var color: SceneColor
  /// The colour of the pattern and of the minor parts.
  public var secondColor: SceneColor
  public var texture: SurfaceTexture
  /// The pattern's period, relative to the object's size.
  public var textureScale: Double
  /// The pattern's rotation, in degrees.
  public var textureAngle: Double

  public var background: BackgroundKind
  public var backgroundColor: SceneColor
  public var backgroundSecondColor: SceneColor
  /// The direction in which the background changes, in degrees counter-clockwise.
  public var backgroundAngle: Double
  /// The number of periods across the picture's longer side.
  public var backgroundFrequency: Double
  /// The seed of the clouds, the clutter and the phase of a grating.
  public var backgroundSeed: UInt32

  /// A scene of a class with all other factors at a plain medium value.
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
