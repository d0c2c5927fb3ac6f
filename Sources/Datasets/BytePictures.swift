internal import Foundation
internal import Images

/// Small pictures that are kept in memory as the bytes of their file.
public struct BytePictures: Dataset {
  /// How the bytes of one picture lie.
  enum Order: Sendable { case grey, planesOfRGB }

  public let classNames: [String]
  public let count: Int
  private let bytes: Data
  private let order: Order
  private let width: Int
  private let height: Int
  /// From one picture's first byte to the next one's.
  private let stride: Int
  /// Of the first picture.
  private let start: Int
  private let labels: [Int]?
  private let source: String

  init(
    _ bytes: Data, order: Order, width: Int, height: Int, stride: Int, start: Int, count: Int,
    labels: [Int]?, classNames: [String], source: String
  ) {
    let size = (order == .grey ? 1 : 3) * width * height
    precondition(
      count == 0 || start + (count - 1) * stride + size <= bytes.count,
      "\(bytes.count) bytes do not hold \(count) pictures of \(size)")
    self.bytes = bytes
    self.order = order
    (self.width, self.height) = (width, height)
    (self.stride, self.start) = (stride, start)
    self.count = count
    self.labels = labels
    self.classNames = classNames
    self.source = source
  }

  public var heldBytes: Int { bytes.count }

  public func label(at index: Int) throws -> Int? { labelOfPicture(index) }

  func labelOfPicture(_ index: Int) -> Int? { labels?[index] }

  public func example(at index: Int) throws -> Example {
    let area = width * height
    var pixels = [UInt8](repeating: 255, count: 4 * area)
    withPlanes { planes in
      let first = start(of: index)
      for pixel in 0..<area {
        for color in 0..<3 {
          pixels[4 * pixel + color] =
            planes[first + (order == .grey ? pixel : color * area + pixel)]
        }
      }
    }
    return Example(
      .picture(Image(width: width, height: height, pixels: pixels)), label: labels?[index],
      source: "\(source) #\(index)")
  }

  /// Writes pictures as a network reads them, from byte to number without a picture in between.
  ///
  /// - Returns: Whether the pictures have the input's size and channels; nothing is written
  ///   otherwise.
  func write(
    _ indices: [Int], with encoder: InputEncoder, into target: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    guard encoder.preprocessing.takesPictures,
      Placement(encoder.preprocessing, width: width, height: height).isIdentity
    else { return false }
    let size = encoder.preprocessing.input.reduce(1, *)
    let pictureSize = (order == .grey ? 1 : 3) * width * height
    withPlanes { planes in
      for (position, index) in indices.enumerated() {
        let first = start(of: index)
        encoder.write(
          planes: UnsafeBufferPointer(rebasing: planes[first..<(first + pictureSize)]),
          isGrey: order == .grey,
          into: UnsafeMutableBufferPointer(
            rebasing: target[(position * size)..<((position + 1) * size)]))
      }
    }
    return true
  }

  private func start(of index: Int) -> Int {
    precondition((0..<count).contains(index), "picture \(index) of \(count)")
    return start + index * stride
  }

  private func withPlanes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    bytes.withUnsafeBytes { body($0.bindMemory(to: UInt8.self)) }
  }
}
