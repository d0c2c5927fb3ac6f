package import Foundation

/// A NumPy array file (NEP 1, version 1.0) of numbers in rows.
///
/// - Parameter shape: As many elements as there are values.
package func numPyFile(_ values: [Float], shape: [Int]) -> Data {
  precondition(values.count == shape.reduce(1, *), "\(values.count) values for \(shape)")
  return numPyFile(type: "<f4", shape, values.withUnsafeBytes { Data($0) })
}

/// - Parameter shape: Nil for a row.
package func numPyFile(_ values: [Int64], shape: [Int]? = nil) -> Data {
  numPyFile(type: "<i8", shape ?? [values.count], values.withUnsafeBytes { Data($0) })
}

/// Texts as NumPy keeps them: of one length, in UTF-32, with zeros at the end.
///
/// - Parameter shape: Nil for a row; empty for a single text.
package func numPyFile(_ texts: [String], shape: [Int]? = nil) -> Data {
  let length = max(1, texts.map(\.unicodeScalars.count).max() ?? 0)
  var scalars = [UInt32](repeating: 0, count: texts.count * length)
  for (row, text) in texts.enumerated() {
    for (column, scalar) in text.unicodeScalars.enumerated() {
      scalars[row * length + column] = scalar.value
    }
  }
  return numPyFile(
    type: "<U\(length)", shape ?? [texts.count], scalars.withUnsafeBytes { Data($0) })
}

private func numPyFile(type: String, _ shape: [Int], _ elements: Data) -> Data {
  let extents = shape.count == 1 ? "\(shape[0])," : shape.map(String.init).joined(separator: ", ")
  var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
  // The elements start at a multiple of 64, after the magic bytes, version and length.
  let start = NumPyHeader.magic.count + 4
  header += String(repeating: " ", count: (64 - (start + header.utf8.count + 1) % 64) % 64) + "\n"
  var file = Data(NumPyHeader.magic + [1, 0])
  withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) { file.append(contentsOf: $0) }
  return file + Data(header.utf8) + elements
}
