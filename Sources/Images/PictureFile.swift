public import Files
internal import Foundation

/// A PNG or JPEG file whose pixels are read on demand, never more of them at a time than the memory
/// budget allows.
public struct PictureFile: Sendable {
  public let path: String
  private let memory: MemoryBudget

  /// - Parameter memory: For one picture.
  public init(_ path: String, memory: MemoryBudget) {
    (self.path, self.memory) = (path, memory)
  }

  /// Reads the header.
  ///
  /// - Throws: `FileError` if the file is missing, not a PNG or JPEG, or claims more than
  ///   `Image.pixelLimit` pixels.
  public func opened() throws(FileError) -> OpenPicture {
    let data = try readFile(path, memory: memory)
    return OpenPicture(
      try openRows(data, file: path), path: path, fileBytes: data.count, memory: memory)
  }
}

/// A picture file whose size is known.
public struct OpenPicture {
  private let rows: any RowSource
  private let path: String
  /// The bytes in memory as long as the picture is open.
  private let fileBytes: Int
  private let memory: MemoryBudget

  init(_ rows: any RowSource, path: String, fileBytes: Int, memory: MemoryBudget) {
    (self.rows, self.path, self.fileBytes, self.memory) = (rows, path, fileBytes, memory)
  }

  private var isUpright: Bool { rows.orientation == .upright }

  /// Of the upright picture.
  public var width: Int { rows.orientation.swapsSides ? rows.height : rows.width }
  public var height: Int { rows.orientation.swapsSides ? rows.width : rows.height }

  /// What is lost when pixels are read, in a few words for the user; nil if nothing is.
  public var depthRemark: String? {
    rows.bitDepth > 8
      ? "\(path): levels of \(rows.bitDepth) bits are rounded to 8 bits, 0 to 255" : nil
  }

  /// Resizes the picture, composited on white, and produces only the given part of it, as
  /// `composited`, `grayscale` and `resized(width:height:by:columns:rows:)` of `Image` do.
  ///
  /// Rows are resized as they are decoded, so that a large picture costs little more than its part;
  /// a picture that must be rotated is decoded as a whole.
  ///
  /// - Throws: `FileError` if the file is truncated or corrupt, or needs more memory than allowed.
  package func resized(
    width newWidth: Int, height newHeight: Int, columns: Range<Int>, rows newRows: Range<Int>,
    isGray: Bool
  ) throws(FileError) -> Image {
    let plan = RowResizer.Plan(
      from: (width, height), to: (newWidth, newHeight), columns: columns, rows: newRows)
    guard isUpright else {
      try checkMemory(plan.bytes + wholeBytes)
      let image = try rows.image()
      return (isGray ? image.grayscale() : image).resized(
        width: newWidth, height: newHeight, columns: columns, rows: newRows)
    }
    try checkMemory(plan.bytes)
    var resizer = RowResizer(plan)
    try rows.forEachRow { number, pixels in
      guard resizer.sourceRows.contains(number) else { return }
      if !rows.isOpaque, !hidesAll(UnsafeBufferPointer(pixels)) { layOnWhite(pixels) }
      if isGray { makeGray(pixels) }
      resizer.take(UnsafeBufferPointer(pixels), row: number)
    }
    return resizer.finished()
  }

  /// Whether all pixels are black, grey or white.
  ///
  /// - Throws: The same errors as `resized`.
  public func isGray() throws(FileError) -> Bool {
    try checkMemory(0)
    var isGray = true
    try rows.forEachRow { _, pixels in
      isGray =
        isGray
        && pixels.allSatisfy { word in
          let pixel = UInt32(littleEndian: word)
          return pixel & 0xFF == pixel >> 8 & 0xFF && pixel & 0xFF == pixel >> 16 & 0xFF
        }
    }
    return isGray
  }

  /// Decodes all rows and discards them.
  ///
  /// - Throws: The same errors as `resized`.
  public func checkPixels() throws(FileError) {
    try checkMemory(0)
    try rows.forEachRow { _, _ in }
  }

  /// Both the stored picture and the rotated one.
  private var wholeBytes: Int { 2 * 4 * width * height }

  /// - Parameter bytes: In addition to those for the file and for decoding it.
  private func checkMemory(_ bytes: Int) throws(FileError) {
    try memory.check(
      fileBytes + rows.decodingBytes + bytes, path,
      "decoding the picture of \(width)×\(height) pixels")
  }
}
