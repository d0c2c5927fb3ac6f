import Images
import Scenes
import Testing

@Suite struct `Each factor` {
  private let side = 96

  @Test(arguments: [ObjectClass.chair, .car, .guitar])
  func `position moves the object by just that much`(objectClass: ObjectClass) throws {
    var scene = SceneFactors(objectClass)
    scene.size = 0.5
    let before = centroid(try sceneMask(scene, width: side, height: side))
    scene.x = 0.125
    scene.y = -0.0625
    let after = centroid(try sceneMask(scene, width: side, height: side))
    #expect(abs(after.x - before.x - 12) < 0.05)
    #expect(abs(after.y - before.y + 6) < 0.05)
  }

  @Test(arguments: ObjectClass.allCases)
  func `size scales the mask's area with its square`(objectClass: ObjectClass) throws {
    var scene = SceneFactors(objectClass)
    scene.size = 0.35
    let small = try sceneMask(scene, width: side, height: side).reduce(0, +)
    scene.size = 0.7
    let large = try sceneMask(scene, width: side, height: side).reduce(0, +)
    #expect(abs(large / small - 4) < 0.2, "\(large / small)")
  }

  @Test(arguments: ObjectClass.allCases)
  func `a size is the object's extent`(objectClass: ObjectClass) throws {
    var scene = SceneFactors(objectClass)
    scene.elevation = 0
    scene.size = 0.5
    var widths: [Double] = []
    var heights: [Double] = []
    for azimuth in stride(from: 0.0, to: 360, by: 22.5) {
      scene.azimuth = azimuth
      let box = extent(try sceneMask(scene, width: side, height: side))
      widths.append(box.width / Double(side))
      heights.append(box.height / Double(side))
    }
    let width = widths.reduce(0, +) / Double(widths.count)
    let height = heights.reduce(0, +) / Double(heights.count)
    // Perspective enlarges what is near, and edges cover parts of additional pixels.
    let size = 0.75 * max(width, height) + 0.25 * min(width, height)
    #expect((0.48...0.62).contains(size), "\(size)")
  }

  @Test func `azimuth turns the object and a full turn brings it back`() throws {
    var scene = SceneFactors(.car)
    scene.azimuth = 0
    let front = try renderScene(scene, width: side, height: side)
    scene.azimuth = 90
    let flank = try renderScene(scene, width: side, height: side)
    scene.azimuth = 360
    let again = try renderScene(scene, width: side, height: side)
    #expect(difference(front, flank) > 5)
    #expect(difference(front, again) < 0.05)
    scene.azimuth = 0
    let narrow = extent(try sceneMask(scene, width: side, height: side)).width
    scene.azimuth = 90
    let wide = extent(try sceneMask(scene, width: side, height: side)).width
    #expect(wide > 1.5 * narrow)
  }

  @Test func `elevation shows the table's top`() throws {
    var scene = SceneFactors(.table, style: 1)
    scene.elevation = 0
    let level = try sceneMask(scene, width: side, height: side).reduce(0, +)
    scene.elevation = 40
    let above = try sceneMask(scene, width: side, height: side).reduce(0, +)
    #expect(above > 1.5 * level)
  }

  @Test func `slenderness makes it taller and narrower`() throws {
    var scene = SceneFactors(.bottle)
    scene.elevation = 0
    let plain = extent(try sceneMask(scene, width: side, height: side))
    scene.slenderness = 1.25
    let slim = extent(try sceneMask(scene, width: side, height: side))
    let change = (slim.height / slim.width) / (plain.height / plain.width)
    #expect(abs(change - 1.25) < 0.06, "\(change)")
  }

  @Test func `light from the right brightens the right`() throws {
    var scene = SceneFactors(.mug, style: 0)
    scene.azimuth = 90
    func balance(_ azimuth: Double) throws -> Double {
      scene.lightAzimuth = azimuth
      let image = try renderScene(scene, width: side, height: side)
      let mask = try sceneMask(scene, width: side, height: side)
      var (left, right) = (0.0, 0.0)
      for i in mask.indices where mask[i] == 1 {
        if i % side < side / 2 { left += luma(image, i) } else { right += luma(image, i) }
      }
      return right / left
    }
    #expect(try balance(80) > 1.15)
    #expect(try balance(-80) < 0.87)
  }

