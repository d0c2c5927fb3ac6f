public import Files
public import Foundation

/// The regular files in a tar archive (POSIX.1-1988, ustar), optionally compressed with gzip.
public struct TarArchive {
  public struct Entry: Sendable {
    public let name: String
    public let content: Data
  }

  public let entries: [Entry]

  /// - Throws: `FileError` if the archive is missing or truncated.
  public init(_ path: String) throws(FileError) {
    var data = try readFile(path)
    if isGzip(data) { data = try gunzip(data, file: path) }
    let block = 512
    var entries: [Entry] = []
    var position = 0
    while position + block <= data.count {
      let header = data[(data.startIndex + position)..<(data.startIndex + position + block)]
      func text(_ offset: Int, _ count: Int) -> String {
        let field = header[(header.startIndex + offset)..<(header.startIndex + offset + count)]
        return String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
      }
      let name = text(0, 100)
      if name.isEmpty { break }
      guard let size = Int(text(124, 11).trimmingCharacters(in: .whitespaces), radix: 8),
        position + block + size <= data.count
      else { throw FileError(.malformed, path, "expected a whole archive") }
      let prefix = text(345, 155)
      // Other kinds are folders and links.
      if ["", "0"].contains(text(156, 1)) {
        let start = data.startIndex + position + block
        entries.append(
          Entry(
            name: prefix.isEmpty ? name : "\(prefix)/\(name)",
            content: Data(data[start..<(start + size)])))
      }
      position += block + (size + block - 1) / block * block
    }
    self.entries = entries
  }
}
