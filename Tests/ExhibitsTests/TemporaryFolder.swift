import Files
import Foundation
import Images
import TensorCore

/// A folder of a test's own, removed with it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.appending(path: "fovea-\(UUID().uuidString)").path
    try makeFolder(path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws -> String {
    try writeFile(Data(text.utf8), to: "\(path)/\(name)")
    return "\(path)/\(name)"
  }

  /// Pictures of noise in a folder for each class.
  ///
  /// - Returns: The folder.
  func pictures(_ classes: [String: Int], side: Int = 16) throws -> String {
    for (name, count) in classes {
      try makeFolder("\(path)/pictures/\(name)")
      for number in 0..<count {
        var generator = SeededGenerator(seed: UInt64(number * 100 + name.utf8.count))
        var pixels = [UInt8](repeating: 255, count: 4 * side * side)
        for index in pixels.indices where index % 4 != 3 {
          pixels[index] = UInt8.random(in: 0...255, using: &generator)
        }
        let image = Image(width: side, height: side, pixels: pixels)
        try writeFile(image.encodedPNG(), to: "\(path)/pictures/\(name)/\(number).png")
      }
    }
    return "\(path)/pictures"
  }
}
