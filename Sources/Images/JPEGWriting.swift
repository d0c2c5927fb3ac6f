internal import CJPEG
public import Foundation

extension Image {
  /// The bytes of a JPEG file, without transparency: for previews of pictures that exist as PNGs.
  ///
  /// - Parameter quality: From 1 to 100, in libjpeg's steps.
  /// - Precondition: No side is 0 or longer than JPEG allows, 65 500 pixels.
  public func encodedJPEG(quality: Int) -> Data {
    precondition(
      (1...Int(JPEG_MAX_DIMENSION)).contains(width)
        && (1...Int(JPEG_MAX_DIMENSION)).contains(height),
      "a \(width)×\(height) image cannot be a JPEG")
    var output = cjpeg_output()
    let opaque = composited()
    let isDone = withUnsafeTemporaryAllocation(
      of: CChar.self, capacity: Int(CJPEG_MESSAGE_SIZE)
    ) { message in
      opaque.pixels.withUnsafeBufferPointer { pixels in
        cjpeg_write(
          pixels.baseAddress, UInt32(width), UInt32(height), Int32(quality), &output,
          message.baseAddress) == 1
      }
    }
    guard isDone, let bytes = output.bytes else {
      preconditionFailure("libjpeg does not encode \(width)×\(height)")
    }
    return Data(bytesNoCopy: bytes, count: Int(output.count), deallocator: .free)
  }
}
