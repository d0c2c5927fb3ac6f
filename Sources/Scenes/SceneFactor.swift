/// One of the factors by name, so that it can be swept, listed or read from a table.
public enum SceneFactor: String, CaseIterable, Sendable, Hashable, Codable {
  case objectClass = "class"
  case style, slenderness, azimuth, elevation, x, y, size
  case lightAzimuth = "light_azimuth"
  case lightElevation = "light_elevation"
  case lightIntensity = "light_intensity"
  case shadow
  case lightness, chroma, hue
  case secondLightness = "second_lightness"
  case secondChroma = "second_chroma"
  case secondHue = "second_hue"
  case texture
  case textureScale = "texture_scale"
  case textureAngle = "texture_angle"
  case background
  case backgroundLightness = "background_lightness"
  case backgroundChroma = "background_chroma"
  case backgroundHue = "background_hue"
  case backgroundSecondLightness = "background_second_lightness"
  case backgroundSecondChroma = "background_second_chroma"
  case backgroundSecondHue = "background_second_hue"
  case backgroundAngle = "background_angle"
  case backgroundFrequency = "background_frequency"
  case backgroundSeed = "background_seed"

  /// The useful values; named values are numbered from 0 in the order of their type's cases.
  public var range: ClosedRange<Double> {
    switch self {
    case .objectClass: 0...Double(ObjectClass.allCases.count - 1)
    case .style: 0...Double(ObjectClass.styleCount - 1)
    case .slenderness: 0.8...1.25
    case .azimuth, .hue, .secondHue, .backgroundHue, .backgroundSecondHue, .backgroundAngle:
      0...360
    case .elevation: 0...60
    case .x, .y: -0.2...0.2
    case .size: 0.3...0.9
    case .lightAzimuth: -180...180
    case .lightElevation: 10...80
    case .lightIntensity: 0.4...1.4
    case .shadow: 0...0.8
    case .lightness, .secondLightness, .backgroundLightness, .backgroundSecondLightness:
      0.2...0.98
    case .chroma, .secondChroma, .backgroundChroma, .backgroundSecondChroma: 0...0.24
    case .texture: 0...Double(SurfaceTexture.allCases.count - 1)
    case .textureScale: 0.06...0.4
    case .textureAngle: 0...180
    case .background: 0...Double(BackgroundKind.allCases.count - 1)
    case .backgroundFrequency: 1...16
    case .backgroundSeed: 0...0xFF_FFFF
    }
  }

  /// Whether the end of the range looks like its start.
  public var isCyclic: Bool {
    switch self {
    case .azimuth, .lightAzimuth, .hue, .secondHue, .backgroundHue, .backgroundSecondHue,
      .backgroundAngle:
      true
    default: false
    }
  }

  /// Whether only integers are meaningful.
  public var isDiscrete: Bool {
    switch self {
    case .objectClass, .style, .texture, .background, .backgroundSeed: true
    default: false
    }
  }

  fileprivate var place: WritableKeyPath<SceneFactors, Double> {
    switch self {
    case .objectClass: \.classNumber
    case .style: \.styleNumber
    case .slenderness: \.slenderness
    case .azimuth: \.azimuth
    case .elevation: \.elevation
    case .x: \.x
    case .y: \.y
    case .size: \.size
    case .lightAzimuth: \.lightAzimuth
    case .lightElevation: \.lightElevation
    case .lightIntensity: \.lightIntensity
    case .shadow: \.shadow
    case .lightness: \.color.lightness
    case .chroma: \.color.chroma
    case .hue: \.color.hue
    case .secondLightness: \.secondColor.lightness
    case .secondChroma: \.secondColor.chroma
    case .secondHue: \.secondColor.hue
    case .texture: \.textureNumber
    case .textureScale: \.textureScale
    case .textureAngle: \.textureAngle
    case .background: \.backgroundNumber
    case .backgroundLightness: \.backgroundColor.lightness
    case .backgroundChroma: \.backgroundColor.chroma
    case .backgroundHue: \.backgroundColor.hue
    case .backgroundSecondLightness: \.backgroundSecondColor.lightness
    case .backgroundSecondChroma: \.backgroundSecondColor.chroma
    case .backgroundSecondHue: \.backgroundSecondColor.hue
    case .backgroundAngle: \.backgroundAngle
    case .backgroundFrequency: \.backgroundFrequency
    case .backgroundSeed: \.seedNumber
    }
  }
}

extension SceneFactors {
  /// A factor as a number; named values are numbered from 0, and numbers out of range are clamped.
  public subscript(factor: SceneFactor) -> Double {
    get { self[keyPath: factor.place] }
    set { self[keyPath: factor.place] = newValue }
  }

  fileprivate var classNumber: Double {
    get { number(of: objectClass) }
    set { objectClass = named(newValue, instead: objectClass) }
  }

  fileprivate var textureNumber: Double {
    get { number(of: texture) }
    set { texture = named(newValue, instead: texture) }
  }

  fileprivate var backgroundNumber: Double {
    get { number(of: background) }
    set { background = named(newValue, instead: background) }
  }

  fileprivate var styleNumber: Double {
    get { Double(style) }
    set { style = Int(max(-1e6, min(1e6, newValue.rounded()))) }
  }

  fileprivate var seedNumber: Double {
    get { Double(backgroundSeed) }
    set { backgroundSeed = UInt32(max(0, min(Double(UInt32.max), newValue.rounded()))) }
  }
}

private func number<Name: CaseIterable & Equatable>(of name: Name) -> Double {
  Double(Array(Name.allCases).firstIndex(of: name) ?? 0)
}

private func named<Name: CaseIterable>(_ number: Double, instead: Name) -> Name {
  let names = Array(Name.allCases)
  guard number.isFinite, !names.isEmpty else { return instead }
  return names[Int(max(0, min(Double(names.count - 1), number.rounded())))]
}
