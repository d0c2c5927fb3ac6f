internal import CCrypto
public import Foundation
internal import Synchronization

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
public func fingerprint(of data: Data) -> String {
  var digest = SHA256Digest()
  data.withUnsafeBytes { digest.update($0) }
  return digest.text
}

/// The SHA-256 of a file, read in chunks.
///
/// - Throws: `FileError` if it cannot be read.
public func fingerprint(of file: OpenFile) throws(FileError) -> String {
  var digest = SHA256Digest()
  for part in parts(of: file) { try digest.update(file, part) }
  return digest.text
}

private func parts(of file: OpenFile) -> [Range<Int>] {
  let size = 1 << 20
  return stride(from: 0, to: file.size, by: size).map { $0..<min($0 + size, file.size) }
}

/// The SHA-256 of everything that is read of a file and of those opened through it, computed on
/// another thread while the file is read.
///
/// For a single file, it is that file's hash. For several, it is the hash of the list that
/// `sha256sum FILE COMPANION…` prints in the file's folder: one line each, the companions sorted by
/// path.
public final class PendingFingerprint: Sendable {
  private let bytes: FileBytes
  private let request = Request()
  /// That of the file itself; nil for bytes in memory, and if nobody wanted it any more.
  private let own: Prefetch<String?, FileError>

  private final class Request: Sendable {
    let isWithdrawn = Atomic(false)
  }

  public init(of bytes: FileBytes) {
    self.bytes = bytes
    let (file, request) = (bytes.files.first, request)
    own = Prefetch { () throws(FileError) -> String? in
      guard let file else { return nil }
      var digest = SHA256Digest()
      for part in parts(of: file) {
        if request.isWithdrawn.load(ordering: .relaxed) { return nil }
        try digest.update(file, part)
      }
      return digest.text
    }
  }

  /// Waits for the other thread, since OpenSSL must not be in use when the process exits.
  deinit {
    request.isWithdrawn.store(true, ordering: .relaxed)
    own.wait()
  }

  /// That of everything that was read until now; call it once.
  ///
  /// - Throws: `FileError` if one of the files can no longer be read, or was modified in the
  ///   meantime.
  public func value() throws(FileError) -> String {
    if let data = bytes.data { return fingerprint(of: data) }
    let files = bytes.files
    var prints: [String] = []
    if let print = try own.take() { prints.append(print) }
    for file in files.dropFirst() { prints.append(try fingerprint(of: file)) }
    for file in files { try file.checkUnchanged() }
    guard files.count > 1 else { return prints[0] }
    let folder = bytes.path.lastIndex(of: "/").map { String(bytes.path[...$0]) } ?? ""
    let lines = zip(files, prints).map { "\($1)  \(name(of: $0.path, in: folder))\n" }
    return fingerprint(of: Data(lines.joined().utf8))
  }
}

/// A path relative to a folder, wherever the folder is; a reader may have resolved its links.
private func name(of path: String, in folder: String) -> String {
  let resolved = URL(filePath: folder.isEmpty ? "." : folder).resolvingSymlinksInPath()
    .standardizedFileURL.path(percentEncoded: false)
  for start in [folder, resolved.hasSuffix("/") ? resolved : resolved + "/"]
  where path.hasPrefix(start) && path.hasPrefix("/") == start.hasPrefix("/") {
    return String(path.dropFirst(start.count))
  }
  return path
}

private struct SHA256Digest: ~Copyable {
  private let context = EVP_MD_CTX_new()

  init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

  deinit { EVP_MD_CTX_free(context) }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  mutating func update(_ file: OpenFile, _ range: Range<Int>) throws(FileError) {
    try file.read(range).withUnsafeBytes { update($0) }
  }

  var text: String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    EVP_DigestFinal_ex(context, &digest, nil)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
