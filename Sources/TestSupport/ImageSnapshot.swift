internal import Files
internal import Foundation
public import Images
public import Testing

/// Compares a picture with the reference `Snapshots/<name>.png` beside the test file.
///
/// A missing reference is written and the test fails, so that none is merged unseen. If the picture
/// differs, it is written beside its reference as `<name>.failed.png`.
///
/// - Parameter tolerance: The largest difference allowed in any 8-bit channel.
public func expectSnapshot(
  _ image: Image, named name: String, tolerance: Int = 1,
  filePath: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let folder = URL(filePath: filePath).deletingLastPathComponent().appending(path: "Snapshots")
  let reference = folder.appending(path: "\(name).png").path
  guard FileManager.default.fileExists(atPath: reference) else {
    try makeFolder(folder.path)
    try image.writePNG(to: reference)
    Issue.record(
      "recorded \(reference): look at it, then run again", sourceLocation: sourceLocation)
    return
  }
  let expected = try Image(contentsOf: reference)
  let difference = largestDifference(image, expected)
  if let difference, difference <= tolerance { return }
  let failed = folder.appending(path: "\(name).failed.png").path
  try image.writePNG(to: failed)
  let sizes = "\(image.width)×\(image.height), not \(expected.width)×\(expected.height)"
  Issue.record(
    "\(name) is \(difference.map { "off by up to \($0) of 255" } ?? sizes): see \(failed)",
    sourceLocation: sourceLocation)
}

/// The largest difference in any channel, or nil if the sizes differ.
private func largestDifference(_ image: Image, _ other: Image) -> Int? {
  guard image.width == other.width, image.height == other.height else { return nil }
  return zip(image.pixels, other.pixels).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
}
