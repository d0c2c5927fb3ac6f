import Images

/// The object alone, and its shadow, as pictures to be composited on a background.
struct ObjectPicture {
  let factors: SceneFactors
  let width: Int
  let height: Int
  /// Samples per pixel, along one side.
  let scale: Int
  let camera: Camera
  let solid: Solid
  /// The solid's points, rotated by the azimuth.
  let points: [Vector]

  init(_ factors: SceneFactors, width: Int, height: Int) {
    self.factors = factors
    self.width = width
    self.height = height
    let side = max(width, height)
    scale = side <= 384 ? 3 : side <= 2048 ? 2 : 1
    let camera = Camera(factors, width: width, height: height, scale: scale)
    self.camera = camera
    let sides = side <= 96 ? 20 : side <= 320 ? 36 : 64
    solid = factors.objectClass.solid(style: factors.style, sides: sides)
      .normalized(slenderness: Float(factors.slenderness))
    points = solid.positions.map { camera.turned($0) }
  }

  /// Which surface is visible where.
  struct Coverage {
    /// The part of the picture that the object may cover.
    let region: PixelRegion
    let raster: Rasterizer
    /// The solid's points on the samples.
    let corners: [Vector]
  }

  func coverage() -> Coverage {
    let screen = points.map { camera.project($0) }
    let region = PixelRegion(around: screen, scale: scale, width: width, height: height)
    guard !region.isEmpty else {
      return Coverage(region: region, raster: Rasterizer(width: 0, height: 0), corners: [])
    }
    let origin = Vector(Float(region.x * scale), Float(region.y * scale), 0)
    let corners = screen.map { $0 - origin }
    var raster = Rasterizer(width: region.width * scale, height: region.height * scale)
    raster.draw(solid.triangles, corners: corners)
    return Coverage(region: region, raster: raster, corners: corners)
  }

  /// The shaded object with its coverage as alpha, of the size of the covered region.
  func object(_ coverage: Coverage) -> Image {
    let (region, raster, corners) = (coverage.region, coverage.raster, coverage.corners)
    guard !region.isEmpty else { return Image(width: 0, height: 0, pixels: []) }
    let normals = solid.normals.map { camera.turned($0) }
    let lighting = Lighting(factors, camera: camera)
    let curve = TransferCurve.sRGB
    var pixels = [UInt8](repeating: 0, count: 4 * region.width * region.height)
    for y in 0..<region.height {
      for x in 0..<region.width {
        var sum = Vector.zero
        var covered: Float = 0
        for row in y * scale..<(y + 1) * scale {
          for column in x * scale..<(x + 1) * scale {
            let owner = raster.owners[row * raster.width + column]
            guard owner >= 0 else { continue }
            let triangle = solid.triangles[Int(owner)]
            let (i, j, k) = (
              Int(triangle.corners.x), Int(triangle.corners.y), Int(triangle.corners.z)
            )
            guard let seen = ScreenTriangle(corners[i], corners[j], corners[k]) else { continue }
            // Perspective correction converts screen-space weights to weights in space.
            var share = seen.shares(x: Float(column) + 0.5, y: Float(row) + 0.5) * seen.nearness
            share /= share.sum()
            func between(_ values: [Vector]) -> Vector {
              values[i] * share.x + values[j] * share.y + values[k] * share.z
            }
            let normal = normalize(between(normals)) * (seen.facesViewer ? 1 : -1)
            let color = lighting.color(
              of: triangle.surface, at: between(points), model: between(solid.positions),
              normal: normal)
            sum += pointwiseMin(color, .one)
            covered += 1
          }
        }
        guard covered > 0 else { continue }
        let mean = sum / covered
        let pixel = 4 * (y * region.width + x)
        pixels[pixel] = curve.byte(mean.x)
        pixels[pixel + 1] = curve.byte(mean.y)
        pixels[pixel + 2] = curve.byte(mean.z)
        pixels[pixel + 3] = level(covered)
      }
    }
    return Image(width: region.width, height: region.height, pixels: pixels)
  }

  /// The alpha of a pixel of which some samples are covered.
  func level(_ covered: Float) -> UInt8 {
    UInt8((covered / Float(scale * scale) * 255).rounded())
  }

  /// The object's shadow on the ground, black with its strength as alpha, and its position.
  func shadow() -> (image: Image, region: PixelRegion) {
    var light = lightDirection(azimuth: factors.lightAzimuth, elevation: factors.lightElevation)
    // A low light would cast the shadow out of the picture.
    light.y = max(light.y, 0.65)
    let floor = solid.floor
    let single = Camera(factors, width: width, height: height, scale: 1)
    let screen = points.map { single.project($0 - light * (($0.y - floor) / light.y)) }
    let blur = max(1, Int((Double(min(width, height)) * 0.018).rounded()))
    let region = PixelRegion(
      around: screen, scale: 1, width: width, height: height, margin: 2 * blur)
    guard !region.isEmpty else { return (Image(width: 0, height: 0, pixels: []), region) }
    let origin = Vector(Float(region.x), Float(region.y), 0)
    var raster = Rasterizer(width: region.width, height: region.height)
    raster.draw(solid.triangles, corners: screen.map { $0 - origin })
    let strength = Float(max(0, min(1, factors.shadow))) * 255
    var alpha = raster.owners.map { $0 >= 0 ? strength : 0 }
    for _ in 0..<2 {
      alpha = boxBlurred(alpha, width: region.width, height: region.height, radius: blur)
    }
    var pixels = [UInt8](repeating: 0, count: 4 * alpha.count)
    for i in alpha.indices { pixels[4 * i + 3] = UInt8(max(0, min(255, alpha[i].rounded()))) }
    return (Image(width: region.width, height: region.height, pixels: pixels), region)
  }
}

/// Averages over squares of `2 · radius + 1` pixels; the edge values are repeated outside.
private func boxBlurred(_ values: [Float], width: Int, height: Int, radius: Int) -> [Float] {
  func pass(_ source: [Float], count: Int, lines: Int, step: Int, line: Int) -> [Float] {
    var target = source
    let share = 1 / Float(2 * radius + 1)
    for l in 0..<lines {
      let start = l * line
      func value(_ i: Int) -> Float { source[start + max(0, min(count - 1, i)) * step] }
      var sum: Float = 0
      for i in -radius...radius { sum += value(i) }
      for i in 0..<count {
        target[start + i * step] = sum * share
        sum += value(i + radius + 1) - value(i - radius)
      }
    }
    return target
  }
  let rows = pass(values, count: width, lines: height, step: 1, line: width)
  return pass(rows, count: height, lines: width, step: width, line: 1)
}
