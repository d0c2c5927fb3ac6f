public import Files
public import Foundation
public import TensorCore

/// An open ONNX file: its messages, and the positions of its numbers.
struct ONNXFile: Sendable {
  let source: FileBytes
  let model: ModelProto
  let graph: GraphProto

  var path: String { source.path }

  /// - Throws: `FileError` of kind `.malformed` if the file is not an ONNX model.
  init(_ source: FileBytes) throws(FileError) {
    self.source = source
    model = try ONNXDecoder.model(in: source)
    guard let graph = model.graph else {
      throw FileError(.malformed, source.path, "expected an ONNX model, found no graph in it")
    }
    self.graph = graph
  }

  /// Finds a tensor's numbers and checks that there are as many as its dimensions require.
  ///
  /// - Throws: `FileError` of kind `.malformed` that names the tensor.
  func tensor(_ proto: TensorProto) throws(FileError) -> StoredTensor {
    try TensorFinder(file: self, proto: proto).find()
  }
}

/// Reads a file with a single ONNX tensor (a TensorProto), the format in which ONNX's own tests
/// store values.
///
/// - Returns: In row-major order, as `Float` whatever the type in the file.
/// - Throws: `FileError` of kind `.malformed`.
public func readONNXTensor(_ data: Data, path: String) throws(FileError) -> Tensor {
  let source = FileBytes(data, path: path)
  return try TensorFinder(source: source, proto: ONNXDecoder.tensor(in: source)).find().tensor()
}

/// Determines where one tensor's numbers are.
private struct TensorFinder {
  let source: FileBytes
  let proto: TensorProto

  init(file: ONNXFile, proto: TensorProto) { (source, self.proto) = (file.source, proto) }

  init(source: FileBytes, proto: TensorProto) { (self.source, self.proto) = (source, proto) }

  private func malformed(_ reason: String) -> FileError {
    FileError(.malformed, source.path, "tensor \(quoted(proto.name)): \(reason)")
  }

  func find() throws(FileError) -> StoredTensor {
    guard let type = ElementType(onnx: proto.dataType) else {
      throw malformed("expected numbers of a known type, found data type \(proto.dataType)")
    }
    let (shape, count) = try shape(type)
    let place: StoredTensor.Place
    if proto.dataLocation == 1 {
      place = try external(holding: count * type.size)
    } else if let range = proto.rawData {
      guard range.count == count * type.size else {
        throw malformed(
          "expected \(count * type.size) bytes for \(type.rawValue) \(shape), found \(range.count)")
      }
      place = .bytes(source, range)
    } else {
      place = try typed(type)
      try check(place, holds: count, shape)
    }
    return StoredTensor(name: proto.name, type: type, shape: shape, place: place)
  }

  private func shape(_ type: ElementType) throws(FileError) -> (Shape, count: Int) {
    var size = type.size
    for extent in proto.dims {
      guard extent >= 0 else {
        throw malformed("expected extents of at least 0, found \(proto.dims)")
      }
      let (product, overflow) = size.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow else { throw malformed("shape \(proto.dims) is too large for any file") }
      size = product
    }
    let shape = Shape(proto.dims)
    return (shape, shape.elementCount)
  }

  private func typed(_ type: ElementType) throws(FileError) -> StoredTensor.Place {
    switch type {
    case .float32: return .floats(proto.floatData)
    case .float64: return .floats(proto.doubleData.map(Float.init))
    case .signed64: return .integers(proto.int64Data)
    case .unsigned32, .unsigned64:
      return .integers(proto.uint64Data)
    case .boolean, .unsigned8, .signed8, .unsigned16, .signed16, .signed32:
      return .integers(proto.int32Data.map { Int(Int32(truncatingIfNeeded: $0)) })
    case .float16:
      return .floats(proto.int32Data.map { float(half: UInt16(truncatingIfNeeded: $0)) })
    case .bfloat16:
      return .floats(
        proto.int32Data.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) })
    case .float8e5m2, .float8e4m3:
      let bytes = proto.int32Data.map { UInt8(truncatingIfNeeded: $0) }
      return .floats(
        [Float](unsafeUninitializedCapacity: bytes.count) { target, count in
          count = bytes.count
          let target = UnsafeMutableBufferPointer(rebasing: target[..<count])
          bytes.withUnsafeBytes { type.read($0, into: target) }
        })
    }
  }

  private func check(
    _ place: StoredTensor.Place, holds count: Int, _ shape: Shape
  ) throws(FileError) {
    let found =
      switch place {
      case .floats(let elements): elements.count
      case .integers(let elements): elements.count
      case .bytes, .external: count
      }
    guard found == count else {
      throw malformed("expected \(count) numbers for \(shape), found \(found)")
    }
  }

  // MARK: Files beside the model

  private func external(holding size: Int) throws(FileError) -> StoredTensor.Place {
    var facts: [String: String] = [:]
    for entry in proto.externalData { facts[entry.key] = entry.value }
    guard let location = facts["location"], !location.isEmpty else {
      throw malformed("is in a file beside the model, but does not say which")
    }
    guard source.isOnDisk else {
      throw malformed("is in the file \(quoted(location)), and the model in none")
    }
    let offset = try number(facts["offset"], "an offset") ?? 0
    if let length = try number(facts["length"], "a length"), length != size {
      throw malformed("expected \(size) bytes in \(quoted(location)), found a length of \(length)")
    }
    return .external(source, try path(of: location), offset: offset)
  }

  /// A number of bytes, which the format stores as text.
  private func number(_ text: String?, _ what: String) throws(FileError) -> Int? {
    guard let text else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw malformed("expected \(what) of at least 0, found \(quoted(text))")
    }
    return number
  }

  /// A file in the model's own folder, or below it; a model must not read files elsewhere.
  private func path(of location: String) throws(FileError) -> String {
    let outside = malformed(
      "expected a file in the model's folder, found the location \(quoted(location))")
    guard !location.hasPrefix("/"), !location.split(separator: "/").contains("..") else {
      throw outside
    }
    let folder = URL(filePath: source.path).deletingLastPathComponent()
      .resolvingSymlinksInPath().standardizedFileURL.path(percentEncoded: false)
    let file = URL(filePath: folder).appending(path: location).resolvingSymlinksInPath()
      .standardizedFileURL.path(percentEncoded: false)
    guard file.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/") else { throw outside }
    return file
  }
}
