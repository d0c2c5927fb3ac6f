public import Foundation

/// Results of long work in files that may be removed at any time.
///
/// A file holds the whole key that its result belongs to, and a checksum: what is damaged, foreign
/// or of another key counts as absent. Files are written under a temporary name and renamed, so
/// several processes can share a folder. Nothing here is ever a reason to fail: what cannot be
/// written is not kept.
public struct ResultCache: Sendable {
  public let folder: String
  /// In bytes, of all files together.
  private let mostBytes: Int
  private let mostFiles: Int
  /// Of one result, in bytes.
  public let mostResultBytes: Int

  /// - Parameters:
  ///   - folder: Created when there is something to keep.
  ///   - mostBytes: Of all files together; beyond it, those used least recently are removed.
  ///   - mostFiles: Likewise.
  public init(
    _ folder: String, mostBytes: Int = 200 << 20, mostFiles: Int = 200
  ) {
    (self.folder, self.mostBytes, self.mostFiles) = (folder, mostBytes, mostFiles)
    mostResultBytes = mostBytes / 4
  }

  /// What was kept for a key; nil if there is nothing, or it is damaged.
  public func result(of key: String) -> Data? {
    let path = path(of: key)
    guard let file = try? readFile(path, limit: mostResultBytes + Self.headBytes(of: key)),
      let result = Self.content(of: file, for: key)
    else { return nil }
    // Of those that are too many, the ones that nobody reads are removed first.
    utimes(path, nil)
    return result
  }

  /// Keeps a result, instead of an earlier one of the same key.
  public func keep(_ result: Data, of key: String) {
    let path = path(of: key)
    switch kindOfFile(path) {
    case .regular, .none: break
    // To open a pipe would wait for its reader.
    case .folder, .other: return
    }
    guard result.count <= mostResultBytes, (try? makeFolder(folder)) != nil,
      (try? writeFile(Self.file(of: result, for: key), to: path)) != nil
    else { return }
    removePartialFiles(in: folder)
    trim(keeping: (path as NSString).lastPathComponent)
  }

  /// Removes the result of a key, which turned out to be of something else.
  public func remove(_ key: String) { unlink(path(of: key)) }

  // MARK: Files

  private static let ending = ".scan"
  private static let magic = Data("fovea result 1\n".utf8)
  /// The hexadecimal digits of a SHA-256.
  private static let digits = 64

  /// The key's hash only finds the file.
  private func path(of key: String) -> String {
    "\(folder)/\(fingerprint(of: Data(key.utf8)))\(Self.ending)"
  }

  private static func headBytes(of key: String) -> Int {
    magic.count + digits + MemoryLayout<UInt64>.size + key.utf8.count
  }

  /// The checksum is that of everything after it: the length of the key, the key, the result.
  private static func file(of result: Data, for key: String) -> Data {
    let rest = start(for: key) + result
    return magic + Data(fingerprint(of: rest).utf8) + rest
  }

  private static func start(for key: String) -> Data {
    withUnsafeBytes(of: UInt64(key.utf8.count).littleEndian) { Data($0) } + Data(key.utf8)
  }

  /// Nil if the file is damaged or of another key.
  private static func content(of file: Data, for key: String) -> Data? {
    let start = start(for: key)
    guard file.starts(with: magic) else { return nil }
    let checksum = file.dropFirst(magic.count).prefix(digits)
    let rest = Data(file.dropFirst(magic.count + digits))
    guard rest.starts(with: start), checksum.elementsEqual(fingerprint(of: rest).utf8) else {
      return nil
    }
    return Data(rest.dropFirst(start.count))
  }

  /// Removes the files that were used least recently until the others are few and small enough.
  ///
  /// - Parameter newest: The one that was just written, which others of the same moment may seem
  ///   to be newer than.
  private func trim(keeping newest: String) {
    let names = ((try? namesInFolder(folder)) ?? []).filter(Self.isName)
    let found = names.compactMap { name in
      FileStamp(of: "\(folder)/\(name)").map { stamp in
        (name: name, size: stamp.size, used: name == newest ? .distantFuture : stamp.modified)
      }
    }.sorted { $0.used > $1.used }
    var bytes = 0
    for (position, file) in found.enumerated() {
      bytes += file.size
      if position >= mostFiles || bytes > mostBytes { unlink("\(folder)/\(file.name)") }
    }
  }

  private static func isName(_ name: String) -> Bool {
    name.wholeMatch(of: /[0-9a-f]{64}\.scan/) != nil
  }
}
