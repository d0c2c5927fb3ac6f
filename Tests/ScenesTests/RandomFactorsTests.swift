import Scenes
import Testing

@Suite struct `Drawing factors at random` {
  @Test func `the same seed and index give the same scene, others do not`() {
    #expect(SceneFactors.random(index: 17, seed: 3) == SceneFactors.random(index: 17, seed: 3))
    #expect(SceneFactors.random(index: 17, seed: 3) != SceneFactors.random(index: 17, seed: 4))
    #expect(SceneFactors.random(index: 17, seed: 3) != SceneFactors.random(index: 29, seed: 3))
  }

  @Test func `scenes stay what they were: trained checkpoints count on them`() {
    let scene = SceneFactors.random(index: 17, seed: 3)
    #expect(scene.objectClass == .lamp && scene.style == 5)
    #expect(scene.azimuth == 176.1013510268978)
    #expect(scene.size == 0.6357319860579633)
    #expect(scene.texture == .plain && scene.textureAngle == 3.754619462201587)
    #expect(scene.background == .clutter && scene.backgroundSeed == 13_523_472)
    #expect(scene.color.hue == 243.03632669763908)
  }

  @Test func `every number lies in its factor's range`() {
    for index in 0..<2000 {
      let scene = SceneFactors.random(index: index, seed: 1)
      for factor in SceneFactor.allCases {
        #expect(factor.range.contains(scene[factor]), "\(factor): \(scene[factor])")
      }
    }
  }

  @Test func `classes take turns`() {
    let classes = (0..<24).map { SceneFactors.random(index: $0, seed: 9).objectClass }
    #expect(classes == ObjectClass.allCases + ObjectClass.allCases)
  }

  @Test func `every other factor is independent of the class`() {
    let scenes = (0..<9600).map { SceneFactors.random(index: $0, seed: 21) }
    for factor in SceneFactor.allCases where factor != .objectClass {
      // Eight bins with equal counts, or as many as there are distinct values.
      let sorted = Set(scenes.map { $0[factor] }).sorted()
      let bins = min(8, sorted.count)
      #expect(bins > 1, "\(factor) never changes")
      let values = scenes.map { $0[factor] }.sorted()
      let edges = sorted.count <= 8 ? sorted : (1...8).map { values[values.count * $0 / 8 - 1] }
      var table = [[Double]](
        repeating: [Double](repeating: 0, count: bins), count: ObjectClass.allCases.count)
      for scene in scenes {
        let bin = edges.firstIndex { scene[factor] <= $0 } ?? bins - 1
        table[Int(scene[.objectClass])][bin] += 1
      }
      let statistic = chiSquared(table)
      let freedom = Double((table.count - 1) * (bins - 1))
      // Five standard deviations above the mean of the χ² distribution.
      #expect(statistic < freedom + 5 * (2 * freedom).squareRoot(), "\(factor): \(statistic)")
    }
  }

  @Test func `the object's colour stands out from what is behind it`() {
    let scenes = (0..<500).map { SceneFactors.random(index: $0, seed: 2) }
    let close = scenes.filter { scene in
      let lightness = abs(scene.color.lightness - scene.backgroundColor.lightness)
      let chroma = abs(scene.color.chroma - scene.backgroundColor.chroma)
      return scene.color.hue == scene.backgroundColor.hue && lightness + chroma < 0.1
    }
    #expect(close.isEmpty)
  }

  private func chiSquared(_ table: [[Double]]) -> Double {
    let rows = table.map { $0.reduce(0, +) }
    let columns = table[0].indices.map { column in table.reduce(0) { $0 + $1[column] } }
    let total = rows.reduce(0, +)
    var statistic = 0.0
    for (i, row) in table.enumerated() {
      for (j, count) in row.enumerated() {
        let expected = rows[i] * columns[j] / total
        statistic += (count - expected) * (count - expected) / expected
      }
    }
    return statistic
  }
}

@Suite struct `Sweeping a factor` {
  @Test func `a whole turn leaves out its end`() {
    let sweep = SceneSweep(factor: .azimuth, count: 4, base: SceneFactors(.chair))
    #expect(sweep.values == [0, 90, 180, 270])
  }

  @Test func `a part of a turn and a plain range keep both ends`() {
    let base = SceneFactors(.chair)
    #expect(
      SceneSweep(factor: .azimuth, count: 3, base: base, range: 0...90).values == [0, 45, 90])
    #expect(SceneSweep(factor: .elevation, count: 3, base: base).values == [0, 30, 60])
    #expect(SceneSweep(factor: .size, count: 1, base: base, range: 0.5...0.9).values == [0.5])
    #expect(SceneSweep(factor: .size, count: 0, base: base).scenes.isEmpty)
  }

  @Test(arguments: SceneFactor.allCases)
  func `only that factor changes`(factor: SceneFactor) {
    let base = SceneFactors.random(index: 5, seed: 6)
    let scenes = SceneSweep(factor: factor, count: 5, base: base).scenes
    #expect(scenes.count == 5 && Set(scenes.map { $0[factor] }).count > 1)
    for scene in scenes {
      for other in SceneFactor.allCases where other != factor {
        #expect(scene[other] == base[other])
      }
    }
  }

  @Test func `a sweep of classes shows each`() {
    let sweep = SceneSweep(
      factor: .objectClass, count: ObjectClass.allCases.count, base: SceneFactors(.mug))
    #expect(sweep.scenes.map(\.objectClass) == ObjectClass.allCases)
  }
}
