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

/// A `.npy` file of version 1.
func npy(_ type: String, _ shape: [Int], _ bytes: [UInt8], order: String = "False") -> Data {
  let extents = shape.map { "\($0)," }.joined(separator: " ")
  var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(extents)), }"
  while (11 + header.utf8.count) % 64 != 0 { header += " " }
  header += "\n"
  return Data(
    [0x93] + Array("NUMPY".utf8) + [1, 0] + littleEndian(header.utf8.count, 2)
      + Array(header.utf8) + bytes)
}

func npy(_ shape: [Int], _ values: [Float]) -> Data {
  npy("<f4", shape, values.flatMap { littleEndian(Int($0.bitPattern), 4) })
}

func npy(labels: [Int]) -> Data {
  npy("<i8", [labels.count], labels.flatMap { littleEndian($0, 8) })
}

func zip(_ files: [(name: String, content: Data)]) -> Data {
  SyntheticZip(files.map { .init($0.name, $0.content) }).data
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
