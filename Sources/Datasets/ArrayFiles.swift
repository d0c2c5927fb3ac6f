internal import Files
internal import Foundation

/// Opens the single array of a `.npy` file.
func openNPY(_ file: FileBytes, _ memory: MemoryBudget) throws(FileError) -> ArrayDataset {
  let stream = try ByteStream(file)
  return try dataset(
    NumPyArray(picturesOf: NumPyHeader(stream), stream), source: file.path, memory)
}

/// Opens the pictures in an `.npz` archive: an array with a usual name, or the first that can be
/// pictures; with labels from an array with a usual name.
func openNPZ(_ file: FileBytes, _ memory: MemoryBudget) throws(FileError) -> ArrayDataset {
  let archive = try ZipArchive(file)
  let names = archive.names.filter { $0.hasSuffix(".npy") }
  func first(of usual: [String]) -> String? {
    usual.lazy.map { "\($0).npy" }.first(where: names.contains)
  }
  let labelsName = first(of: ["labels", "label", "y", "targets", "target"])
  var candidates = names.filter { $0 != labelsName }
  if let usual = first(of: ["images", "pictures", "inputs", "input", "data", "x"]) {
    candidates = [usual] + candidates.filter { $0 != usual }
  }
  var (images, found): (NumPyArray?, [String]) = (nil, [])
  for name in candidates where images == nil {
    let stream = try archive.stream(of: name)
    let header = try NumPyHeader(stream)
    found.append("\(name.dropLast(4)) \(header.shape) '\(header.type)'")
    // An archive may contain all sorts of arrays besides the pictures.
    guard header.shape.count > 2, header.isFloatingPoint || candidates.count == 1 else { continue }
    images = try NumPyArray(picturesOf: header, stream)
  }
  guard let images else {
    throw FileError(
      .malformed, file.path,
      "expected an array [N, C, H, W] of float32, found "
        + (found.isEmpty ? "none" : found.joined(separator: ", ")))
  }
  var labels: [Int]?
  if let labelsName {
    let stream = try archive.stream(of: labelsName)
    let numbers = try NumPyArray(NumPyHeader(stream), stream).labels(memory)
    let count = images.shape.count == 4 ? images.shape[0] : 1
    guard numbers.count == count else {
      throw FileError(.malformed, file.path, "expected \(count) labels, found \(numbers.count)")
    }
    labels = numbers
  }
  return try dataset(images, labels: labels, source: file.path, memory)
}

private func dataset(
  _ images: NumPyArray, labels: [Int]? = nil, source path: String, _ memory: MemoryBudget
) throws(FileError) -> ArrayDataset {
  let source = URL(filePath: path).lastPathComponent
  let classCount = (labels?.max()).map { $0 + 1 } ?? 0
  let names = (0..<classCount).map(String.init)
  if let rows = try images.rows() {
    return ArrayDataset(rows, labels: labels, classNames: names, source: source)
  }
  return ArrayDataset(
    try images.pictures(memory), labels: labels, classNames: names, source: source)
}
