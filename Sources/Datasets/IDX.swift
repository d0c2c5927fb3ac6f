public import Files
public import Foundation
internal import Images

/// The IDX files of MNIST and similar data sets (LeCun, Cortes and Burges, "The MNIST database").
public enum IDX {
  /// An array of unsigned bytes.
  public struct Values: Sendable {
    public let extents: [Int]
    let source: FileBytes
    /// The offset of the first value in the source.
    let start: Int

    fileprivate var count: Int { source.size - start }

    /// All values.
    ///
    /// - Throws: `FileError` if they need more memory than allowed, or cannot be read.
    public func bytes(_ memory: MemoryBudget = .ofMachine()) throws(FileError) -> Data {
      try memory.check(count, source.path, "reading \(extents) values")
      return try source.read(start..<source.size)
    }
  }

  /// Reads the header, and decompresses the values if the file is compressed with gzip; otherwise
  /// they stay in the file.
  ///
  /// - Throws: `FileError` if the file is not what its header says, or decompresses to more than
  ///   the memory allows.
  public static func read(
    _ source: FileBytes, memory: MemoryBudget = .ofMachine()
  ) throws(FileError) -> Values {
    let file = source.path
    let stream = try ByteStream(source)
    var start = try stream.read(atMost: 4)
    if let rank = start.last { start += try stream.read(atMost: 4 * min(Int(rank), 4)) }
    let header = try Header(start, file: file)
    if let place = stream.place {
      guard place.count == header.size + header.count else {
        throw header.wrongSize(place.count, file)
      }
      return Values(extents: header.extents, source: source, start: header.size)
    }
    // Checked against the compressed size and the memory before anything is allocated.
    guard header.count <= stream.mostBytes else {
      throw header.wrongSize(try stream.skipRest(), file)
    }
    try memory.check(
      header.count, file, "unpacking \(header.extents) values",
      advice: "unpack the file with gunzip, and it is read in parts")
    let bytes = try stream.read(atMost: header.count)
    let size = try stream.skipRest()
    guard size == header.size + header.count else { throw header.wrongSize(size, file) }
    return Values(extents: header.extents, source: FileBytes(bytes, path: file), start: 0)
  }

  /// What precedes the values: two zero bytes, the type, the rank, the extents.
  private struct Header {
    let extents: [Int]
    /// The size of the header.
    let size: Int
    /// The number of values.
    let count: Int

    init(_ start: Data, file: String) throws(FileError) {
      let head = [UInt8](start.prefix(4))
      guard head.count == 4, head[0] == 0, head[1] == 0 else {
        throw FileError(
          .malformed, file, "expected an IDX file, which starts with two zero bytes")
      }
      guard head[2] == 0x08 else {
        throw FileError(
          .malformed, file, "expected IDX type 8 (unsigned bytes), found type \(head[2])")
      }
      let rank = Int(head[3])
      let size = 4 + 4 * rank
      guard (1...4).contains(rank), start.count >= size else {
        throw FileError(
          .malformed, file,
          "expected a header of 1 to 4 axes, found \(rank) axes in \(start.count) bytes")
      }
      let extents = (0..<rank).map { axis in
        start.dropFirst(4 + 4 * axis).prefix(4).reduce(0) { $0 << 8 | Int($1) }
      }
      var (count, overflows) = (1, false)
      for extent in extents where !overflows {
        (count, overflows) = count.multipliedReportingOverflow(by: extent)
      }
      guard !overflows, count <= Int.max - size else {
        throw FileError(.malformed, file, "claims \(extents) values, more than any file contains")
      }
      (self.extents, self.size, self.count) = (extents, size, count)
    }

    func wrongSize(_ found: Int, _ file: String) -> FileError {
      FileError(
        .malformed, file,
        "expected \(size + count) bytes for \(extents) values, found \(found)")
    }
  }

  /// Pictures `[N, H, W]`, with labels from a separate file.
  static func dataset(
    images path: String, labels labelsPath: String?, classNames: [String], memory: MemoryBudget
  ) throws(FileError) -> BytePictures {
    let values = try read(FileBytes(OpenFile(path)), memory: memory)
    let extents = values.extents
    guard extents.count == 3, extents[1] > 0, extents[2] > 0, extents[0] > 0 else {
      throw FileError(.malformed, path, "expected pictures [N, H, W], found \(extents)")
    }
    guard extents[1] * extents[2] <= Image.pixelLimit else {
      throw FileError(
        .malformed, path,
        "expected pictures of at most \(Image.pixelLimit) pixels, found \(extents)")
    }
    var labels: [Int]?
    if let labelsPath {
      let found = try read(FileBytes(OpenFile(labelsPath)), memory: memory)
      guard found.extents == [extents[0]] else {
        throw FileError(
          .malformed, labelsPath, "expected [\(extents[0])] labels, found \(found.extents)")
      }
      labels = try found.bytes(memory).map(Int.init)
    }
    let classCount = (labels?.max()).map { $0 + 1 } ?? 0
    let names = classNames.count >= classCount ? classNames : (0..<classCount).map(String.init)
    return BytePictures(
      [.init(bytes: values.source, start: values.start, count: extents[0])], order: .grey,
      width: extents[2], height: extents[1], stride: extents[1] * extents[2], labels: labels,
      classNames: labels == nil ? [] : names, source: (path as NSString).lastPathComponent)
  }
}
