internal import Files
internal import Foundation
internal import TensorCore

/// A NumPy array whose header has been read and whose elements follow.
struct NumPyArray {
  /// No data set for this machine has more elements.
  private static let largestCount = 1 << 33

  let shape: [Int]
  private let header: NumPyHeader
  private let element: NumPyElement
  private let count: Int
  private let stream: ByteStream
  /// What the elements are of.
  private let kind: ExampleKind

  /// - Throws: `FileError` that names the type, order or length found.
  init(
    _ header: NumPyHeader, of kind: ExampleKind = .picture, _ stream: ByteStream
  ) throws(FileError) {
    self.kind = kind
    (self.header, self.stream, shape) = (header, stream, header.shape)
    guard let element = NumPyElement(rawValue: header.type) else {
      throw FileError(.malformed, stream.name, "expected float32, found dtype '\(header.type)'")
    }
    var (count, overflows) = (1, false)
    for extent in shape where !overflows {
      (count, overflows) = count.multipliedReportingOverflow(by: extent)
    }
    guard !overflows, count <= Self.largestCount else {
      throw FileError(.malformed, stream.name, "claims \(shape) elements, too many to read")
    }
    (self.element, self.count) = (element, count)
    let most = stream.mostBytes - header.size
    guard stream.place == nil ? most >= bytes : most == bytes else { throw wrongSize(most) }
    guard !header.isColumnMajor || shape.count < 2 else {
      throw FileError(
        .malformed, stream.name, "expected row-major (C) order, found Fortran order")
    }
  }

  /// Opens examples: pictures of floats, which are used exactly as they are, or of bytes; the values
  /// of series or volumes, of any numbers.
  ///
  /// - Throws: `FileError`, also for pictures of other integers, because their scale is unknown.
  init(
    of kind: ExampleKind, _ header: NumPyHeader, _ stream: ByteStream
  ) throws(FileError) {
    let axes = kind.axes.count
    guard [axes, axes + 1].contains(header.shape.count), !header.shape.contains(0) else {
      throw FileError(
        .malformed, stream.name,
        "expected \(kind.plural) \(kind.arrayAxes), found an array of \(header.shape)")
    }
    guard kind != .picture || header.isFloatingPoint || header.isBytes else {
      throw FileError(
        .malformed, stream.name,
        "expected pictures of float32 or uint8, found dtype '\(header.type)'")
    }
    try self.init(header, of: kind, stream)
  }

  /// The arrangement of pictures of bytes: `[N, H, W]` or `[N, 1, H, W]` or `[N, H, W, 1]`,
  /// `[N, H, W, 3]` or `[N, 3, H, W]`, or a single `[H, W, 3]`.
  ///
  /// - Throws: `FileError` for other numbers of channels.
  private func arrangement() throws(FileError) -> (
    order: BytePictures.Order, count: Int, height: Int, width: Int
  ) {
    switch (shape.count, shape[shape.count - 1], shape[1]) {
    case (4, 3, _): (.interleavedRGB, shape[0], shape[1], shape[2])
    case (4, 1, _): (.grey, shape[0], shape[1], shape[2])
    case (4, _, 3): (.planesOfRGB, shape[0], shape[2], shape[3])
    case (4, _, 1): (.grey, shape[0], shape[2], shape[3])
    case (3, 3, _): (.interleavedRGB, 1, shape[0], shape[1])
    case (3, _, _): (.grey, shape[0], shape[1], shape[2])
    default:
      throw FileError(
        .malformed, stream.name,
        "expected pictures of bytes [N, H, W], [N, H, W, 3] or [N, 3, H, W], found \(shape)")
    }
  }

  /// Pictures of bytes, which are preprocessed like those in picture files.
  ///
  /// - Throws: `FileError` if there are fewer or more bytes than the header says, or more than the
  ///   memory allows.
  func bytePictures(
    labels: [Int]?, classNames: [String], source: String, _ memory: MemoryBudget
  ) throws(FileError) -> BytePictures {
    let (order, count, height, width) = try arrangement()
    let part: BytePictures.Part
    if let place = stream.place {
      if stream.hasChecksum { try checkEnd() }
      part = .init(bytes: stream.source, start: place.lowerBound + header.size, count: count)
    } else {
      try memory.check(
        bytes, stream.name, "unpacking \(shape) values",
        advice: "an uncompressed archive is read in parts")
      let values = try stream.read(atMost: bytes)
      guard values.count == bytes else { throw wrongSize(values.count) }
      try checkEnd()
      part = .init(bytes: FileBytes(values, path: stream.name), start: 0, count: count)
    }
    return BytePictures(
      [part], order: order, width: width, height: height,
      stride: order.channels * width * height, labels: labels, classNames: classNames,
      source: source)
  }

