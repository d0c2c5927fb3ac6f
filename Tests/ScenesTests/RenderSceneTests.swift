import Foundation
import Images
import Scenes
import TestSupport
import Testing

@Suite struct `Rendering a scene` {
  @Test(.slow, arguments: ObjectClass.allCases)
  func `every style of a class covers a sensible part of the picture`(
    objectClass: ObjectClass
  ) throws {
    for style in 0..<ObjectClass.styleCount {
      for azimuth in stride(from: 0.0, to: 360, by: 45) {
        var scene = SceneFactors(objectClass, style: style)
        scene.azimuth = azimuth
        let mask = try sceneMask(scene, width: 64, height: 64)
        let share = mask.reduce(0, +) / Float(mask.count)
        #expect((0.03...0.55).contains(share), "style \(style) at \(azimuth)°: \(share)")
      }
    }
  }

  @Test(arguments: ObjectClass.allCases)
  func `the object changes the picture where its mask says and nowhere else`(
    objectClass: ObjectClass
  ) throws {
    var scene = SceneFactors(objectClass, style: 1)
    scene.shadow = 0
    let mask = try sceneMask(scene, width: 64, height: 64)
    let with = try renderScene(scene, width: 64, height: 64)
    let without = try renderScene(backgroundOnly(scene), width: 64, height: 64)
    var inside = 0
    var changed = 0
    for pixel in mask.indices {
      let same = with.pixels[4 * pixel..<4 * pixel + 4] == without.pixels[4 * pixel..<4 * pixel + 4]
      if mask[pixel] == 0 { #expect(same, "pixel \(pixel)") }
      if mask[pixel] == 1 {
        inside += 1
        if !same { changed += 1 }
      }
    }
    #expect(inside > 100)
    #expect(Double(changed) > 0.97 * Double(inside))
  }

  @Test(.slow, arguments: BackgroundKind.allCases, SurfaceTexture.allCases)
  func `a picture is the same each time, alone or beside others`(
    background: BackgroundKind, texture: SurfaceTexture
  ) async throws {
    let scenes = (0..<8).map { index -> SceneFactors in
      var scene = SceneFactors.random(index: index, seed: 5)
      scene.background = background
      scene.texture = texture
      return scene
    }
    let inOrder = try scenes.map { try renderScene($0, width: 48, height: 40) }
    let together = try await withThrowingTaskGroup(of: (Int, Image).self) { group in
      for (index, scene) in scenes.enumerated().reversed() {
        group.addTask { (index, try renderScene(scene, width: 48, height: 40)) }
      }
      return try await group.reduce(into: [Int: Image]()) { $0[$1.0] = $1.1 }
    }
    for (index, image) in inOrder.enumerated() { #expect(together[index] == image) }
  }

  @Test(.slow, arguments: [(1, 1), (2, 3), (7, 5), (16, 16), (17, 65), (200, 31), (640, 480)])
  func `any size is drawn, opaque throughout`(size: (width: Int, height: Int)) throws {
    for background in BackgroundKind.allCases {
      var scene = SceneFactors.random(index: 3, seed: 1)
      scene.background = background
      let image = try renderScene(scene, width: size.width, height: size.height)
      #expect(image.width == size.width && image.height == size.height)
      #expect(image.isOpaque)
    }
  }

  @Test func `the same scene looks the same at any size`() throws {
    for index in 0..<12 {
      var scene = SceneFactors.random(index: index, seed: 4)
      // Finer clouds have finer detail, and thin lines differ, so the object's mask is compared.
      scene.background = .studio
      let small = try sceneMask(scene, width: 64, height: 64)
      let large = try sceneMask(scene, width: 256, height: 256)
      var difference: Float = 0
      for y in 0..<64 {
        for x in 0..<64 {
          var sum: Float = 0
          for row in 0..<4 {
            for column in 0..<4 { sum += large[(4 * y + row) * 256 + 4 * x + column] }
          }
          difference += abs(sum / 16 - small[y * 64 + x])
        }
      }
      #expect(difference / small.reduce(0, +) < 0.05, "scene \(index)")
    }
  }

  @Test func `an impossible size or factor is refused with its reason`() {
    let scene = SceneFactors(.mug)
    #expect(
      errorText { try renderScene(scene, width: 0, height: 64) }
        == "a scene of 0×64 pixels: expected sides from 1 to 8192")
    #expect(
      errorText { _ = try sceneMask(scene, width: 64, height: 100_000) }
        == "a scene of 64×100000 pixels: expected sides from 1 to 8192")
    var broken = scene
    broken.azimuth = .nan
    #expect(
      errorText { try renderScene(broken, width: 64, height: 64) }
        == "a scene whose azimuth is nan: expected a number")
  }

  @Test func `factors far out of their ranges do not trap`() throws {
    for factor in SceneFactor.allCases {
      for value in [-1e9, -1, 0, 1e-9, 1e9] {
        var scene = SceneFactors.random(index: 2, seed: 8)
        scene[factor] = value
        let image = try renderScene(scene, width: 33, height: 32)
        #expect(image.isOpaque, "\(factor) = \(value)")
      }
    }
  }
}

/// The scene with its object moved out of the picture.
func backgroundOnly(_ scene: SceneFactors) -> SceneFactors {
  var empty = scene
  empty.x = 50
  return empty
}
