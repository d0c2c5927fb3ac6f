internal import Checkpoints
package import Datasets
internal import Files
internal import TensorCore

extension DatasetFormat {
  /// The first tensor `[N, C, H, W]` of a safetensors file, used exactly as it is.
  package static let safeTensorsArray = DatasetFormat([.file: "an array (.safetensors)"]) { place in
    guard place.setting == .file, place.type == "safetensors" else { return nil }
    return RecognizedDataset(place) { _, options in
      let file = try SafeTensorsFile(place.path)
      guard let entry = file.entries.first(where: { $0.shape.rank == 4 }) else {
        throw FileError(.malformed, place.path, "expected a tensor [N, C, H, W], found none")
      }
      try options.memory.check(
        entry.shape.elementCount * MemoryLayout<Float>.stride, place.path,
        "reading \(entry.shape) values", advice: "a NumPy array is read in parts")
      return ArrayDataset(
        try file.tensor(entry.name),
        source: "\(baseNameWithExtension(place.path)) \(entry.name)")
    }
  }
}
