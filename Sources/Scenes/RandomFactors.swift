internal import TensorCore

extension SceneFactors {
  /// The scene at an index of an endless list: classes take turns, everything else is drawn
  /// independently of the class.
  ///
  /// - Returns: The same factors for the same seed and index, on every machine.
  public static func random(index: Int, seed: UInt64) -> SceneFactors {
    let classes = ObjectClass.allCases
    let turn = ((index % classes.count) + classes.count) % classes.count
    var generator = SeededGenerator(seed: seed, path: index)
    var factors = SceneFactors(classes[turn])
    factors.drawPose(&generator)
    factors.drawLight(&generator)
    factors.drawBackground(&generator)
    factors.drawSurface(&generator)
    return factors
  }

  private mutating func drawPose(_ generator: inout SeededGenerator) {
    style = Int.random(in: 0..<ObjectClass.styleCount, using: &generator)
    slenderness = generator.uniform(0.88...1.14)
    azimuth = generator.uniform(0...360)
    elevation = generator.uniform(3...36)
    x = generator.uniform(-0.06...0.06)
    y = generator.uniform(-0.06...0.06)
    size = generator.uniform(0.56...0.71)
  }

  private mutating func drawLight(_ generator: inout SeededGenerator) {
    lightAzimuth = generator.uniform(-100...100)
    lightElevation = generator.uniform(25...70)
    lightIntensity = generator.uniform(0.75...1.2)
    shadow = generator.uniform(0.2...0.55)
  }

  private mutating func drawBackground(_ generator: inout SeededGenerator) {
    let kinds: [BackgroundKind] = [
      .gradient, .studio, .clouds, .clouds, .grating, .clutter, .clutter,
    ]
    background = kinds[Int.random(in: kinds.indices, using: &generator)]
    backgroundColor = SceneColor(
      lightness: generator.uniform(0.3...0.92), chroma: generator.uniform(0.01...0.13),
      hue: generator.uniform(0...360))
    // The second colour differs in lightness or in hue, often in both.
    let step = generator.uniform(0.08...0.32)
    let lighter = backgroundColor.lightness + step
    backgroundSecondColor = SceneColor(
      lightness: lighter > 0.95 || Bool.random(using: &generator)
        ? max(0.2, backgroundColor.lightness - step) : lighter,
      chroma: generator.uniform(0.01...0.13),
      hue: Bool.random(using: &generator)
        ? (backgroundColor.hue + generator.uniform(320...400)).truncatingRemainder(dividingBy: 360)
        : generator.uniform(0...360))
    backgroundAngle = generator.uniform(0...360)
    backgroundFrequency = generator.uniform(2.5...13)
    backgroundSeed = UInt32.random(in: 0..<1 << 24, using: &generator)
  }

  private mutating func drawSurface(_ generator: inout SeededGenerator) {
    texture = .plain
    if generator.uniform() < 0.6 {
      let patterns = SurfaceTexture.allCases.filter { $0 != .plain }
      texture = patterns[Int.random(in: patterns.indices, using: &generator)]
    }
    textureScale = generator.uniform(0.1...0.26)
    textureAngle = generator.uniform(0...180)
    // Repeated until the object stands out from the background.
    for _ in 0..<30 {
      color = SceneColor(
        lightness: generator.uniform(0.42...0.86), chroma: generator.uniform(0.04...0.19),
        hue: generator.uniform(0...360))
      if min(color.distance(to: backgroundColor), color.distance(to: backgroundSecondColor)) > 0.2 {
        break
      }
    }
    let darker = color.lightness > 0.64
    secondColor = SceneColor(
      lightness: color.lightness + (darker ? -1 : 1) * generator.uniform(0.14...0.34),
      chroma: generator.uniform(0.02...0.17),
      hue: generator.uniform(0...360))
  }
}