  @Test func `intensity brightens the object, a shadow darkens the ground`() throws {
    var scene = SceneFactors(.lamp)
    let mask = try sceneMask(scene, width: side, height: side)
    func mean(_ inside: Bool) throws -> Double {
      let image = try renderScene(scene, width: side, height: side)
      let chosen = mask.indices.filter { mask[$0] == (inside ? 1 : 0) }
      return chosen.reduce(0) { $0 + luma(image, $1) } / Double(chosen.count)
    }
    scene.lightIntensity = 0.6
    let dim = try mean(true)
    scene.lightIntensity = 1.1
    #expect(try mean(true) > 1.1 * dim)
    scene.shadow = 0
    let clear = try mean(false)
    scene.shadow = 0.8
    #expect(try mean(false) < clear - 2)
  }

  @Test(arguments: [
    SceneFactor.hue, .lightness, .chroma, .texture, .style, .background, .backgroundHue,
    .backgroundLightness, .backgroundSecondLightness,
  ])
  func `looks change the picture`(factor: SceneFactor) throws {
    let sweep = SceneSweep(factor: factor, count: 4, base: SceneFactors(.teapot))
    let images = try sweep.scenes.map { try renderScene($0, width: side, height: side) }
    for (a, b) in zip(images, images.dropFirst()) { #expect(difference(a, b) > 0.5) }
  }

  @Test(arguments: [BackgroundKind.gradient, .grating])
  func `the background's angle and seed or frequency act`(kind: BackgroundKind) throws {
    var scene = backgroundOnly(SceneFactors(.mug))
    scene.background = kind
    let before = try renderScene(scene, width: side, height: side)
    scene.backgroundAngle += 45
    let turned = try renderScene(scene, width: side, height: side)
    #expect(difference(before, turned) > 1)
  }

  @Test func `a grating has the stated frequency and orientation`() throws {
    var scene = backgroundOnly(SceneFactors(.mug))
    scene.background = .grating
    scene.backgroundFrequency = 8
    scene.backgroundAngle = 0
    let image = try renderScene(scene, width: 96, height: 96)
    let row = (0..<96).map { luma(image, 40 * 96 + $0) }
    let mean = row.reduce(0, +) / 96
    let crossings = zip(row, row.dropFirst()).filter { ($0 < mean) != ($1 < mean) }.count
    #expect((15...16).contains(crossings))
    for x in 0..<96 { #expect(luma(image, x) == luma(image, 95 * 96 + x)) }
  }

  private func centroid(_ mask: [Float]) -> (x: Double, y: Double) {
    var (x, y, total) = (0.0, 0.0, 0.0)
    for (i, share) in mask.enumerated() {
      x += Double(share) * Double(i % side)
      y += Double(share) * Double(i / side)
      total += Double(share)
    }
    return (x / total, y / total)
  }

  private func extent(_ mask: [Float]) -> (width: Double, height: Double) {
    let covered = mask.indices.filter { mask[$0] > 0.3 }
    let columns = covered.map { $0 % side }
    let rows = covered.map { $0 / side }
    guard let left = columns.min(), let right = columns.max(), let top = rows.min(),
      let bottom = rows.max()
    else { return (0, 0) }
    return (Double(right - left + 1), Double(bottom - top + 1))
  }
}

func luma(_ image: Image, _ pixel: Int) -> Double {
  0.299 * Double(image.pixels[4 * pixel]) + 0.587 * Double(image.pixels[4 * pixel + 1]) + 0.114
    * Double(image.pixels[4 * pixel + 2])
}

/// Mean absolute difference of the bytes.
private func difference(_ a: Image, _ b: Image) -> Double {
  var sum = 0
  for (x, y) in zip(a.pixels, b.pixels) { sum += abs(Int(x) - Int(y)) }
  return Double(sum) / Double(a.pixels.count)
}
