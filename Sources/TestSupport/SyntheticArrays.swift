public import Foundation

/// A `.npy` file of version 1.
public func npy(_ type: String, _ shape: [Int], _ bytes: [UInt8], order: String = "False") -> Data {
  let extents = shape.map { "\($0)," }.joined(separator: " ")
  var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(extents)), }"
  while (11 + header.utf8.count) % 64 != 0 { header += " " }
  header += "\n"
  return Data(
    [0x93] + Array("NUMPY".utf8) + [1, 0] + littleEndian(header.utf8.count, 2)
      + Array(header.utf8) + bytes)
}

/// One of 32-bit floats.
public func npy(_ shape: [Int], _ values: [Float]) -> Data {
  npy("<f4", shape, values.flatMap { littleEndian(Int($0.bitPattern), 4) })
}

/// One of 64-bit integers.
public func npy(labels: [Int]) -> Data {
  npy("<i8", [labels.count], labels.flatMap { littleEndian($0, 8) })
}

/// An archive of files, such as an `.npz` of arrays.
public func zip(_ files: [(name: String, content: Data)]) -> Data {
  SyntheticZip(files.map { .init($0.name, $0.content) }).data
}
