import Datasets
import Images
import Scenes
import Testing

@Suite struct `Annotations of scenes` {
  private let dataset = SceneDataset(count: 48, size: 48, seed: 5)

  @Test func `every factor is there by name`() throws {
    for index in 0..<dataset.count {
      let factors = dataset.factors(at: index)
      let values = try dataset.annotations(at: index).factors
      #expect(Set(values.keys) == Set(SceneFactor.allCases.map(\.rawValue)))
      #expect(values["class"] == .word(dataset.classNames[index % 12]))
      #expect(values["light_azimuth"] == .number(factors.lightAzimuth))
      #expect(values["background_seed"] == .number(Double(factors.backgroundSeed)))
      #expect(values["texture"] == .word(factors.texture.rawValue))
      #expect(values["second_hue"] == .number(factors.secondColor.hue))
    }
  }

  /// The mask must be what of the picture the background does not reach.
  @Test func `the mask is the part of the picture that the background does not change`() throws {
    for objectClass in ObjectClass.allCases {
      var factors = SceneFactors(objectClass)
      factors.shadow = 0
      func picture(_ lightness: Double) throws -> Image {
        factors.backgroundColor.lightness = lightness
        factors.backgroundSecondColor.lightness = lightness
        return try renderScene(factors, width: 40, height: 40)
      }
      let (dark, bright) = (try picture(0.2), try picture(0.95))
      let mask = try sceneMask(factors, width: 40, height: 40)
      for (pixel, covered) in mask.enumerated() {
        let change = abs(Int(dark.pixels[4 * pixel + 1]) - Int(bright.pixels[4 * pixel + 1]))
        if covered == 1 { #expect(change <= 1, "\(objectClass) pixel \(pixel)") }
        if covered == 0 { #expect(change > 60, "\(objectClass) pixel \(pixel)") }
      }
    }
  }

  @Test func `the box is tight around the mask, and the example carries both`() throws {
    for index in 0..<dataset.count {
      let annotations = try dataset.example(at: index).annotations
      #expect(try annotations.boxes == dataset.annotations(at: index).boxes)
      #expect(annotations.masks.count == 1 && annotations.boxes.count == 1)
      let coverage = try annotations.masks[0].coverage()
      #expect(
        try coverage == sceneMask(dataset.factors(at: index), width: 48, height: 48))
      let covered = coverage.indices.filter { coverage[$0] > 0 }
      let (columns, rows) = (covered.map { $0 % 48 }, covered.map { $0 / 48 })
      let (left, right) = (try #require(columns.min()), try #require(columns.max()))
      let (top, bottom) = (try #require(rows.min()), try #require(rows.max()))
      #expect(
        annotations.boxes == [
          .init(
            name: dataset.classNames[index % 12], x: Double(left), y: Double(top),
            width: Double(right - left + 1), height: Double(bottom - top + 1))
        ])
    }
  }

  @Test func `visible parts are on the object`() throws {
    for index in 0..<dataset.count {
      let annotations = try dataset.annotations(at: index)
      let coverage = try annotations.masks[0].coverage()
      #expect(annotations.parts.count >= 2)
      #expect(annotations.parts.contains { $0.isVisible })
      for part in annotations.parts where part.isVisible {
        #expect(coverage[Int(part.y) * 48 + Int(part.x)] > 0, "\(index) \(part)")
      }
    }
  }

  /// Whatever the style, seen from the front at eye level.
  @Test(arguments: [
    (ObjectClass.chair, ObjectPart.back, ObjectPart.legs), (.table, .top, .legs),
    (.house, .roof, .walls), (.lamp, .shade, .stand), (.tree, .crown, .trunk),
    (.bottle, .cap, .body), (.sailboat, .sails, .hull), (.teapot, .lid, .body),
    (.guitar, .neck, .body), (.car, .cabin, .wheels),
  ])
  func `parts are above each other as they should`(
    objectClass: ObjectClass, upper: ObjectPart, lower: ObjectPart
  ) throws {
    for style in 0..<ObjectClass.styleCount {
      var factors = SceneFactors(objectClass, style: style)
      (factors.azimuth, factors.elevation) = (20, 8)
      let parts = try sceneAnnotations(factors, width: 96, height: 96).parts
      let above = parts.first { $0.name == upper.rawValue }
      let below = parts.first { $0.name == lower.rawValue }
      guard let below else {
        // A frame house is all roof.
        #expect(objectClass == .house, "\(objectClass) \(style)")
        continue
      }
      #expect(try #require(above).y < below.y, "\(objectClass) \(style)")
    }
  }

  @Test func `handle and spout are on their sides`() throws {
    func x(_ part: ObjectPart, of objectClass: ObjectClass) throws -> Double {
      var factors = SceneFactors(objectClass)
      factors.azimuth = 0
      let parts = try sceneAnnotations(factors, width: 64, height: 64).parts
      return try #require(parts.first { $0.name == part.rawValue }).x
    }
    #expect(try x(.handle, of: .mug) > x(.body, of: .mug))
    #expect(try x(.spout, of: .teapot) > x(.body, of: .teapot))
    #expect(try x(.handle, of: .teapot) < x(.body, of: .teapot))
  }

  @Test func `an object outside of the picture has no box, and no visible part`() throws {
    var factors = SceneFactors(.mug)
    factors.x = 9
    let annotations = try sceneAnnotations(factors, width: 32, height: 32)
    #expect(annotations.boxes.isEmpty && !annotations.parts.isEmpty)
    #expect(annotations.parts.allSatisfy { !$0.isVisible && $0.x > 32 })
    #expect(try annotations.masks[0].coverage().allSatisfy { $0 == 0 })
  }
}
