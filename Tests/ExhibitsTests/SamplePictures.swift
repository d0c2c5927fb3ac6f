import Images
import TestSupport

extension TemporaryFolder {
  /// Pictures of noise in a folder for each class.
  ///
  /// - Returns: The folder.
  func pictures(_ classes: [String: Int], side: Int = 16) throws -> String {
    for (name, count) in classes {
      for number in 0..<count {
        let image = Image.noise(side, side, seed: UInt64(number * 100 + name.utf8.count))
        try write(image.encodedPNG(), "pictures/\(name)/\(number).png")
      }
    }
    return "\(path)/pictures"
  }
}
