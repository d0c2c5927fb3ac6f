internal import Files
internal import Images

/// Small pictures stored one after another as bytes, and read on demand.
public struct BytePictures: Dataset {
  /// The order of a picture's bytes.
  enum Order: Sendable {
    case grey, planesOfRGB, interleavedRGB

    var channels: Int { self == .grey ? 1 : 3 }
  }

  /// The pictures in one of the files.
  struct Part: Sendable {
    let bytes: FileBytes
    /// The offset of the first picture.
    let start: Int
    let count: Int
  }

  public let classNames: [String]
  public let count: Int
  private let parts: [Part]
  private let order: Order
  private let width: Int
  private let height: Int
  /// The distance from one picture's first byte to the next one's.
  private let stride: Int
  private let labels: [Int]?
  private let source: String

  init(
    _ parts: [Part], order: Order, width: Int, height: Int, stride: Int, labels: [Int]?,
    classNames: [String], source: String
  ) {
    self.parts = parts
    self.order = order
    (self.width, self.height, self.stride) = (width, height, stride)
    count = parts.reduce(0) { $0 + $1.count }
    self.labels = labels
    self.classNames = classNames
    self.source = source
  }

  public var heldBytes: Int { parts.reduce(0) { $0 + ($1.bytes.isOnDisk ? 0 : $1.bytes.size) } }

  public func label(at index: Int) throws -> Int? { labels?[index] }
  public func source(at index: Int) throws -> String { "\(source) #\(index)" }

  public func example(at index: Int) throws -> Example {
    let area = width * height
    var pixels = [UInt8](repeating: 255, count: 4 * area)
    let planes = try planes(of: index)
    for pixel in 0..<area {
      for color in 0..<3 {
        pixels[4 * pixel + color] = planes[order == .grey ? pixel : color * area + pixel]
      }
    }
    return Example(
      .picture(Image(width: width, height: height, pixels: pixels)), label: labels?[index],
      source: try source(at: index))
  }

  /// Writes a picture as a network's input, converting bytes to numbers without an intermediate
  /// picture.
  ///
  /// - Returns: Whether the picture has the input's size and channels; otherwise nothing is
  ///   written.
  /// - Throws: `FileError` if the file can no longer be read.
  func write(
    _ index: Int, with encoder: InputEncoder, into target: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) -> Bool {
    guard encoder.preprocessing.takesPictures,
      Placement(encoder.preprocessing, width: width, height: height).isIdentity
    else { return false }
    try planes(of: index).withUnsafeBufferPointer { planes in
      encoder.write(planes: planes, isGrey: order == .grey, into: target)
    }
    return true
  }

  /// One of grey, or three of red, green and blue.
  private func planes(of index: Int) throws(FileError) -> [UInt8] {
    precondition((0..<count).contains(index), "picture \(index) of \(count)")
    var (part, number) = (0, index)
    while number >= parts[part].count {
      number -= parts[part].count
      part += 1
    }
    let start = parts[part].start + number * stride
    let size = order.channels * width * height
    let bytes = [UInt8](try parts[part].bytes.read(start..<(start + size)))
    guard order == .interleavedRGB else { return bytes }
    var planes = [UInt8](repeating: 0, count: size)
    let area = width * height
    for pixel in 0..<area {
      for color in 0..<3 { planes[color * area + pixel] = bytes[3 * pixel + color] }
    }
    return planes
  }
}
