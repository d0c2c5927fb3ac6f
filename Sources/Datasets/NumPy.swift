public import Files
public import Foundation
public import TensorCore

/// NumPy's files of arrays (NEP 1, "A simple file format for NumPy arrays").
public enum NumPy {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// More elements than this are no data set for this machine.
  private static let largestCount = 1 << 33

  /// Reads an array of float32 or float64, or of integers.
  ///
  /// - Throws: `FileError` that names the type, order or length that was found.
  public static func array(_ data: Data, file: String) throws(FileError) -> Tensor {
    let (header, element, body) = try parts(of: data, file: file)
    return Tensor(shape: Shape(header.shape)) { target in
      body.withUnsafeBytes { bytes in
        if element == .float32 {
          UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
        } else {
          for index in 0..<target.count { target[index] = Float(element.value(bytes, at: index)) }
        }
      }
    }
  }

  /// Reads pictures that are used exactly as they are.
  ///
  /// - Returns: `[N, C, H, W]`, from that shape or `[C, H, W]`.
  /// - Throws: `FileError` also for integers: what they were before, nobody knows here.
  static func pictures(_ data: Data, file: String) throws(FileError) -> Tensor {
    let header = try NumPyHeader(data, file: file)
    guard [3, 4].contains(header.shape.count), !header.shape.contains(0) else {
      throw FileError(
        .malformed, file,
        "expected pictures [N, C, H, W], found an array of \(header.shape)")
    }
    guard header.isFloatingPoint else {
      throw FileError(.malformed, file, "expected float32, found dtype '\(header.type)'")
    }
    let array = try array(data, file: file)
    return array.shape.rank == 4 ? array : array.reshaped(to: Shape([1] + array.shape.extents))
  }

  /// Reads one class index a picture.
  ///
  /// - Throws: `FileError` that names the first number that is none.
  static func labels(_ data: Data, file: String) throws(FileError) -> [Int] {
    let (_, element, body) = try parts(of: data, file: file)
    let count = body.count / element.size
    var labels: [Int] = []
    labels.reserveCapacity(count)
    for index in 0..<count {
      let value = body.withUnsafeBytes { element.value($0, at: index) }
      guard let label = Int(exactly: value), (0..<largestClassCount).contains(label) else {
        throw FileError(
          .malformed, file, "expected class numbers from 0, found \(value) at place \(index)")
      }
      labels.append(label)
    }
    return labels
  }

  /// ImageNet's full set has 21,841 classes.
  private static let largestClassCount = 1 << 16

  private static func parts(
    of data: Data, file: String
  ) throws(FileError) -> (NumPyHeader, NumPyElement, Data) {
    let header = try NumPyHeader(data, file: file)
    guard let element = NumPyElement(rawValue: header.type) else {
      throw FileError(.malformed, file, "expected float32, found dtype '\(header.type)'")
    }
    var (count, overflows) = (1, false)
    for extent in header.shape where !overflows {
      (count, overflows) = count.multipliedReportingOverflow(by: extent)
    }
    guard !overflows, count <= largestCount else {
      throw FileError(.malformed, file, "claims \(header.shape) elements, too many to read")
    }
    let body = data.dropFirst(header.size)
    guard body.count == count * element.size else {
      throw FileError(
        .malformed, file,
        "expected \(count * element.size) bytes for \(header.shape) of '\(header.type)', found "
          + "\(body.count)")
    }
    guard !header.isColumnMajor || header.shape.count < 2 else {
      throw FileError(.malformed, file, "expected row-major (C) order, found Fortran order")
    }
    return (header, element, body)
  }
}

/// The types of elements that are read; NumPy names them so.
private enum NumPyElement: String {
  case float32 = "<f4"
  case float64 = "<f8"
  case uint8 = "|u1"
  case int32 = "<i4"
  case int64 = "<i8"

  var size: Int {
    switch self {
    case .uint8: 1
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  func value(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Double {
    let offset = index * size
    switch self {
    case .float32: return Double(bytes.loadUnaligned(fromByteOffset: offset, as: Float.self))
    case .float64: return bytes.loadUnaligned(fromByteOffset: offset, as: Double.self)
    case .uint8: return Double(bytes[offset])
    case .int32: return Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    case .int64: return Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }
  }
}

/// The dictionary in front of the elements.
struct NumPyHeader {
  let type: String
  let shape: [Int]
  let isColumnMajor: Bool
  /// With the magic bytes.
  let size: Int

  var isFloatingPoint: Bool { type.dropFirst().first == "f" }

  /// - Throws: `FileError` where the start is not what NumPy writes.
  init(_ data: Data, file: String) throws(FileError) {
    let head = [UInt8](data.prefix(12))
    guard head.count == 12, head.starts(with: NumPy.magic) else {
      throw FileError(.malformed, file, "expected a NumPy array, which starts with \\x93NUMPY")
    }
    let isShort = head[6] == 1
    let length =
      isShort
      ? Int(head[8]) | Int(head[9]) << 8
      : (0..<4).reduce(0) { $0 | Int(head[8 + $1]) << (8 * $1) }
    size = (isShort ? 10 : 12) + length
    guard (1...3).contains(head[6]), data.count >= size else {
      throw FileError(
        .malformed, file,
        "expected a header of version 1 to 3 and \(length) bytes, found version \(head[6]) in "
          + "\(data.count) bytes")
    }
    let text = String(
      decoding: data.dropFirst(isShort ? 10 : 12).prefix(length), as: UTF8.self)
    guard let type = text.firstMatch(of: /'descr'\s*:\s*'([^']*)'/)?.1,
      let order = text.firstMatch(of: /'fortran_order'\s*:\s*(True|False)/)?.1,
      let extents = text.firstMatch(of: /'shape'\s*:\s*\(([^)]*)\)/)?.1
    else {
      throw FileError(.malformed, file, "expected descr, fortran_order and shape in the header")
    }
    self.type = String(type)
    isColumnMajor = order == "True"
    let parts = extents.split(separator: ",").map {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    let numbers = parts.compactMap { $0 }
    guard numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 }) else {
      throw FileError(.malformed, file, "expected a shape, found (\(extents))")
    }
    shape = numbers
  }
}
