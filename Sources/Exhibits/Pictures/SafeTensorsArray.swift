internal import Checkpoints
package import Datasets
internal import Files
internal import TensorCore

extension DatasetFormat {
  /// The first tensor `[N, C, H, W]` of a safetensors file, used exactly as it is, or of series
  /// `[N, C, L]` or volumes `[N, C, D, H, W]`; with the labels in an integer tensor `[N]`.
  package static let safeTensorsArray = DatasetFormat(
    [.file: "an array (.safetensors)"], of: Set(ExampleKind.allCases)
  ) { place in
    guard place.setting == .file, place.type == "safetensors" else { return nil }
    return RecognizedDataset(place) { _, options in
      let file = try SafeTensorsFile(place.path)
      let rank = place.kind.axes.count + 1
      guard let entry = file.entries.first(where: { $0.shape.rank == rank }) else {
        throw FileError(
          .malformed, place.path, "expected a tensor \(place.kind.batchAxes), found none")
      }
      try options.memory.check(
        entry.shape.elementCount * MemoryLayout<Float>.stride, place.path,
        "reading \(entry.shape) values", advice: "a NumPy array is read in parts")
      let labels = try labels(in: file, count: entry.shape[0])
      return ArrayDataset(
        try file.tensor(entry.name), labels: labels, classNames: numbered(labels),
        source: "\(baseNameWithExtension(place.path)) \(entry.name)")
    }
  }

  /// Nil if no tensor, or more than one without a usual name, can be the labels.
  private static func labels(in file: SafeTensorsFile, count: Int) throws(FileError) -> [Int]? {
    let fitting = file.entries.filter {
      $0.shape.extents == [count] && !$0.elementType.isFloatingPoint
    }
    let named = fitting.filter { labelsNames.contains($0.name) }
    guard let entry = named.first ?? (fitting.count == 1 ? fitting[0] : nil) else { return nil }
    return try file.tensor(entry.name).elements.map { (value) throws(FileError) in
      guard let label = Int(exactly: value), (0..<largestClassCount).contains(label) else {
        throw FileError(
          .malformed, file.path,
          "expected class numbers from 0 in '\(entry.name)', found \(value)")
      }
      return label
    }
  }
}
