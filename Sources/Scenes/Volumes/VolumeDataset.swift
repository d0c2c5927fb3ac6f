public import Datasets
public import Files
internal import Foundation
internal import Images
internal import TensorCore

/// How the object of a synthetic volume moves, seen by the camera.
public enum VolumeClass: String, CaseIterable, Sendable, Hashable {
  case left, right, up, down, approaching, rotating
}

/// Short grey videos of a rendered object that moves in front of a background at rest; the classes
/// are its movements, and all kinds of objects occur in each.
///
/// Its annotations are the class, the `object`, the `travel` and those of ``SceneFactor`` that say
/// how the object is seen half-way.
public struct VolumeDataset: FactoredDataset {
  public static let usualFrames = 16
  public static let usualSize = 32
  private static let poses: [SceneFactor] = [.azimuth, .elevation, .x, .y, .size]
  /// `travel` is what changes from the first frame to the last: `x` or `y`, in widths of a frame;
  /// the factor of `size`; or `azimuth`, in degrees.
  public static let factorNames = ["class", "object", "travel"] + poses.map(\.rawValue)
  public static let word = "volume"
  public static let fileEnding = ""

  public let count: Int
  public let frames: Int
  /// The side length of frames, in pixels.
  public let size: Int
  public let seed: UInt64

  public init(
    count: Int, frames: Int = VolumeDataset.usualFrames, size: Int = VolumeDataset.usualSize,
    seed: UInt64 = 0
  ) {
    precondition(count >= 0 && frames > 0 && size > 0, "\(count) volumes of \(frames) frames")
    (self.count, self.frames, self.size, self.seed) = (count, frames, size, seed)
  }

  public var classNames: [String] { VolumeClass.allCases.map(\.rawValue) }

  /// The scene half-way, and how far the object travels.
  private func sketch(_ index: Int) -> (motion: VolumeClass, scene: SceneFactors, travel: Double) {
    let motion = VolumeClass.allCases[classTakingTurns(at: index)]
    var generator = SeededGenerator(seed: seed, path: Self.randomPath, index)
    let number = Int.random(in: 0..<ObjectClass.allCases.count, using: &generator)
    // Objects take turns in the list of scenes.
    let turn = Int.random(in: 0..<(1 << 20), using: &generator) * ObjectClass.allCases.count
    var scene = SceneFactors.random(index: turn + number, seed: seed &+ Self.sceneSeedOffset)
    scene.size = generator.uniform(0.4...0.55)
    scene.x = generator.uniform(-0.08...0.08)
    scene.y = generator.uniform(-0.08...0.08)
    // A shadow stays on the ground.
    scene.shadow = 0
    let travel: Double =
      switch motion {
      case .left, .right, .up, .down: generator.uniform(0.3...0.5)
      case .approaching: generator.uniform(1.8...2.4)
      case .rotating: generator.uniform(120...240) * (Bool.random(using: &generator) ? 1 : -1)
      }
    return (motion, scene, travel)
  }

  private static let randomPath = 0x70_1E5
  private static let sceneSeedOffset: UInt64 = 4_000_000

  public func factors(at index: Int) -> [String: Annotations.Value] {
    let (motion, scene, travel) = sketch(index)
    var factors: [String: Annotations.Value] = [
      "class": .word(motion.rawValue), "object": .word(scene.objectClass.rawValue),
      "travel": .number(travel),
    ]
    for pose in Self.poses { factors[pose.rawValue] = .number(scene[pose]) }
    return factors
  }

  /// The scene of each frame.
  func scenes(at index: Int) -> [SceneFactors] {
    let (motion, scene, travel) = sketch(index)
    return (0..<frames).map { frame in
      // From −½ to ½; a single frame is half-way.
      let time = frames > 1 ? Double(frame) / Double(frames - 1) - 0.5 : 0
      var scene = scene
      switch motion {
      case .left: scene.x -= time * travel
      case .right: scene.x += time * travel
      case .up: scene.y -= time * travel
      case .down: scene.y += time * travel
      case .approaching: scene.size *= pow(travel, time)
      case .rotating: scene.azimuth += time * travel
      }
      return scene
    }
  }

  private func images(at index: Int) throws -> [Image] {
    try scenes(at: index).map { try renderScene($0, width: size, height: size).grayscale() }
  }

  /// `[1, D, H, W]`, from 0 for black to 1 for white.
  ///
  /// - Complexity: Renders every frame; about a third of a millisecond each at 32 pixels.
  public func example(at index: Int) throws -> Example {
    let images = try images(at: index)
    let values = Tensor(shape: [1, frames, size, size]) { target in
      let area = size * size
      for (frame, image) in images.enumerated() {
        for pixel in 0..<area {
          target.initializeElement(
            at: frame * area + pixel, to: Float(image.pixels[4 * pixel]) / 255)
        }
      }
    }
    return Example(
      .array(values), label: try label(at: index), source: try source(at: index),
      annotations: { try annotations(at: index) })
  }

  /// A folder of frames as PNG files.
  public func write(_ index: Int, to path: String) throws(FileError) {
    try makeFolder(path)
    removePartialFiles(in: path)
    let digits = max(2, "\(frames - 1)".count)
    do {
      for (frame, image) in try images(at: index).enumerated() {
        let number = String(repeating: "0", count: digits - "\(frame)".count) + "\(frame)"
        try image.writePNG(to: "\(path)/frame-\(number).png")
      }
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(.unwritable, path, "\(error)")
    }
  }
}
