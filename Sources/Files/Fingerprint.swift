internal import CCrypto
public import Foundation

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
  let part = 1 << 20
  for start in stride(from: 0, to: file.size, by: part) {
    try file.read(start..<min(start + part, file.size)).withUnsafeBytes { digest.update($0) }
  }
  return digest.text
}

/// The SHA-256 of everything that was read of a file and of those opened through it.
///
/// For a single file, it is that file's hash. For several, it is the hash of the list that
/// `sha256sum FILE COMPANION…` prints in the file's folder: one line each, the companions sorted by
/// path.
///
/// - Throws: `FileError` if one of them can no longer be read, or was modified in the meantime.
public func fingerprint(of bytes: FileBytes) throws(FileError) -> String {
  if let data = bytes.data { return fingerprint(of: data) }
  let files = bytes.files
  var prints: [String] = []
  for file in files {
    prints.append(try fingerprint(of: file))
    try file.checkUnchanged()
  }
  guard files.count > 1 else { return prints[0] }
  let folder = bytes.path.lastIndex(of: "/").map { String(bytes.path[...$0]) } ?? ""
  let lines = zip(files, prints).map { "\($1)  \(name(of: $0.path, in: folder))\n" }
  return fingerprint(of: Data(lines.joined().utf8))
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

  var text: String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    EVP_DigestFinal_ex(context, &digest, nil)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
