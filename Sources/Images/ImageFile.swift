public import Files
public import Foundation

extension Image {
  /// Reads a PNG or JPEG file, detected by its first bytes.
  ///
  /// Grey becomes R = G = B, 16 bits become 8, transparency becomes alpha; a JPEG is rotated
  /// according to its EXIF orientation. Colour profiles and gamma are ignored, as they were for the
  /// pictures that networks were trained on.
  ///
  /// - Throws: `FileError` if the file is missing, not a PNG or JPEG, truncated or corrupt, or
  ///   claims more than `pixelLimit` pixels.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(decoding: try readFile(path), file: path)
  }

  /// Decodes the bytes of a PNG or JPEG file.
  ///
  /// - Parameter file: Named in errors.
  public init(decoding data: Data, file: String) throws(FileError) {
    self = try openRows(data, file: file).image()
  }
}

/// The format that the first bytes of a file indicate.
package enum PictureFormat: Equatable {
  case png
  case jpeg
  /// In words, for an error.
  case other(String)

  /// In words, for an error.
  package var found: String {
    switch self {
    case .png: "a PNG"
    case .jpeg: "a JPEG"
    case .other(let words): words
    }
  }

  package init(of data: Data) {
    let head = [UInt8](data.prefix(16))
    func starts(_ text: String, at offset: Int = 0) -> Bool {
      head.dropFirst(offset).starts(with: text.utf8)
    }
    if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if head.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if head.isEmpty {
      self = .other("an empty file")
    } else if starts("GIF8") {
      self = .other("a GIF")
    } else if starts("RIFF") && starts("WEBP", at: 8) {
      self = .other("a WebP")
    } else if starts("BM") {
      self = .other("a BMP")
    } else if starts("II*\0") || starts("MM\0*") {
      self = .other("a TIFF")
    } else if starts("ftyp", at: 4) {
      self = .other("a HEIF, AVIF or video file")
    } else if starts("%PDF") {
      self = .other("a PDF")
    } else if starts("<svg") || starts("<?xml") {
      self = .other("an SVG or XML text")
    } else {
      let bytes = head.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      self = .other("a file that starts with the bytes \(bytes.joined(separator: " "))")
    }
  }
}

/// - Throws: `FileError` if a header claims no pixels, or more than `Image.pixelLimit`.
func checkSize(width: Int, height: Int, file: String) throws(FileError) {
  guard width > 0, height > 0 else {
    throw FileError(
      .malformed, file, "expected a picture, found \(width)×\(height) pixels in its header")
  }
  let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
  guard !overflow, pixels <= Image.pixelLimit else {
    throw FileError(
      .malformed, file,
      "expected at most \(Image.pixelLimit) pixels, found \(width)×\(height) in its header")
  }
}
