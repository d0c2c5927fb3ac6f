public import Files
public import Foundation
internal import Images

/// The IDX files of MNIST and its relatives (LeCun, Cortes and Burges, "The MNIST database").
public enum IDX {
  /// Reads unsigned bytes.
  ///
  /// - Parameter data: Compressed by gzip or not.
  /// - Returns: The extents, and the bytes behind the header.
  /// - Throws: `FileError` where the data is not what its header says.
  public static func read(
    _ data: Data, file: String
  ) throws(FileError) -> (extents: [Int], bytes: Data) {
    let data = isGzip(data) ? try gunzip(data, file: file) : data
    let head = [UInt8](data.prefix(4))
    guard head.count == 4, head[0] == 0, head[1] == 0 else {
      throw FileError(.malformed, file, "expected an IDX file, which starts with two zero bytes")
    }
    guard head[2] == 0x08 else {
      throw FileError(
        .malformed, file,
        "expected IDX type 8 (unsigned bytes), found type \(head[2])")
    }
    let rank = Int(head[3])
    let headerSize = 4 + 4 * rank
    guard (1...4).contains(rank), data.count >= headerSize else {
      throw FileError(
        .malformed, file,
        "expected a header of 1 to 4 axes, found \(rank) axes in \(data.count) bytes")
    }
    let extents = (0..<rank).map { axis in
      data.dropFirst(4 + 4 * axis).prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }
    var expected = headerSize
    var (size, overflows) = (1, false)
    for extent in extents where !overflows {
      (size, overflows) = size.multipliedReportingOverflow(by: extent)
    }
    if !overflows { (expected, overflows) = headerSize.addingReportingOverflow(size) }
    guard !overflows, data.count == expected else {
      throw FileError(
        .malformed, file,
        overflows
          ? "claims \(extents) values, more than any file holds"
          : "expected \(expected) bytes for \(extents) values, found \(data.count)")
    }
    return (extents, data.dropFirst(headerSize))
  }

  /// Pictures `[N, H, W]`, with labels from a file beside.
  static func dataset(
    images path: String, labels labelsPath: String?, classNames: [String]
  ) throws(FileError) -> BytePictures {
    let (extents, bytes) = try read(readFile(path), file: path)
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
      let (labelExtents, labelBytes) = try read(readFile(labelsPath), file: labelsPath)
      guard labelExtents == [extents[0]] else {
        throw FileError(
          .malformed, labelsPath, "expected [\(extents[0])] labels, found \(labelExtents)")
      }
      labels = labelBytes.map(Int.init)
    }
    let classCount = (labels?.max()).map { $0 + 1 } ?? 0
    let names = classNames.count >= classCount ? classNames : (0..<classCount).map(String.init)
    return BytePictures(
      bytes, order: .grey, width: extents[2], height: extents[1], stride: extents[1] * extents[2],
      start: 0, count: extents[0], labels: labels, classNames: labels == nil ? [] : names,
      source: URL(filePath: path).lastPathComponent)
  }
}
