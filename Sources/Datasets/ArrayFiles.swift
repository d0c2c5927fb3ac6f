internal import Files
internal import Foundation

/// Opens the single array of a `.npy` file.
func openNPY(
  _ file: FileBytes, of kind: ExampleKind, _ memory: MemoryBudget
) throws(FileError) -> any Dataset {
  let stream = try ByteStream(file)
  return try dataset(
    NumPyArray(of: kind, NumPyHeader(stream), stream), source: file.path, memory)
}

/// What arrays of labels are usually called.
package let labelsNames = ["labels", "label", "y", "targets", "target"]
/// ImageNet's full set has 21,841 classes.
package let largestClassCount = 1 << 16

/// The arrays of an `.npz` archive of examples of one kind.
struct NumPyArchive {
  private let archive: ZipArchive
  private let path: String
  private let kind: ExampleKind
  /// With their extension.
  private let names: [String]

  private static let examplesNames = [
    "images", "pictures", "series", "volumes", "inputs", "input", "data", "x",
  ]

  /// - Parameter kind: Of the examples.
  init(_ file: FileBytes, of kind: ExampleKind) throws(FileError) {
    self.kind = kind
    archive = try ZipArchive(file)
    path = file.path
    names = archive.names.filter { $0.hasSuffix(".npy") }
  }

  /// The parts whose arrays are named `x_train` or `x_test`, as in Keras's archives.
  var parts: Set<Split> {
    Set(
      [Split.training, .test].filter { part in
        Self.examplesNames.contains { names.contains("\($0)_\(Self.suffix(of: part)).npy") }
      })
  }

  private static func suffix(of part: Split) -> String { part == .training ? "train" : "test" }

  private func first(of usual: [String], _ part: Split?) -> String? {
    let suffix = part.map { "_\(Self.suffix(of: $0))" } ?? ""
    return usual.lazy.map { "\($0)\(suffix).npy" }.first(where: names.contains)
  }

  /// Opens the examples: an array with a usual name, or the first that can be examples; with
  /// labels from an array with a usual name, or from the only one that can be labels.
  func open(_ part: Split?, _ memory: MemoryBudget) throws(FileError) -> any Dataset {
    let usual = first(of: Self.examplesNames, part)
    let labelsName = first(of: labelsNames, part)
    let candidates =
      part == nil ? [usual].compactMap(\.self) + names.filter { $0 != usual } : [usual ?? ""]
    var (images, found): (NumPyArray?, [String]) = (nil, [])
    var otherLabels: [(name: String, count: Int)] = []
    for name in candidates where name != labelsName {
      let stream = try archive.stream(of: name)
      let header = try NumPyHeader(stream)
      found.append("\(name.dropLast(4)) \(header.shape) '\(header.type)'")
      if header.shape.count == 1, header.isInteger {
        otherLabels.append((name, header.shape[0]))
      }
      // An archive may contain all sorts of arrays besides the examples.
      guard images == nil, header.shape.count >= kind.axes.count,
        header.isFloatingPoint || header.isBytes || candidates.count == 1
          || kind != .picture && name == usual
      else { continue }
      images = try NumPyArray(of: kind, header, stream)
    }
    guard let images else {
      throw FileError(
        .malformed, path,
        "expected an array of \(kind.plural) \(kind.arrayAxes), "
          + "\(kind == .picture ? "of float32 or uint8, " : "")found "
          + (found.isEmpty ? "none" : found.joined(separator: ", ")))
    }
    let count = images.exampleCount
    // As `numpy.savez(file, x, y)` names them.
    let fitting = part == nil ? otherLabels.filter { $0.count == count } : []
    let labels = try (labelsName ?? (fitting.count == 1 ? fitting[0].name : nil)).map {
      (name) throws(FileError) in
      let stream = try archive.stream(of: name)
      let header = try NumPyHeader(stream)
      let extents = header.shape.filter { $0 != 1 }
      guard NumPyElement(rawValue: header.type) != nil, extents.count < 2 else {
        throw FileError(
          .malformed, path,
          "expected \(count) labels, one whole number each, found \(header.shape) of dtype "
            + "'\(header.type)' in '\(name)'"
            + (extents == [count, extents.last ?? 0]
              ? "; for one-hot rows, save the place of each one" : ""))
      }
      let numbers = try NumPyArray(header, stream).labels(memory)
      guard numbers.count == count else {
        throw FileError(.malformed, path, "expected \(count) labels, found \(numbers.count)")
      }
      return numbers
    }
    return try dataset(images, labels: labels, source: path, memory)
  }
}

private func dataset(
  _ images: NumPyArray, labels: [Int]? = nil, source path: String, _ memory: MemoryBudget
) throws(FileError) -> any Dataset {
  let source = URL(filePath: path).lastPathComponent
  let names = numbered(labels)
  if images.areBytePictures {
    return try images.bytePictures(
      labels: labels, classNames: names, source: source, memory)
  }
  if let rows = try images.rows() {
    return ArrayDataset(rows, labels: labels, classNames: names, source: source)
  }
  return ArrayDataset(
    try images.examples(memory), labels: labels, classNames: names, source: source)
}

/// Names for classes that have none: their numbers.
package func numbered(_ labels: [Int]?) -> [String] {
  (0..<((labels?.max()).map { $0 + 1 } ?? 0)).map(String.init)
}
