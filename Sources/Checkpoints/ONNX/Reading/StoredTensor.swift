internal import Files
internal import Foundation
internal import TensorCore

/// A tensor in an ONNX file whose numbers are read when they are needed.
struct StoredTensor: Sendable {
  enum Place: Sendable {
    case bytes(FileBytes, Range<Int>)
    /// In a file beside the model: the model, the path, and the offset of the first byte.
    case external(FileBytes, String, offset: Int)
    case floats([Float])
    case integers([Int])
  }

  let name: String
  let type: ElementType
  let shape: Shape
  let place: Place

  /// In row-major order, as `Float` whatever the type in the file.
  func tensor() throws(FileError) -> Tensor {
    let shape = shape
    switch place {
    case .floats(let elements): return Tensor(shape: shape, elements)
    case .integers(let elements): return Tensor(shape: shape, elements.map(Float.init))
    case .bytes(let source, let range): return try tensor(source, range)
    case .external(let model, let path, let offset):
      let (source, range) = try external(model, path, offset)
      return try tensor(source, range)
    }
  }

  /// In row-major order, exact for integer types.
  func integers() throws(FileError) -> [Int] {
    switch place {
    case .floats(let elements): return elements.map(Int.init(towardsZero:))
    case .integers(let elements): return elements
    case .bytes(let source, let range): return try integers(source, range)
    case .external(let model, let path, let offset):
      let (source, range) = try external(model, path, offset)
      return try integers(source, range)
    }
  }

  private func integers(_ source: FileBytes, _ range: Range<Int>) throws(FileError) -> [Int] {
    let count = shape.elementCount
    return try source.read(range).withUnsafeBytes { type.integers($0, count: count) }
  }

  private func tensor(_ source: FileBytes, _ range: Range<Int>) throws(FileError) -> Tensor {
    try Tensor(shape: shape) { target throws(FileError) in
      if type == .float32, 1.littleEndian == 1 {
        try source.read(
          from: range.lowerBound, into: UnsafeMutableRawBufferPointer(target))
      } else {
        let bytes = try source.read(range)
        bytes.withUnsafeBytes { type.read($0, into: target) }
      }
    }
  }

  private func external(
    _ model: FileBytes, _ path: String, _ offset: Int
  ) throws(FileError) -> (FileBytes, Range<Int>) {
    let file: FileBytes
    do {
      file = try model.companion(path)
    } catch {
      throw FileError(
        error.kind, path, "\(error.reason); the model keeps tensor \(quoted(name)) in it")
    }
    let bytes = shape.elementCount * type.size
    guard offset <= file.size, bytes <= file.size - offset else {
      throw FileError(
        .malformed, path,
        "expected \(bytes) bytes of tensor \(quoted(name)) from byte \(offset) on, "
          + "found a file of \(file.size) bytes")
    }
    return (file, offset..<(offset + bytes))
  }
}
