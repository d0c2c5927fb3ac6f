internal import Analysis
internal import Datasets
package import Files
internal import Foundation
internal import Images
internal import Scenes
package import TensorCore

/// A picture that is to be filtered: one of a file, or a rendered scene.
package struct FilteredPicture {
  /// For captions.
  package let source: String
  /// `[C, H, W]`, of one channel or of red, green and blue, in levels from 0 to 255.
  package let levels: Tensor
  /// What was lost when the file was read; nil if nothing was.
  package let remark: String?

  /// The scene that is shown if no file is given: a car on a plain ground.
  private static let (sceneSeed, sceneIndex, sceneSize): (UInt64, Int, Int) = (0, 3, 256)

  /// - Parameters:
  ///   - path: A PNG or JPEG; nil for a rendered scene.
  ///   - filters: How many it will be filtered by.
  /// - Throws: `FileError` if the file is no picture, or if there is too little memory.
  package init(
    _ path: String?, isColored: Bool, filters: Int, memory: MemoryBudget
  ) throws {
    let image: Image
    if let path {
      let picture = try PictureFile(path, memory: memory).opened()
      try memory.check(
        Self.bytes(
          picture.width * picture.height, channels: isColored ? 3 : 1, filters: filters),
        path, "\(filters) results of \(picture.width)×\(picture.height) pixels")
      image = try picture.resized(
        width: picture.width, height: picture.height, columns: 0..<picture.width,
        rows: 0..<picture.height, isGray: !isColored)
      source = (path as NSString).lastPathComponent
      remark = picture.depthRemark
    } else {
      let scenes = SceneDataset(
        count: Self.sceneIndex + 1, size: Self.sceneSize, seed: Self.sceneSeed)
      let example = try scenes.example(at: Self.sceneIndex)
      guard case .picture(let scene) = example.content else {
        preconditionFailure("a scene without a picture")
      }
      image = isColored ? scene : scene.grayscale()
      source = "rendered \(example.source)"
      remark = nil
    }
    let channels = isColored ? 3 : 1
    levels = Tensor(shape: [channels, image.height, image.width], image.levels(channels: channels))
  }

  /// The pictures, results and their copies, as numbers and as pixels.
  private static func bytes(_ pixels: Int, channels: Int, filters: Int) -> Int {
    pixels * (4 * channels * (8 + filters) + 4 * (4 + filters))
  }
}
