internal import Files
internal import Foundation

/// A picture file that delivers its pixels row by row, so that the picture need not be in memory as
/// a whole.
protocol RowSource {
  /// Of the stored rows, before the picture is turned upright.
  var width: Int { get }
  var height: Int { get }
  var orientation: Orientation { get }
  /// Whether every pixel is fully opaque.
  var isOpaque: Bool { get }
  /// Bits of each number in the file; rows have 8.
  var bitDepth: Int { get }
  /// The memory that the decoder needs while it works, in bytes.
  var decodingBytes: Int { get }

  /// - Parameter body: Gets each row from the top down, with its number; it may modify the row.
  /// - Throws: `FileError` if the file is truncated or corrupt; some rows may have been delivered
  ///   before.
  func forEachRow(
    _ body: (Int, UnsafeMutableBufferPointer<UInt32>) -> Void
  ) throws(FileError)
}

/// Opens the bytes of a PNG or JPEG file.
///
/// - Throws: `FileError` if the data is neither, or claims more than `Image.pixelLimit` pixels.
func openRows(_ data: Data, file: String) throws(FileError) -> any RowSource {
  switch PictureFormat(of: data) {
  case .png: return try PNGRows(data, file: file)
  case .jpeg: return try JPEGRows(data, file: file)
  case .other(let name):
    throw FileError(.malformed, file, "expected a PNG or JPEG picture, found \(name)")
  }
}

extension RowSource {
  /// The whole picture, upright.
  func image() throws(FileError) -> Image {
    var problem: FileError?
    let image = Image(width: width, height: height) { words in
      do throws(FileError) {
        try forEachRow { row, pixels in
          _ = UnsafeMutableBufferPointer(rebasing: words[(row * width)...])
            .update(fromContentsOf: pixels)
        }
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
    return image.turned(as: orientation)
  }
}

/// Passes the rows of a C decoder on to a closure.
final class RowReceiver {
  private let width: Int
  private let body: (Int, UnsafeMutableBufferPointer<UInt32>) -> Void

  private init(width: Int, body: @escaping (Int, UnsafeMutableBufferPointer<UInt32>) -> Void) {
    (self.width, self.body) = (width, body)
  }

  /// Runs a decoder with a receiver for its `context`.
  static func run<R>(
    width: Int, _ body: (Int, UnsafeMutableBufferPointer<UInt32>) -> Void,
    _ decode: (UnsafeMutableRawPointer) -> R
  ) -> R {
    withoutActuallyEscaping(body) { body in
      let receiver = RowReceiver(width: width, body: body)
      return withExtendedLifetime(receiver) {
        decode(Unmanaged.passUnretained(receiver).toOpaque())
      }
    }
  }

  /// The function that the decoder calls.
  static let receive:
    @convention(c) (UnsafeMutableRawPointer?, UInt32, UnsafeMutablePointer<UInt32>?) -> Void = {
      context, row, pixels in
      guard let context else { return }
      let receiver = Unmanaged<RowReceiver>.fromOpaque(context).takeUnretainedValue()
      receiver.body(Int(row), UnsafeMutableBufferPointer(start: pixels, count: receiver.width))
    }
}
