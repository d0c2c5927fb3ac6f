import Foundation

/// The shading of a point of the object: Lambert's law for a main light and a weak opposite light,
/// a sky that is brighter above than below, and a highlight (Blinn, 1977).
struct Lighting {
  private let light: Vector
  private let fill: Vector
  private let intensity: Float
  private let camera: Vector
  private let pattern: Pattern
  private let first: Vector
  private let second: Vector

  init(_ factors: SceneFactors, camera: Camera) {
    light = lightDirection(azimuth: factors.lightAzimuth, elevation: factors.lightElevation)
    fill = normalize(Vector(-light.x, 0.3, max(0.4, light.z)))
    intensity = Float(factors.lightIntensity)
    self.camera = camera.position
    pattern = Pattern(
      factors.texture, scale: factors.textureScale, angle: factors.textureAngle)
    first = factors.color.linear
    second = factors.secondColor.linear
  }

  /// Linear red, green and blue.
  ///
  /// - Parameters:
  ///   - model: The point before the object was rotated: the pattern rotates with the object.
  ///   - normal: On the visible side.
  func color(of surface: Surface, at point: Vector, model: Vector, normal: Vector) -> Vector {
    let (albedo, gloss) = material(surface, model)
    let halfway = normalize(light + normalize(camera - point))
    var shine = max(0, dot(normal, halfway))
    // To the 32nd power.
    for _ in 0..<5 { shine *= shine }
    let direct = max(0, dot(normal, light)) * 0.92 * intensity
    let sky = 0.2 + 0.1 * normal.y
    let back = max(0, dot(normal, fill)) * 0.07
    return albedo * (direct + sky + back) + Vector(repeating: shine * gloss * intensity)
  }

  private func material(_ surface: Surface, _ model: Vector) -> (albedo: Vector, gloss: Float) {
    switch surface {
    case .body: (mix(first, second, pattern.share(at: model)), 0.1)
    case .accent: (second, 0.1)
    case .dark: ([0.03, 0.03, 0.035], 0.12)
    case .light: ([0.8, 0.78, 0.74], 0.05)
    case .glass: ([0.07, 0.1, 0.14], 0.5)
    }
  }
}

/// The unit vector towards the light; the viewer is at +z.
func lightDirection(azimuth: Double, elevation: Double) -> Vector {
  let (a, e) = (radians(azimuth), radians(elevation))
  return Vector(sin(a) * cos(e), sin(e), cos(a) * cos(e))
}
