public import Files
public import Images

/// What is known about a picture besides its class.
///
/// Positions are in pixels from the picture's upper left corner, x to the right and y down, so that
/// the centre of its first pixel is (0.5, 0.5).
public struct Annotations: Sendable {
  /// The value of a factor.
  public enum Value: Sendable, Hashable {
    case number(Double)
    case word(String)
  }

  /// A rectangle around something.
  public struct Box: Sendable, Hashable {
    /// Of what is in it.
    public var name: String?
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(name: String? = nil, x: Double, y: Double, width: Double, height: Double) {
      self.name = name
      (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }
  }

  /// A place of an object that has a name.
  public struct Part: Sendable, Hashable {
    public var name: String
    public var x: Double
    public var y: Double
    /// Whether it is inside the picture and not hidden.
    public var isVisible: Bool

    public init(name: String, x: Double, y: Double, isVisible: Bool = true) {
      self.name = name
      (self.x, self.y, self.isVisible) = (x, y, isVisible)
    }
  }

  /// Which pixels belong to something; made or read when it is asked for.
  public struct Mask: Sendable {
    public var name: String?
    /// Where it comes from, for errors.
    public let source: String
    private let make: @Sendable () throws -> Image

    /// - Parameter picture: Of the size of the annotated picture. White pixels belong to it; black
    ///   and transparent ones do not.
    public init(
      name: String? = nil, source: String, picture: @escaping @Sendable () throws -> Image
    ) {
      (self.name, self.source, make) = (name, source, picture)
    }

    /// A PNG or JPEG file.
    ///
    /// - Parameter memory: For decoding it.
    public init(name: String? = nil, file: String, memory: MemoryBudget) {
      self.init(name: name, source: file) {
        let header = try PictureFile(file, memory: memory).opened()
        let (width, height) = (header.width, header.height)
        // The file's picture, and its shades of grey.
        try memory.check(
          2 * 4 * width * height, file, "decoding a mask of \(width)×\(height) pixels")
        return try Image(contentsOf: file)
      }
    }

    /// The mask in shades of grey: white belongs to it.
    ///
    /// - Throws: `FileError` if it cannot be read.
    public func picture() throws -> Image { try make().asMask() }

    /// How much of each pixel belongs to it, from 0 to 1, row by row.
    ///
    /// - Throws: The same errors as `picture()`.
    public func coverage() throws -> [Float] {
      let picture = try picture()
      return (0..<(picture.width * picture.height)).map { Float(picture.pixels[4 * $0]) / 255 }
    }
  }

  public var factors: [String: Value]
  public var boxes: [Box]
  public var masks: [Mask]
  public var parts: [Part]

  public init(
    factors: [String: Value] = [:], boxes: [Box] = [], masks: [Mask] = [], parts: [Part] = []
  ) {
    (self.factors, self.boxes, self.masks, self.parts) = (factors, boxes, masks, parts)
  }

  /// Whether any of them refers to a position in the picture.
  public var hasPositions: Bool { !boxes.isEmpty || !masks.isEmpty || !parts.isEmpty }
}

extension Image {
  /// Grey and opaque, with what is transparent in black.
  fileprivate func asMask() -> Image {
    var grey = pixels
    for start in stride(from: 0, to: pixels.count, by: 4) {
      let value = Int(luma(pixels[start], pixels[start + 1], pixels[start + 2]))
      let level = UInt8((value * Int(pixels[start + 3]) + 127) / 255)
      (grey[start], grey[start + 1], grey[start + 2], grey[start + 3]) = (level, level, level, 255)
    }
    return Image(width: width, height: height, pixels: grey)
  }
}
