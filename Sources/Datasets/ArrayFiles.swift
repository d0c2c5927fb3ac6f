internal import Files
internal import Foundation
internal import TensorCore

/// Opens the one array of a `.npy` file.
func openNPY(_ path: String, _ data: Data) throws(FileError) -> ArrayDataset {
  ArrayDataset(
    try NumPy.pictures(data, file: path), source: URL(filePath: path).lastPathComponent)
}

/// Opens the pictures of an `.npz` archive: an array of a usual name, or the first that can be
/// pictures; with labels from an array named so.
func openNPZ(_ path: String, _ data: Data) throws(FileError) -> ArrayDataset {
  let archive = try ZipArchive(data, file: path)
  let names = archive.names.filter { $0.hasSuffix(".npy") }
  func first(of usual: [String]) -> String? {
    usual.lazy.map { "\($0).npy" }.first(where: names.contains)
  }
  let labelsName = first(of: ["labels", "label", "y", "targets", "target"])
  var candidates = names.filter { $0 != labelsName }
  if let usual = first(of: ["images", "pictures", "inputs", "input", "data", "x"]) {
    candidates = [usual] + candidates.filter { $0 != usual }
  }
  var (images, found): (Tensor?, [String]) = (nil, [])
  for name in candidates where images == nil {
    let content = try archive.contents(of: name)
    let header = try NumPyHeader(content, file: "\(path)/\(name)")
    found.append("\(name.dropLast(4)) \(header.shape) '\(header.type)'")
    // An archive may hold all sorts of arrays beside the pictures.
    guard header.shape.count > 2, header.isFloatingPoint || candidates.count == 1 else { continue }
    images = try NumPy.pictures(content, file: "\(path)/\(name)")
  }
  guard let images else {
    throw FileError(
      .malformed, path,
      "expected an array [N, C, H, W] of float32, found "
        + (found.isEmpty ? "none" : found.joined(separator: ", ")))
  }
  var labels: [Int]?
  if let labelsName {
    let numbers = try NumPy.labels(
      archive.contents(of: labelsName), file: "\(path)/\(labelsName)")
    guard numbers.count == images.shape[0] else {
      throw FileError(
        .malformed, path, "expected \(images.shape[0]) labels, found \(numbers.count)")
    }
    labels = numbers
  }
  let classCount = (labels?.max()).map { $0 + 1 } ?? 0
  return ArrayDataset(
    images, labels: labels, classNames: (0..<classCount).map(String.init),
    source: URL(filePath: path).lastPathComponent)
}
