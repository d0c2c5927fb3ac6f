internal import Files
internal import Foundation
internal import TensorCore

/// The dictionary before the elements of a NumPy array (NEP 1, "A simple file format for NumPy
/// arrays").
struct NumPyHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Far more than an array's description needs.
  private static let longest = 1 << 16

  let type: String
  let shape: [Int]
  let isColumnMajor: Bool
  /// Including the magic bytes.
  let size: Int

  var isFloatingPoint: Bool { type.dropFirst().first == "f" }
  var isInteger: Bool { ["i", "u"].contains(type.dropFirst().first) }
  /// Whether the elements are levels from 0 to 255, as pictures are stored.
  var isBytes: Bool { type == NumPyElement.uint8.rawValue }

  /// Reads up to the first element.
  ///
  /// - Throws: `FileError` if the beginning is not in NumPy's format.
  init(_ stream: ByteStream) throws(FileError) {
    var head = [UInt8](try stream.read(atMost: 10))
    guard head.count == 10, head.starts(with: Self.magic) else {
      throw FileError(
        .malformed, stream.name, "expected a NumPy array, which starts with \\x93NUMPY")
    }
    if head[6] != 1 { head += try stream.read(atMost: 2) }
    let length = head[8...].reversed().reduce(0) { $0 << 8 | Int($1) }
    let content = try stream.read(atMost: min(length, Self.longest))
    size = head.count + length
    guard (1...3).contains(head[6]), content.count == length else {
      throw FileError(
        .malformed, stream.name,
        "expected a header of version 1 to 3 and \(length) bytes, found version \(head[6]) in "
          + "\(head.count + content.count) bytes")
    }
    let text = String(decoding: content, as: UTF8.self)
    guard let type = text.firstMatch(of: /'descr'\s*:\s*'([^']*)'/)?.1,
      let order = text.firstMatch(of: /'fortran_order'\s*:\s*(True|False)/)?.1,
      let extents = text.firstMatch(of: /'shape'\s*:\s*\(([^)]*)\)/)?.1
    else {
      throw FileError(
        .malformed, stream.name, "expected descr, fortran_order and shape in the header")
    }
    self.type = String(type)
    isColumnMajor = order == "True"
    let parts = extents.split(separator: ",").map {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    let numbers = parts.compactMap { $0 }
    guard numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 }) else {
      throw FileError(.malformed, stream.name, "expected a shape, found (\(extents))")
    }
    shape = numbers
  }
}

/// The supported element types, by NumPy's names.
enum NumPyElement: String {
  case float16 = "<f2"
  case float32 = "<f4"
  case float64 = "<f8"
  case uint8 = "|u1"
  case int16 = "<i2"
  case int32 = "<i4"
  case int64 = "<i8"

  var size: Int {
    switch self {
    case .uint8: 1
    case .float16, .int16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  func value(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Double {
    let offset = index * size
    switch self {
    case .float16:
      return Double(
        float(half: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    case .float32: return Double(bytes.loadUnaligned(fromByteOffset: offset, as: Float.self))
    case .float64: return bytes.loadUnaligned(fromByteOffset: offset, as: Double.self)
    case .uint8: return Double(bytes[offset])
    case .int16: return Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self))
    case .int32: return Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    case .int64: return Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }
  }
}
