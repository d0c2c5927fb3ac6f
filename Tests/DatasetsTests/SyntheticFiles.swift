import Datasets
import Foundation
import Images
import TensorCore
import TestSupport

/// Writes a file, and creates its parent folders.
func write(_ data: Data, _ path: String) throws {
  let url = URL(filePath: path)
  try FileManager.default.createDirectory(
    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
  try data.write(to: url)
}

func bigEndian(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }

/// An IDX file of bytes.
func idx(_ extents: [Int], _ bytes: [UInt8]) -> Data {
  Data([0, 0, 8, UInt8(extents.count)] + extents.flatMap(bigEndian) + bytes)
}

/// CIFAR records whose bytes count up, starting from their labels.
func cifar(_ labels: [UInt8]) -> Data {
  Data(labels.flatMap { label in [label] + (0..<3072).map { UInt8(($0 + Int(label)) & 255) } })
}

extension Dataset {
  /// All pictures as input, in one batch.
  func all(_ preprocessing: Preprocessing) throws -> Tensor? {
    var images: Tensor?
    _ = try forEachBatch(of: count, indices: Array(0..<count), preprocessing: preprocessing) {
      images = $0.images
    }
    return images
  }
}

extension Example {
  var picture: Image? {
    switch content {
    case .picture(let image): image
    case .file(let file): try? Image(contentsOf: file.path)
    case .array: nil
    }
  }
}
