/// An 8-bit RGBA picture in sRGB with straight alpha, row by row from the top left.
public struct Image: Sendable, Hashable {
  public let width: Int
  public let height: Int
  /// `4 · width · height` bytes.
  public let pixels: [UInt8]

  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width >= 0 && height >= 0 && pixels.count == 4 * width * height,
      "\(pixels.count) bytes do not make a \(width)×\(height) RGBA image")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The largest picture that is read from a file, in pixels: 1 GiB of RGBA.
  ///
  /// A few bytes of a broken or malicious file can claim any size, and the memory would be
  /// allocated before a single pixel is decoded.
  public static let pixelLimit = 1 << 28
}

extension Image {
  /// A picture of a single colour.
  public init(
    width: Int, height: Int, red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8 = 255
  ) {
    let color = UInt32(littleEndianBytes: (red, green, blue, alpha))
    self.init(width: width, height: height) { $0.initialize(repeating: color) }
  }

  /// Creates a picture from one 32-bit word per pixel, whose bytes in memory are R, G, B, A.
  init(width: Int, height: Int, words: (UnsafeMutableBufferPointer<UInt32>) -> Void) {
    let count = width * height
    self.init(
      width: width, height: height,
      pixels: [UInt8](unsafeUninitializedCapacity: 4 * count) { bytes, initialized in
        bytes.withMemoryRebound(to: UInt32.self) {
          words(UnsafeMutableBufferPointer(rebasing: $0[..<count]))
        }
        initialized = 4 * count
      })
  }

  /// The pixels as one 32-bit word each, whose bytes in memory are R, G, B, A.
  func withWords<R>(_ body: (UnsafeBufferPointer<UInt32>) -> R) -> R {
    pixels.withUnsafeBytes { body($0.bindMemory(to: UInt32.self)) }
  }

  /// Whether every pixel is fully opaque.
  ///
  /// - Complexity: O(pixels).
  public var isOpaque: Bool { withWords(hidesAll) }

  /// The levels of the first channels of red, green and blue, from 0 to 255: all of the first, then
  /// all of the next.
  package func levels(channels: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: channels * width * height) { target, count in
      count = target.count
      for channel in 0..<channels {
        for place in 0..<(width * height) {
          target[channel * width * height + place] = Float(pixels[4 * place + channel])
        }
      }
    }
  }
}

/// Whether all pixels are fully opaque.
func hidesAll(_ pixels: UnsafeBufferPointer<UInt32>) -> Bool {
  let opaque = UInt32(littleEndianBytes: (0, 0, 0, 255))
  return pixels.reduce(opaque) { $0 & $1 } == opaque
}

extension UInt32 {
  /// The word that is stored in memory as these bytes.
  init(littleEndianBytes bytes: (UInt8, UInt8, UInt8, UInt8)) {
    let value =
      UInt32(bytes.0) | UInt32(bytes.1) << 8 | UInt32(bytes.2) << 16 | UInt32(bytes.3) << 24
    self = UInt32(littleEndian: value)
  }
}
