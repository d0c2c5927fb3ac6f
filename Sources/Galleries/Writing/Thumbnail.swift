internal import Drawing
internal import Foundation
internal import Images

extension CaptionedFigure {
  /// In points; the page shows thumbnails at about this width.
  static let thumbnailSize = Size(width: 320, height: 200)
  /// Sharp on screens of high resolution.
  private static let thumbnailDensity = 2.0
  /// Photographs of this size take about 60 KB, so that a screenful of them loads at once.
  private static let thumbnailQuality = 82

  /// A small picture of the content, without title and caption, as a JPEG.
  ///
  /// - Throws: `DrawingError`.
  func thumbnail(_ appearance: Appearance) throws -> Data {
    // Twice as large, and then reduced, so that tiny cells of maps are averaged and not skipped.
    let large = try Miniature(of: body, size: Self.thumbnailSize)
      .render(scale: 2 * Self.thumbnailDensity, appearance: appearance)
    return large.resized(width: large.width / 2, height: large.height / 2)
      .encodedJPEG(quality: Self.thumbnailQuality)
  }
}
