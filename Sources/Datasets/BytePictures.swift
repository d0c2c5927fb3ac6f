internal import Foundation
internal import Images

/// Small pictures that are kept in memory as the bytes of their file.
public struct BytePictures: Dataset {
  /// How the bytes of one picture lie.
  enum Order: Sendable { case grey, planesOfRGB }

  public let classNames: [String]
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
    self.bytes = bytes
    self.order = order
    (self.width, self.height) = (width, height)
    (self.stride, self.start) = (stride, start)
    self.count = count
    self.labels = labels
    self.classNames = classNames
    self.source = source
  }

  public let count: Int

  public func label(at index: Int) throws -> Int? { labels?[index] }

  public func example(at index: Int) throws -> Example {
    let area = width * height
    let offset = bytes.startIndex + start + index * stride
    let pixels = [UInt8](unsafeUninitializedCapacity: 4 * area) { target, used in
      bytes.withUnsafeBytes { all in
        let first = all.baseAddress.map { $0 + (offset - bytes.startIndex) }
        guard let picture = first?.assumingMemoryBound(to: UInt8.self) else { return }
        for pixel in 0..<area {
          for color in 0..<3 {
            target[4 * pixel + color] = picture[order == .grey ? pixel : color * area + pixel]
          }
          target[4 * pixel + 3] = 255
        }
      }
      used = 4 * area
    }
    return Example(
      .picture(Image(width: width, height: height, pixels: pixels)), label: labels?[index],
      source: "\(source) #\(index)")
  }
}