  private var bytes: Int { count * element.size }
  /// Whether these are pictures of bytes, which are preprocessed like those in picture files.
  var areBytePictures: Bool { kind == .picture && element == .uint8 }

  /// How many examples there are.
  var exampleCount: Int {
    areBytePictures && shape.count == 3 && shape.last != 3 ? shape[0] : examplesShape[0]
  }

  /// `[N, C, …]`: a single picture, or series and volumes of a single channel, lack an axis.
  private var examplesShape: Shape {
    guard shape.count == kind.axes.count else { return Shape(shape) }
    return Shape(kind == .picture ? [1] + shape : [shape[0], 1] + shape.dropFirst())
  }

  private func wrongSize(_ found: Int) -> FileError {
    FileError(
      .malformed, stream.name,
      "expected \(bytes) bytes for \(shape) of '\(header.type)', found \(found)")
  }

  /// The position of each example; nil for compressed ones.
  ///
  /// - Throws: `FileError` if a checksum does not match.
  func rows() throws(FileError) -> ArrayRows? {
    guard let place = stream.place else { return nil }
    if stream.hasChecksum { try checkEnd() }
    return ArrayRows(
      source: stream.source, start: place.lowerBound + header.size, element: element,
      shape: examplesShape)
  }

  /// Decompresses all examples.
  ///
  /// - Returns: `[N, C, …]`.
  /// - Throws: The same errors as `values(_:)`.
  func examples(_ memory: MemoryBudget) throws(FileError) -> Tensor {
    try values(memory).reshaped(to: examplesShape)
  }

  /// Decompresses all elements.
  ///
  /// - Throws: `FileError` if there are fewer or more elements than the header says, or more than
  ///   the memory allows.
  func values(_ memory: MemoryBudget) throws(FileError) -> Tensor {
    try memory.check(
      4 * count, stream.name, "unpacking \(shape) values",
      advice: "an uncompressed archive is read in parts")
    return try Tensor(shape: Shape(shape)) { (target) throws(FileError) in
      let most = 1 << 16
      for start in stride(from: 0, to: count, by: most) {
        let part = min(most, count - start)
        let values = try stream.read(atMost: part * element.size)
        guard values.count == part * element.size else {
          throw wrongSize(start * element.size + values.count)
        }
        element.copy(values, to: UnsafeMutableBufferPointer(rebasing: target[start...]))
      }
      try checkEnd()
    }
  }

  /// Reads one class index per picture.
  ///
  /// - Throws: `FileError` that names the first number that is not a class index.
  func labels(_ memory: MemoryBudget) throws(FileError) -> [Int] {
    try memory.check(8 * count + bytes, stream.name, "reading \(shape) labels")
    let values = try stream.read(atMost: bytes)
    guard values.count == bytes else { throw wrongSize(values.count) }
    try checkEnd()
    var labels: [Int] = []
    labels.reserveCapacity(count)
    for index in 0..<count {
      let value = values.withUnsafeBytes { element.value($0, at: index) }
      guard let label = Int(exactly: value), (0..<largestClassCount).contains(label) else {
        let found = Int(exactly: value).map(String.init) ?? "\(value)"
        throw FileError(
          .malformed, stream.name,
          "expected class numbers from 0, found \(found) at index \(index)")
      }
      labels.append(label)
    }
    return labels
  }

  private func checkEnd() throws(FileError) {
    let size = try stream.skipRest() - header.size
    guard size == bytes else { throw wrongSize(size) }
  }
}

/// Examples that are read from their file one at a time.
struct ArrayRows: Sendable {
  let source: FileBytes
  /// The offset of the first one.
  let start: Int
  let element: NumPyElement
  /// `[N, C, …]`.
  let shape: Shape

  /// - Returns: `[C, …]`.
  func picture(at index: Int) throws(FileError) -> Tensor {
    precondition((0..<shape[0]).contains(index), "picture \(index) of \(shape[0])")
    let picture = Shape(Array(shape.extents.dropFirst()))
    let size = picture.elementCount * element.size
    let first = start + index * size
    let values = try source.read(first..<(first + size))
    return Tensor(shape: picture) { element.copy(values, to: $0) }
  }
}

extension NumPyElement {
  fileprivate func copy(_ values: Data, to target: UnsafeMutableBufferPointer<Float>) {
    values.withUnsafeBytes { bytes in
      if self == .float32 {
        UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
      } else {
        for index in 0..<(bytes.count / size) { target[index] = Float(value(bytes, at: index)) }
      }
    }
  }
}
