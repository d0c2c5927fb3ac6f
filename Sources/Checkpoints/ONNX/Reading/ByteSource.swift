internal import Files
internal import Foundation

/// Where a model's bytes are: in memory, or in a file of which parts are read.
enum ByteSource: Sendable {
  case memory(Data, path: String)
  case file(OpenFile)

  var size: Int {
    switch self {
    case .memory(let data, _): data.count
    case .file(let file): file.size
    }
  }

  /// What errors call it.
  var path: String {
    switch self {
    case .memory(_, let path): path
    case .file(let file): file.path
    }
  }

  /// Fills `target` with the bytes from `offset` on.
  ///
  /// - Throws: `FileError` where there are not so many.
  func read(
    from offset: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    switch self {
    case .memory(let data, let path):
      guard offset >= 0, offset <= data.count, target.count <= data.count - offset else {
        throw FileError(
          .malformed, path, "expected \(target.count) bytes at \(offset), found \(data.count)")
      }
      data.withUnsafeBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + target.count]))
      }
    case .file(let file): try file.read(from: offset, into: target)
    }
  }

  func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var problem: FileError?
    bytes.withUnsafeMutableBytes { target in
      do throws(FileError) {
        try read(from: range.lowerBound, into: target)
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
    return bytes
  }
}
