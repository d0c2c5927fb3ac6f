public import Files
public import Foundation

/// The content of a gzip file in memory.
///
/// - Parameter file: Named in errors.
/// - Throws: `FileError` if the data is truncated or corrupt.
public func gunzip(_ data: Data, file: String) throws(FileError) -> Data {
  let stream = try ByteStream(FileBytes(data, path: file))
  var content = Data()
  let size = 1 << 16
  while true {
    let part = try stream.read(atMost: size)
    content.append(part)
    if part.count < size { return content }
  }
}
