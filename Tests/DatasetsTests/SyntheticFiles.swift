import Datasets
import Foundation
import Images
import TensorCore

/// Runs `body` with a folder that is removed afterwards.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "fovea-datasets-\(UUID().uuidString)"
  ).path(percentEncoded: false)
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// Writes a file, and creates its parent folders.
func write(_ data: Data, _ path: String) throws {
  let url = URL(filePath: path)
  try FileManager.default.createDirectory(
    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
  try data.write(to: url)
}

/// The text of the error that `body` throws, which is a single line.
func message(of body: () throws -> some Any) -> String? {
  do {
    _ = try body()
    return nil
  } catch {
    return "\(error)"
  }
}

func bigEndian(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }

func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(value >> (8 * $0) & 255) }
}

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

/// A zip archive of stored files (APPNOTE.TXT, 4.3).
func zip(_ files: [(name: String, content: Data)]) -> Data {
  var (archive, directory) = (Data(), Data())
  for (name, content) in files {
    var checksum: UInt32 = .max
    for byte in content {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1 }
    }
    let facts =
      littleEndian(Int(~checksum), 4) + littleEndian(content.count, 4)
      + littleEndian(content.count, 4) + littleEndian(name.utf8.count, 2) + [0, 0]
    let start = archive.count
    archive += Data([0x50, 0x4B, 3, 4, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0] + facts + name.utf8)
    archive += content
    directory += Data([0x50, 0x4B, 1, 2, 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0] + facts)
    directory += Data([UInt8](repeating: 0, count: 10) + littleEndian(start, 4) + name.utf8)
  }
  let end =
    [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + littleEndian(files.count, 2) + littleEndian(files.count, 2)
    + littleEndian(directory.count, 4) + littleEndian(archive.count, 4) + [0, 0]
  return archive + directory + Data(end)
}

/// A picture of noise.
func noise(_ width: Int, _ height: Int, seed: UInt64, opaque: Bool = true) -> Image {
  var generator = SeededGenerator(seed: seed)
  let pixels = (0..<(4 * width * height)).map { index in
    opaque && index % 4 == 3 ? 255 : UInt8.random(in: 0...255, using: &generator)
  }
  return Image(width: width, height: height, pixels: pixels)
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
